"""What add says beside its balance: no dates, outlets that differ in letters only, drawn spans that are concerned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import slantwise
from newsroom import newsroom_study, rss
from servers import Site
from stores import BODY, MORE, study_in, write

from annotate import draw
from corpus import add, add_feed, poll_feeds
from corpus.copies.address_forms import other_forms
from corpus.wording.kwic import kwic

BAKERY = "A bakery has opened again in Karsk, where bread was rationed all winter, and troops took no notice of it."


def rows(*lines: str) -> str:
    return "outlet,url,text,published\n" + "\n".join(lines) + "\n"


def test_undated_articles_are_counted(tmp_path: Path) -> None:
    study = study_in(tmp_path / "s")
    texts = write(tmp_path / "in", {"a.txt": BODY, "b.txt": BAKERY})
    note = "2 of 2 new articles have no date; name it in a manifest or in a column published, and add the files again"
    assert note in add(study, texts, outlet="Herald").notes
    again = add(study, texts, outlet="Herald")
    assert len(again.unchanged) == 2 and not any("no date" in one for one in again.notes)
    dated = write(tmp_path, {"t.csv": rows(f'Herald,https://h.example/1,"{MORE}",2025-01-03')}) / "t.csv"
    assert not any("no date" in one for one in add(study, dated).notes)


def test_a_poll_counts_its_undated_entries(tmp_path: Path, site: Site) -> None:
    study = newsroom_study(tmp_path / "study")
    site.put(
        "/feed",
        rss(
            [
                f"<item><guid isPermaLink='false'>1</guid><title>Velo</title><description>{BODY} {MORE}</description></item>"
            ]
        ),
    )
    add_feed(study, site.url("/feed"), outlet="Herald")
    assert any("the new article has no date" in one for one in poll_feeds(study).notes)


@pytest.mark.parametrize(
    "other", ["the herald", "The  HERALD", "Thé Herald", "The-Herald", "The Нerald".replace("Н", "H")]
)
def test_outlets_that_differ_in_letters_only_are_named_once(tmp_path: Path, other: str) -> None:
    study = study_in(tmp_path / "s")
    add(study, write(tmp_path / "a", {"a.txt": BODY}), outlet="The Herald")
    told = add(study, write(tmp_path / "b", {"b.txt": BAKERY}), outlet=other)
    names = sorted(study.outlets()) if hasattr(study, "outlets") else sorted(set(study.articles()["outlet"]))
    assert bool(told.warnings) == (len(names) == 2)
    if told.warnings:
        assert told.warnings[0].where.startswith("outlets ") and "study.toml" in told.warnings[0].why
    assert add(study, write(tmp_path / "c", {"c.txt": MORE}), outlet=other).warnings == []


def test_a_feed_of_an_outlet_in_other_letters_is_warned_of(tmp_path: Path) -> None:
    study = newsroom_study(tmp_path / "study")
    add(study, write(tmp_path / "a", {"a.txt": BODY}), outlet="Courier")
    said = slantwise("feeds", "add", "https://courier.example/rss", "--outlet", "courier", cwd=study.folder)
    assert said.returncode == 3 and "outlets Courier and courier" in said.stderr


@pytest.mark.parametrize(
    "later",
    [
        ("https://h.example/velo?utm_source=x", "https://h.example/velo?fbclid=9"),
        ("http://h.example/velo", "https://www.h.example/velo/"),
        ("https://h.example/velo", "https://m.h.example/velo#comments"),
        ("https://h.example/velo;jsessionid=1A2", "https://h.example/velo;jsessionid=3B4"),
    ],
)
def test_one_article_under_several_forms_of_its_address(tmp_path: Path, later: tuple[str, str]) -> None:
    for order in (later, later[::-1]):
        study = study_in(tmp_path / str(order.index(later[0])))
        for n, url in enumerate(order):
            table = write(tmp_path, {f"{n}.csv": rows(f'Herald,{url},"{BODY} {MORE}",2025-01-03')}) / f"{n}.csv"
            added = add(study, table)
        assert len(added.unchanged) == 1 and len(study.articles()) == 1


@pytest.mark.parametrize(
    "urls",
    [
        ("https://h.example/?p=1", "https://h.example/?p=2"),
        ("https://h.example/story.php?id=1", "https://h.example/story.php?id=2"),
        ("https://h.example/live#1", "https://h.example/live#2"),
        ("https://h.example/velo", "https://www.h.example/velo"),  # one address, two texts: the text decides
        ("https://h.example/aBc", "https://h.example/AbC"),
    ],
)
def test_other_texts_stay_apart(tmp_path: Path, urls: tuple[str, str]) -> None:
    study = study_in(tmp_path / "s")
    lines = [f'Herald,{url},"{text}",2025-01-03' for url, text in zip(urls, (f"{BODY} {MORE}", BAKERY), strict=True)]
    added = add(study, write(tmp_path, {"t.csv": rows(*lines)}) / "t.csv")
    assert len(added.new) == 2 and added.warnings == []


def test_keys_that_are_no_addresses_have_no_other_forms() -> None:
    assert other_forms("herald-1.txt") == other_forms("12") == other_forms("urn:b:1") == []


def test_the_drawn_spans_that_an_addition_concerns_are_counted(tmp_path: Path) -> None:
    study = study_in(tmp_path / "s")
    add(study, write(tmp_path / "a", {"a.txt": f"Velo falls\n\n{BODY}\n\n{MORE}"}), outlet="Herald")
    draw(study, "main-1", "mira,jon", spans=1, seed=1)
    before = study.draws()[["span", "pi"]]
    copy = add(study, write(tmp_path / "b", {"b.txt": f"Velo falls\n\n{BODY}\n\n{MORE}"}), outlet="Courier")
    note = "1 drawn span of 1 article has another copy group now; no probability of inclusion changes"
    assert [note] == [one for one in copy.notes if "drawn" in one] or "drawn" not in "".join(copy.notes)
    write(tmp_path / "a", {"manifest.csv": "file,outlet,published\na.txt,Herald,2025-01-03\n"})
    dated = add(study, tmp_path / "a")
    assert any("drawn span" in one and "another date" in one for one in dated.notes)
    assert study.draws()[["span", "pi"]].equals(before)


def test_cut_texts_are_named_where_they_are_left_out(tmp_path: Path) -> None:
    study = study_in(tmp_path / "s")
    texts = {"a.txt": "Velo falls\n\nTroops took Velo after weeks of shelling that had […]", "b.txt": f"Velo\n\n{BODY}"}
    write(
        tmp_path / "in",
        {**texts, "manifest.csv": "file,outlet,published,event\na.txt,H,2025-01-03,E\nb.txt,C,2025-01-03,E\n"},
    )
    add(study, tmp_path / "in")
    study.store.close()
    keys = {"kwic took": "hits", "terms took": "terms", "events list": "events", "events show E": "articles"}
    for command, rows_of in keys.items():
        told = slantwise(*command.split(), cwd=study.folder)
        assert told.returncode == 0 and "1 cut text is left out; see: slantwise article cut" in told.stderr, command
        result = json.loads(slantwise(*command.split(), "--json", cwd=study.folder).stdout)
        assert result["cut_texts"] == 1 and len(result[rows_of]) == 1, command
    assert "1 of them cut: in no figure" in slantwise("status", cwd=study.folder).stdout
    slantwise("report", cwd=study.folder)
    page = next(Path(study.folder).rglob("report.html")).read_text(encoding="utf-8")
    assert "and 1 cut text, in no figure" in page


def test_a_line_dropped_after_a_draw_is_not_in_kwic(tmp_path: Path) -> None:
    from corpus import overrule_furniture

    study = study_in(tmp_path / "s")
    line = "Glory to those who liberated our land!"
    texts = {
        f"{n}.txt": f"{town}\n\nTroops took {town} on day {n}.\n\n{line}"
        for n, town in enumerate(("Velo", "Marn", "Tova"))
    }
    add(study, write(tmp_path / "in", texts), outlet="Herald")
    draw(study, "main-1", "mira,jon", spans=6, seed=1)
    assert len(kwic(study, "liberated").hits) == 3
    overrule_furniture(study, line, outlet="Herald", kind="drop")
    assert kwic(study, "liberated").hits == ()
