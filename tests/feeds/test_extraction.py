"""Extraction: articles are cut out of real pages, better than by trafilatura's defaults; the floor only rises."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import slantwise
from newsroom import STORY, article

from corpus.errors import BadFile
from corpus.feeds.extraction_benchmark import ExtractionScore, measure_extraction, score_extraction, shingle_counts
from corpus.readers.html import draft_of_page
from corpus.text.language import choose_language

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from furniture import page_paragraphs as judged
from furniture import score_kinds

FLOOR = 0.958  # F1 on the 90 pages in ../shared; only ever raised


def test_the_floor_holds_on_real_pages_and_lies_above_trafilaturas_own(shared: Path) -> None:
    found = measure_extraction(shared / "data" / "extraction")
    assert found.pages == 90 and found.refusals == ()
    assert found.mean.f1 >= FLOOR
    assert found.mean.f1 >= found.baselines["trafilatura"].f1 + 0.005


@pytest.mark.parametrize(
    (
        "kind",
        "precision",
        "recall",
    ),  # floors: they only rise; 106 of the 119 lost paragraphs are of two pages of recipes
    [("body", 0.90, 0.93), ("not body", 0.54, 0.44)],
)
def test_what_belongs_to_the_page_is_told_from_the_body_on_real_pages(
    judged_pages: dict[str, dict[str, Any]], kind: str, precision: float, recall: float
) -> None:
    assert judged_pages[kind]["precision"] >= precision
    assert judged_pages[kind]["recall"] >= recall


@pytest.fixture(scope="module")
def judged_pages(shared: Path) -> dict[str, dict[str, Any]]:
    return score_kinds(judged(shared / "data" / "extraction"))


def pages(folder: Path, *texts: str) -> Path:
    (folder / "html").mkdir(parents=True)
    truth = {str(n): {"articleBody": text, "url": f"https://h.example/{n}"} for n, text in enumerate(texts)}
    (folder / "ground-truth.json").write_text(json.dumps(truth))
    for n in range(len(texts)):
        (folder / "html" / f"{n}.html.gz").write_bytes(gzip.compress(article(n).encode()))
    return folder


def test_the_protocol_counts_runs_of_four_words() -> None:
    assert score_extraction("a b c d e", "a b c d") == ExtractionScore(0.5, 1.0)
    assert score_extraction("a b c d a b c d", "a b c d") == ExtractionScore(
        1 / 5, 1.0
    )  # a multiset: what stands twice is taken twice
    assert score_extraction("", "a b c d") == ExtractionScore(1.0, 0.0) and score_extraction(
        "a", "a"
    ) == ExtractionScore(1.0, 1.0)
    assert sum(shingle_counts("only three words").values()) == 1 and not shingle_counts("…")
    assert ExtractionScore(0.5, 1.0).f1 == pytest.approx(2 / 3) and ExtractionScore(0, 0).f1 == 0


def test_the_command_measures_beside_trafilatura(tmp_path: Path) -> None:
    truths = ["\n".join(part.format(n=n) for part in STORY) for n in range(3)]
    folder = pages(tmp_path / "pages", *truths)
    said = slantwise("benchmark", "extraction", folder, "--json", cwd=tmp_path)
    found = json.loads(said.stdout)
    assert said.returncode == 0 and found["pages"] == 3
    assert found["mean"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert found["baselines"]["trafilatura"]["precision"] < 1  # which takes the headline for the body's
    assert "trafilatura" in slantwise("benchmark", "extraction", folder, cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("truth", "said"),
    [(None, "cannot be opened"), ("{", "is not JSON"), ("[]", "has no pages"), ('{"a": {}}', "has no articleBody"),
     ('{"a": {"articleBody": "x"}}', "cannot be read")],
)  # fmt: skip
def test_a_folder_without_pages_is_said(tmp_path: Path, truth: str | None, said: str) -> None:
    if truth is not None:
        (tmp_path / "ground-truth.json").write_text(truth)
    with pytest.raises(BadFile, match=said):
        measure_extraction(tmp_path)


def test_a_pages_metadata_come_with_it() -> None:
    head = (
        '<link rel="canonical" href="https://herald.example/velo"/><meta name="author" content="Mira Stahl"/>'
        '<meta property="article:published_time" content="2025-03-05T09:30:00Z"/><meta property="og:site_name" content="Herald"/>'
    )
    draft = draft_of_page(article(1, head=head).encode(), "file.html")
    assert (draft.key, draft.title, str(draft.published), draft.language) == (
        "https://herald.example/velo", "Velo falls on day 1", "2025-03-05", "en",
    )  # fmt: skip
    assert draft.metadata == {"sitename": "Herald", "author": "Mira Stahl"}


def test_the_language_of_a_text_overrules_its_page_only_where_it_is_sure() -> None:
    ukrainian = "Армія звільнила місто на світанку в понеділок, повідомило міністерство оборони країни ввечері."
    assert choose_language(ukrainian, "ru") == "uk" and choose_language(ukrainian, None) == "uk"
    assert choose_language("Velo.", "uk-UA") == "uk" and choose_language("Velo.", None) is None
