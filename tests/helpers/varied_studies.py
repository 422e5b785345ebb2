"""A study in which everything can be counted otherwise: copies, events, headlines, three coders, changed texts."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from stores import study_in, write

from annotate.rounds.draw import draw
from annotate.rounds.rounds import assignments
from corpus.annotation import Annotation, Design
from corpus.annotations.cross_fitted import copy_groups_of, fold_of, framed_spans
from corpus.annotations.record import record
from corpus.articles.ingest import add
from corpus.study import Study
from corpus.study import database as db
from models.suggestions.stored_suggestions import store_new, suggestion_rows

BOOK = """\
name: varied
version: "1"
unit: mention
mention:
  terms: [took, liberat*, retook]
variables:
  - name: mention
    question: Is it about control?
    codes: [{name: none}, {name: denied}, {name: background}, {name: change}]
  - name: wording
    question: Which wording?
    asked_when: {mention: [denied, background, change]}
    codes: [{name: plain}, {name: liberation}, {name: recovery}]
  - name: attribution
    question: Whose words?
    asked_when: {mention: [denied, background, change]}
    codes: [{name: outlet}, {name: quoted}]
focus: wording
robustness:
  merge: {wording: {regaining: [liberation, recovery]}}
  without: {mention: [denied, background]}
"""
OUTLETS = {"Herald": (0.65, 0.1), "Courier": (0.15, 0.2), "Post": (0.4, 0.2)}  # shares of liberation and of recovery
CODERS = ("mira", "jon", "kim")
NAMES = ("Velo", "Karsk", "Ardun", "Marn", "Lantry", "Tessel", "Brod", "Orsk", "Senn", "Galt", "Pirra", "Dunmor")
SEED = 5
KEPT = {8: 0.84, 14: 0.68}  # of articles of the Herald, the share that one of the Post has
VERBS = {"liberation": "liberated", "recovery": "retook", "plain": "took"}


def varied_study(folder: Path, *, articles: int = 18, spans: int = 150) -> Study:
    """Make the study, with a main round that three coders have coded, and predictions.

    Some of the Courier's articles are copies of the Herald's and two of the Post's begin as one of the Herald's; each fourth
    article has a mention in its headline, and of every eighth a later revision lacks the last paragraph.
    """
    study, rng = study_in(folder, BOOK), random.Random(SEED)
    herald: list[str] = []
    for outlet, shares in OUTLETS.items():
        texts: dict[str, str] = {}
        rows = ""
        for number in range(articles):
            copied = outlet == "Courier" and number % 6 == 0
            text = herald[number] if copied else _text(rng, shares, headline=number % 4 == 1)
            if outlet == "Post" and number in KEPT:
                text = _with_another_end(herald[number], KEPT[number], rng)
            herald += [text] if outlet == "Herald" else []
            file = f"{outlet}/{number}.txt"
            texts[file] = text
            event = f"event-{number % 5}" if number % 3 else ""
            origin = "Herald" if copied else ""
            rows += f"{file},{outlet},2024-{1 + number % 3:02}-1{number % 9},{event},{origin}\n"
        place = folder.with_name(f"{folder.name} {outlet}")
        manifest = "file,outlet,published,event,originator\n" + rows
        assert add(study, [write(place, {**texts, "manifest.csv": manifest})]).refusals == []
        shorter = {file: text.rsplit("\n\n", 1)[0] for file, text in list(texts.items())[2::8]}
        assert add(study, [write(place, shorter)]).refusals == []
    draw(study, "main", list(CODERS), spans=spans, design=Design(overlap=0.4, no_term=0.0, by=("outlet",)))
    _code(study)
    _predict(study)
    return study


def _text(rng: random.Random, shares: tuple[float, float], *, headline: bool) -> str:
    """One to five mentions; each paragraph has words of its own."""
    liberation, recovery = shares

    def mention() -> str:
        a, b = rng.sample(NAMES, 2)
        chance = rng.random()
        verb = VERBS["liberation" if chance < liberation else "recovery" if chance < liberation + recovery else "plain"]
        return f"Troops from {a} {verb} the town of {b}"

    first = mention() if headline else f"News of {rng.randrange(10**6)}"
    paragraphs = []
    for _ in range(rng.randrange(1, 6)):
        words = " ".join("".join(rng.choices("abdegiklmnoprstu", k=6)) for _ in range(18))
        paragraphs.append(f"{mention()} on day {rng.randrange(1, 400)}, {words}.")
    return "\n\n".join([first, *paragraphs])


def _with_another_end(text: str, share: float, rng: random.Random) -> str:
    """The first words of a text, and as many others as it takes to be as long."""
    words = text.split(" ")
    kept = round(share * len(words))
    return " ".join(words[:kept] + ["".join(rng.choices("abdegiklmnoprstu", k=6)) for _ in words[kept:]])


def true_codes(study: Study) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the right codes of every mention: its verb is its wording, a third is quoted."""
    codes: dict[str, dict[str, tuple[str, ...]]] = {}
    spans = study.spans()
    for span, text in spans[spans["unit"] == "mention"][["span", "text"]].itertuples(index=False, name=None):
        rng = random.Random(f"{SEED} {span}")
        kind = rng.choices(("none", "denied", "background", "change"), (1, 1, 2, 8))[0]
        codes[span] = {"mention": (kind,)}
        if kind != "none":
            wording = next(code for code, verb in VERBS.items() if text == verb)
            codes[span] |= {"wording": (wording,), "attribution": (rng.choice(("outlet", "outlet", "quoted")),)}
    return codes


def _code(study: Study) -> None:
    truth, version = true_codes(study), study.codebook.version

    def answers() -> Iterable[tuple[str, Annotation]]:
        for number, given in enumerate(assignments(study, "main")):
            slips = random.Random(f"{given.coder} {given.span}").random() < 0.03
            for variable, codes in truth[given.span].items():
                if variable == "wording" and slips:
                    codes = ("plain",) if codes == ("liberation",) else ("liberation",)
                made_at = f"2024-05-01T10:{number // 60 % 60:02}:{number % 60:02}+00:00"
                annotation = Annotation(given.span, variable, codes, given.coder, version, "main", made_at=made_at)
                yield f"answer {number}", annotation

    assert record(study, answers()).refusals == []


def _predict(study: Study) -> None:
    """Store predictions as cross-fitting does."""
    truth, rng = true_codes(study), np.random.default_rng(SEED)
    spans = sorted(framed_spans(study))
    groups, seed = copy_groups_of(study, spans), study.settings.model.seed
    classes = {variable.name: variable.code_names for variable in study.codebook.variables}
    with study.store.writing() as connection:
        for span in spans:
            probabilities = {}
            for name, codes in classes.items():
                right, sure = truth[span].get(name, (codes[0],))[0], float(np.clip(rng.normal(0.75, 0.2), 0.02, 0.98))
                row = [sure if code == right else (1 - sure) / (len(codes) - 1) for code in codes]
                probabilities[name] = np.array([row])
            store_new(
                connection, suggestion_rows(classes, probabilities, [span], "x-test", fold_of(groups[span], seed))
            )
        db.set_meta(connection, db.CROSS_FITTED, "x-test")
