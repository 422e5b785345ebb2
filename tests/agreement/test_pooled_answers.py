"""`agree` says whose answers it pools, each language's verdict, and which answers were changed after handing in."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from town_studies import code_round, town_study

from annotate import agree, close_round
from annotate.agreement.agreement import Agreement
from annotate.cli.coding.agree import show
from annotate.report.agreement_page import render_agreement
from annotate.rounds.draw import draw
from annotate.rounds.rounds import assignments
from corpus.annotation import Design
from corpus.annotations.rows import add_annotations
from corpus.study import database as db


def printed(agreement: Agreement) -> str:
    text = io.StringIO()
    show(agreement, Console(file=text, width=200))
    return text.getvalue()


def test_rounds_purposes_coders_and_languages_are_named_and_late_changes_counted(tmp_path: Path) -> None:
    study = town_study(tmp_path / "towns", articles=6)
    ids = study.articles()["article"].tolist()
    with study.store.writing() as connection:
        for language, some in (("uk", ids[:9]), ("en", ids[9:])):
            connection.execute(db.articles.update().where(db.articles.c.id.in_(some)).values(language=language))
    for name, purpose in (("first", "reliability"), ("second", "main")):
        draw(study, name, ["mira", "jon"], spans=26, purpose=purpose, design=Design(no_term=0))  # type: ignore[arg-type]
        code_round(study, name, slips=0.1)
    one = assignments(study, "first", "mira")[0]
    close_round(study, "first")
    late = {"span": one.span, "variable": "mention", "coder": "mira", "round": "first"}
    given = study.annotations().query("span == @one.span and coder == 'mira' and variable == 'mention'")["code"].item()
    changed = {**late, "code": {"none": "change", "change": "none"}[given], "made_at": datetime.now(UTC).isoformat()}
    assert add_annotations(study, [changed]).late == 1
    agreement = agree(study)
    said, page = printed(agreement), render_agreement(study, agreement)
    for pool in ("first (reliability)", "second (main)"):
        assert f"pooled: {pool}: " in said and f"{pool}: " in page and "answers by jon, mira, 2024-05-01" in said
    assert "mixture: rounds of different purposes are pooled: main and reliability" in said
    assert "1 answer changed after handing in; the first one counts" in page
    languages = agreement.by["language"]
    assert set(languages) == {"en", "uk"}
    for language, figures in languages.items():
        assert f"language {language}: mention " in said
        assert all(f"{name} " in said and f"({one.gate})" in said for name, one in figures.items())
    assert page.count('<span class="gate') >= 2 * len(languages)
    assert "pooled:" not in printed(agree(study, "second"))
