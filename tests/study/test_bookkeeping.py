"""Small changes in a large corpus: what is kept instead of counted is right, and costs do not grow with the corpus."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select, text
from stores import BODY, MORE, code, study_in, write

from corpus import Study
from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.articles.multi_article_texts import split_article
from corpus.articles.paragraphs import mark_paragraph, show_article
from corpus.articles.spans import respan
from corpus.study import database as db
from corpus.study.bookkeeping import recount
from corpus.study.status import status

FOOTER = "Subscribe to our newsletter for the latest news from the whole valley every morning."


def kept(study: Study) -> dict[tuple[str, str], int]:
    with study.store.reading() as connection:
        return {(row.what, row.name): row.n for row in connection.execute(select(db.tallies)) if row.n}


def check(study: Study) -> None:
    """What is kept is what counting gives, and the counts of paragraphs are those of the first revisions."""
    before = kept(study)
    with study.store.writing() as connection:
        recount(connection)
    assert kept(study) == before != {}
    with study.store.reading() as connection:
        counts = connection.execute(select(db.paragraph_counts.c.articles)).scalars().all()
    assert sum(counts) == sum(len(set(words.split("\n\n"))) for words in study.articles()["text"])


def test_what_is_kept_is_right_whatever_is_done(empty_study: Study, tmp_path: Path) -> None:
    study = empty_study
    live = "\n\n".join(
        [f"Northland’s army takes {town} after a siege of nine days\n\n10:3{n} a.m.\n\n{BODY} {MORE}" for n, town in
         enumerate(("Velo", "Brenik", "Karsk", "Marn"))]
    )  # fmt: skip
    files = {"a.txt": f"{BODY}\n\n{FOOTER}", "b.txt": f"{MORE}\n\n{FOOTER}", "c.txt": BODY, "live.txt": live}
    folder = write(tmp_path / "in", files)
    added = add(study, folder, outlet="Herald")
    check(study)
    assert status(study).articles == 4 and status(study).copy_groups == len(set(study.articles()["copy_group"]))
    add(study, folder, outlet="Courier")
    check(study)
    assert status(study).copy_groups == len(set(study.articles()["copy_group"])) < 8
    write(folder, {"b.txt": f"{MORE}\n\nThey took the bridge.\n\n{FOOTER}"})
    add(study, folder, outlet="Herald")
    check(study)
    whole = next(article for article in added.new if study.articles().set_index("article").text[article] == live)
    split_article(study, whole, yes=True)
    check(study)
    paragraph = next(p for p in show_article(study, added.new[1]).paragraphs if p.kind == "paragraph")
    mark_paragraph(study, paragraph.revision, paragraph.start, paragraph.end, "furniture")
    check(study)
    code(study, "took")
    place = {"article": study.articles()["article"].iloc[0], "start": 0, "end": 9}
    add_annotations(study, [{"span": place, "variable": "wording", "code": "plain", "coder": "mira"}])
    check(study)
    book = study.folder / "codebook.yaml"
    book.write_text(book.read_text().replace("[took, liberat*]", "[took, army]"))
    again = Study.open(study.folder)
    assert respan(again).split > 0 == respan(again).split
    check(again)
    again.store.close()


def test_splitting_that_was_stopped_goes_on_where_it_stopped(
    empty_study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corpus.articles import spans

    add(empty_study, write(tmp_path / "in", {f"{n}.txt": f"{BODY} {n}" for n in range(5)}), outlet="Herald")
    book = empty_study.folder / "codebook.yaml"
    book.write_text(book.read_text().replace("[took, liberat*]", "[took, army]"))
    again = Study.open(empty_study.folder)
    monkeypatch.setattr(spans, "BATCH", 2)
    shares: list[float] = []

    def stop(share: float) -> None:
        shares.append(share)
        if len(shares) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        respan(again, progress=stop)
    assert shares == [0.4, 0.8] and again.spans_out_of_date
    assert respan(again).split == 1 and not again.spans_out_of_date
    assert sorted(again.spans().query("unit == 'mention'")["text"].unique()) == ["army took"]
    again.store.close()


def test_small_changes_cost_as_much_in_a_large_corpus_as_in_a_small_one(tmp_path: Path) -> None:
    """Sixteen times the articles, less than half as much again; the benchmark has 20,000 articles."""
    small, large = study_of(tmp_path / "small", 25), study_of(tmp_path / "large", 400)
    for study in (small, large):
        study.codebook  # noqa: B018 - read before it is timed
    acts = (store_answer, add_article, status)
    for act in acts:
        ratios = [seconds(act, large) / seconds(act, small) for _ in range(7)]
        assert sorted(ratios)[1] < 1.5, act.__name__
    for study in (small, large):
        study.store.close()


def study_of(folder: Path, articles: int) -> Study:
    study = study_in(folder)
    rows = ({"id": str(n), "outlet": f"Outlet {n % 4}", "text": invented(n)} for n in range(articles))
    add(study, pd.DataFrame(rows))
    return study


def invented(n: int) -> str:
    """An article of nine paragraphs whose words are its own, so that it shares next to nothing with others."""
    draw = random.Random(n)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvw", k=7)) for _ in range(180)]
    return "\n\n".join(f"The {' '.join(words[20 * k : 20 * k + 20])} took {words[k]}." for k in range(9))


def seconds(act: object, study: Study) -> float:
    started = time.process_time()
    act(study)  # type: ignore[operator]
    return time.process_time() - started


def store_answer(study: Study) -> None:
    with study.store.reading() as connection:
        span = connection.execute(text("SELECT id FROM spans WHERE unit = 'mention' ORDER BY id LIMIT 1")).scalar_one()
    add_annotations(study, [{"span": span, "variable": "wording", "code": "plain", "coder": str(time.time_ns())}])


def add_article(study: Study) -> None:
    key = time.time_ns()
    added = add(study, pd.DataFrame([{"id": str(key), "outlet": "Outlet 1", "text": invented(key % 10**9)}]))
    assert len(added.new) == 1
