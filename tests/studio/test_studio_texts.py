"""A thousand hard texts go through a real Label Studio and every offset comes back as it went."""

from __future__ import annotations

import random
import uuid
from pathlib import Path

from annotate.studio.client import Studio
from annotate.studio.server import Servers
from annotate.tasks.interface import MARK, PASSAGE, configuration
from annotate.tasks.task import ShownPassage, make_task, read_task
from corpus.annotation import Assignment
from corpus.article import normalise
from corpus.codebook import load
from corpus.span import Span

PIECES = [
    "😀", "🇺🇦🇩🇪", "👨‍👩‍👧‍👦", "👩🏽‍🚀", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️", "e\u0301", "n\u0303o\u0308", "q\u0323\u0307", "Звільнене місто", "Освобождён",
    "تحرير المدينة", "שחרור העיר", "\u200fRTL\u200e", "\u2067x\u2069", "„deutsch“", "«français »", "“English”", "『日本』", "»dansk«",
    "‘single’", "<b>bold</b>", "&amp;", "$sw_text", "{{x}}", "\\n", "\ttab", "two  blanks", "\n\nnew paragraph", "\u00adsoft", "\ufeff",
    "𝕬𝖗𝖉𝖚𝖓", "𠜎𠜱", "ﬁ", "½", "\u2028line", "\x07bell", "'\"`", "100 %", "liberated",
]  # fmt: skip


def test_a_thousand_hard_texts_come_back_with_the_same_offsets(label_studio: Path) -> None:
    rng, book = random.Random(7), load("territorial-control")
    sent: dict[str, tuple[ShownPassage, int, int]] = {}
    while len(sent) < 1000:
        text = normalise(" ".join(rng.choice(PIECES) for _ in range(rng.randint(3, 14))))
        span = Span(f"{len(sent):012x}-00000000", 0, len(text), "article")
        start = rng.randrange(len(text))
        sent[span.id] = (ShownPassage(span.id, "highlight", "", text), start, rng.randint(start + 1, len(text)))
    who = {id: Assignment("hard", id, "mira", "blind", 1.0) for id in sent}
    servers = Servers(label_studio)
    (server,) = servers.servers
    with Studio(server.url, server.token) as studio:
        mine = studio.accounts()[servers.account("mira").email]
        settings = {"title": f"hard {uuid.uuid4().hex[:6]}", "label_config": configuration(book, "highlight")}
        project = studio.make_project(settings)
        tasks = []
        for id, (seen, start, end) in sent.items():
            value = {"start": start, "end": end, "text": seen.content[start:end]}
            result = [
                {"id": "r", "from_name": MARK, "to_name": PASSAGE, "type": "labels", "value": {**value, "labels": ["marked"]}},
                {"id": "r", "from_name": "mention", "to_name": PASSAGE, "type": "choices", "value": {**value, "choices": ["none"]}},
            ]  # fmt: skip
            # a coder's answer, sent along with the task: a thousand single requests would take minutes
            tasks.append({**make_task(seen, who[id], book), "annotations": [{"result": result, "completed_by": mine}]})
        ids = [id for part in (tasks[:500], tasks[500:]) for id in studio.import_tasks(project, part)]
        exported = [one for part in (ids[:500], ids[500:]) for one in studio.export(project, part)]
    wrong = []
    for one in exported:
        seen, start, end = sent[one["data"]["sw_span"]]
        done = read_task(one, seen, who[seen.span], book, {mine})
        expected = Span(Span.from_id(seen.span).revision, start, end, "mention").id
        if done.faults or [one.span for one in done.given] != [expected]:
            wrong.append((seen.content, start, end, done))
    assert len(exported) == 1000 and wrong == []
