"""Small changes in a large corpus: what is kept instead of counted is right, and costs do not grow with the corpus."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import pandas as pd
import pytest
from conftest import opened
from sqlalchemy import Connection, select, text
from stores import BODY, BOOK, MORE, code, rewritten, study_in, write

from annotate.rounds import shown_suggestions
from corpus import Study
from corpus.annotations.rows import add_annotations
from corpus.article import Article
from corpus.articles.identity import Identity
from corpus.articles.ingest import add
from corpus.articles.multi_article_texts import split_article
from corpus.articles.paragraphs import mark_paragraph, show_article
from corpus.articles.spans import respan
from corpus.attribution.attribution import ATTRIBUTIONS
from corpus.errors import BadStudy
from corpus.span import Span
from corpus.study import database as db
from corpus.study.bookkeeping import claim, pending, recount
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


def test_an_article_that_is_not_split_yet_is_said_to_have_no_spans(empty_study: Study, tmp_path: Path) -> None:
    (article,) = add(empty_study, write(tmp_path / "in", {"a.txt": BODY}), outlet="Herald").new
    with empty_study.store.writing() as connection:
        connection.execute(db.spans.delete())
    with pytest.raises(BadStudy, match=f"{article} has no spans yet; find them with: slantwise respan"):
        show_article(empty_study, article)


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


def test_two_who_add_the_same_article_at_once_count_it_once(
    empty_study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one comes when the first has looked whether the article is known, and has to wait for it."""
    from corpus.articles import ingest

    texts = write(tmp_path / "in", {"a.txt": f"{BODY}\n\n{FOOTER}"})
    look, others = ingest.identify, list[threading.Thread]()

    def add_too() -> None:
        with opened(empty_study.folder) as study:
            add(study, texts, outlet="Herald")

    def look_and_let_another_add(connection: Connection, article: Article, text: str, id: str) -> Identity:
        known = look(connection, article, text, id)
        if not others:
            others.append(threading.Thread(target=add_too))
            others[0].start()
            others[0].join(timeout=1)
        return known

    monkeypatch.setattr(ingest, "identify", look_and_let_another_add)
    add(empty_study, texts, outlet="Herald")
    others[0].join()
    check(empty_study)
    assert status(empty_study).articles == 1


def test_a_text_coded_after_it_was_noted_to_be_split_again_keeps_its_spans(
    empty_study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Respanning is stopped, and before it goes on an answer comes in."""
    from corpus.articles import spans

    add(empty_study, write(tmp_path / "in", {"a.txt": BODY, "b.txt": f"{BODY} {MORE}"}), outlet="Herald")
    mentions = empty_study.spans().query("unit == 'mention'")["span"].tolist()
    again = rewritten(empty_study, "[took, liberat*]", "[took, army]")
    monkeypatch.setattr(spans, "BATCH", 1)

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        respan(again, progress=stop)
    with again.store.reading() as connection:
        (waiting,) = pending(connection, "split")
    (coded,) = (span for span in mentions if span.startswith(waiting))
    add_annotations(again, [{"span": coded, "variable": "wording", "code": "plain", "coder": "mira"}])
    assert respan(again).split == 0 and not again.spans_out_of_date
    assert sorted(again.spans().query("unit == 'mention'")["text"]) == ["army took", "took"]
    check(again)
    again.store.close()


def test_a_span_that_an_answer_to_a_later_text_adds_to_the_first_is_to_be_scored(
    empty_study: Study, tmp_path: Path
) -> None:
    add(empty_study, write(tmp_path / "in", {"a.txt": f"{BODY}\n\n{MORE}"}), outlet="Herald")
    add(empty_study, write(tmp_path / "in", {"a.txt": f"{BODY}\n\nA witness agreed."}), outlet="Herald")
    with empty_study.store.writing() as connection:
        claim(connection, "score")
        r = db.revisions.c
        first, later = connection.execute(select(r.id).order_by(r.number)).scalars()
    span = Span(later, 0, 9, "mention").id
    add_annotations(empty_study, [{"span": span, "variable": "wording", "code": "plain", "coder": "mira"}])
    assert Span(first, 0, 9, "mention").id in empty_study.eligible()["span"].tolist()
    with empty_study.store.reading() as connection:
        assert first in pending(connection, "score")


def test_suggestions_by_rule_are_counted_until_their_spans_are_split_again(tmp_path: Path) -> None:
    codes = ", ".join(f"{{name: {name}}}" for name in ATTRIBUTIONS)
    book = f"{BOOK}  - name: attribution\n    question: Whose words?\n    codes: [{codes}]\n"
    study = study_in(tmp_path / "study", book)
    add(study, write(tmp_path / "in", {"a.txt": BODY, "b.txt": f"{BODY} {MORE}"}), outlet="Herald")
    assert len(shown_suggestions.suggestions(study, study.eligible()["span"].tolist())) == 2
    check(study)
    again = rewritten(study, "[took, liberat*]", "[took, army]")
    assert respan(again).split == 2
    check(again)
    again.store.close()


def test_what_was_to_be_scored_stays_so_when_the_codebook_changes_and_changes_back(valley: Study) -> None:
    """Scoring everything for another codebook is stopped; the articles that were new before are still to be scored."""
    from models.suggestions.suggest import _changed_revisions

    with valley.store.writing() as connection:
        db.set_meta(connection, "scored", "this codebook")
        new = pending(connection, "score")
    assert new and _changed_revisions(valley, "another codebook") is None
    assert _changed_revisions(valley, "this codebook") == new


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
