"""`slantwise agree` says in a table, in JSON and on a page how far coders agree, and which variables fail."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from command_line import ROOT, slantwise
from stores import write

import annotate
from corpus import Study
from corpus.annotations.import_public_data import create_from_data_set

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_the_json_has_the_agreed_fields(example_copy: Path) -> None:
    said = slantwise("agree", "--json", cwd=example_copy)
    found = json.loads(said.stdout)
    assert said.returncode == 0 and said.stdout == slantwise("agree", "--json", cwd=example_copy).stdout
    assert list(found["variables"]) == ["mention", "gainer", "wording", "attribution", "speaker"] == list(found["gate"])
    wording = found["variables"]["wording"]
    assert set(wording) >= {"alpha", "interval", "q", "percent", "n_units", "n_coders", "codes"}
    assert wording["interval"][0] < wording["alpha"] < wording["interval"][1] and 0 < wording["percent"] < 1
    assert set(wording["codes"]) == {"liberation", "recovery", "annexation", "accession", "occupation", "plain"}
    assert all(0 < code["alpha"] <= 1 for code in wording["codes"].values())
    assert (wording["n_units"], wording["n_coders"]) == (432, 3)
    assert found["gate"] == {
        "mention": "relied on", "gainer": "tentative", "wording": "relied on", "attribution": "tentative",
        "speaker": "tentative",
    }  # fmt: skip
    verdict = wording["verdict"]
    assert list(verdict) == ["verdict", "lower", "upper", "n_units", "n_articles", "needed"]
    assert 0.8 < verdict["lower"] < wording["alpha"] < verdict["upper"] and verdict["n_units"] == 432
    assert all(code["verdict"]["verdict"] for code in wording["codes"].values())
    assert wording["with_not_asked"]["n_units"] == 469 and wording["unweighted"] is None
    assert 0 < wording["articles"][0]["percent"] < wording["percent"] and len(wording["articles"]) == 20
    assert found["mixtures"] == [] and found["pooled"][0]["answers"] == found["answers"] and found["again"] == {}
    assert {name: coder["simulated"] for name, coder in found["coders"].items()} == {
        "authors": False,
        "simulated-1": True,
        "simulated-2": True,
    }
    assert set(found["coders"]["authors"]["variables"]["wording"]) >= {"alpha", "without", "shares", "bias", "departs"}
    assert found["by"]["attribution"]["outlet"]["wording"]["n_units"] > 100 and "Free Marn" in found["by"]["outlet"]


def test_agreement_in_python_is_that_of_the_command_and_a_table(example_copy: Path) -> None:
    said = json.loads(slantwise("agree", "--json", cwd=example_copy).stdout)
    result = annotate.agree(Study.open(example_copy))
    assert {**json.loads(json.dumps(result.json())), "page": None} == said
    table = result.table()
    assert list(table.index) == list(said["variables"])
    assert list(table.columns) == ["alpha", "interval", "q", "percent", "n_units", "gate"]
    assert table.loc["wording", "alpha"] == said["variables"]["wording"]["alpha"]
    assert "relied on" in result._repr_html_()


def test_the_table_fits_80_columns_and_names_the_simulated_coders(
    example_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess
    import sys

    said = subprocess.run(
        [sys.executable, "-m", "annotate.cli.main", "agree"], cwd=example_copy, capture_output=True, text=True,
        env={"PYTHONPATH": str(ROOT), "COLUMNS": "80", "PATH": ""},
    )  # fmt: skip
    assert said.returncode == 0 and max(map(len, said.stdout.splitlines())) <= 80
    assert re.search(r"^wording +\.854 +\[\.8\d\d, \.8\d\d\] +\.000 +89% +432 +relied on", said.stdout, re.M)
    assert "answers of simulated-1, simulated-2 are simulated: a test of the software, not evidence" in " ".join(
        said.stdout.split()
    )


ROWS: list[dict[str, Any]] = [
    {"id": f"r{n}", "article_id": f"a{n}", "outlet": "The <b>Herald</b>", "text": f"<script>alert({n})</script> fell *{n}*.",
     "labels": {"ada": code, "ben": other}}
    for n, (code, other) in enumerate([("biased", "non-biased"), ("non-biased", "biased"), ("biased", "biased")] * 8)
]  # fmt: skip


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("failing")
    file = write(folder, {"rows.jsonl": "\n".join(map(json.dumps, ROWS))}) / "rows.jsonl"
    create_from_data_set(folder / "study", "babe", file).study.store.close()
    return folder / "study"


def test_a_variable_that_fails_does_so_loudly(failing: Path) -> None:
    said = slantwise("agree", cwd=failing)
    assert said.returncode == 0 and "FAILS: bias (below .667: base no estimate on it)" in said.stdout
    assert json.loads(slantwise("agree", "--json", cwd=failing).stdout)["gate"] == {"bias": "fails"}


def test_texts_stand_on_the_page_as_they_are_and_nothing_is_fetched(failing: Path) -> None:
    said = slantwise("agree", "--page", "--json", cwd=failing)
    page = Path(failing, json.loads(said.stdout)["page"]).read_text(encoding="utf-8")
    assert "<script" not in page and re.search(
        r"<mark>&lt;script&gt;alert\((\d+)\)&lt;/script&gt; fell \*\1\*\.</mark>", page
    )
    assert "The &lt;b&gt;Herald&lt;/b&gt;" in page and "bias fails." in page
    assert not re.search(r"""(src|href)=["'](?!#|data:)""", page)


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_is_readable_on_a_phone_and_a_screen(
    example_copy: Path, failing: Path, chromium: Browser, width: int
) -> None:
    for folder in (example_copy, failing):
        assert slantwise("agree", "--page", cwd=folder).returncode == 0
        tab = chromium.new_page(viewport={"width": width, "height": 900})
        said: list[str] = []
        tab.on("console", lambda message, said=said: said.append(message.text))
        tab.on(
            "request",
            lambda request, said=said: None if request.url.startswith(("file:", "data:")) else said.append(request.url),
        )
        tab.goto((folder / "reports" / "agreement.html").as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") == width and said == []
        assert tab.locator("#fails").count() == (folder == failing)
        first = tab.locator(".divided li").first
        assert first.locator("mark").count() == 1 and first.locator("dt").count() >= 2
        tab.close()


def test_exit_code_2_where_no_two_coders_meet(tmp_path: Path) -> None:
    rows = [{**row, "labels": {"ada": "biased"}} for row in ROWS]
    file = write(tmp_path, {"rows.jsonl": "\n".join(map(json.dumps, rows))}) / "rows.jsonl"
    create_from_data_set(tmp_path / "study", "babe", file).study.store.close()
    said = slantwise("agree", "--json", cwd=tmp_path / "study")
    assert said.returncode == 2 and said.stdout == ""
    assert "only one coder (ada); agreement needs two" in " ".join(said.stderr.split())
