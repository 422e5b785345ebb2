"""Archives: exports of Nexis, Factiva and Media Cloud are known by what stands in them, and give their articles."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from exports import (
    BODY,
    COVER,
    FACTIVA,
    MEDIA_CLOUD,
    OLD,
    PLAIN,
    UNI,
    UNI_GERMAN,
    docx,
    factiva_html,
    factiva_text,
    old_html,
)
from stores import write

from corpus.articles.ingest import add
from corpus.draft import Draft
from corpus.readers import read_file
from corpus.study import Study


def reading(folder: Path, name: str, content: str | bytes) -> tuple[list[Draft], list[tuple[str, str]]]:
    """Return the drafts of a file, and what is said about it: refusals and warnings."""
    write(folder, {name: content})
    found = read_file(folder / name)
    said = [*found.refusals, *found.warnings]
    return found.drafts, [(where.replace(f"{folder}/", ""), why) for where, why in said]


POST = Draft(
    "\n\n".join(BODY),
    "urn:contentItem:6BXX-0001-DYXX-0000-00000-00",
    title="Velo falls after nine days",
    published=date(2024, 3, 5),
    outlet="The Harbour Post (London)",
    language="en",
    rights="licensed (Nexis): Copyright 2024 Harbour Media All Rights Reserved",
    metadata={
        "archive": "Nexis", "section": "NEWS; Pg. 3", "length": "39 words", "author": "Mira Stahl",
        "graphic": "Smoke over Velo.", "type": "Newspaper", "loaded": "March 5, 2024",
    },
)  # fmt: skip


def test_an_export_of_nexis_uni_is_as_many_articles_as_it_holds(tmp_path: Path) -> None:
    drafts, refusals = reading(tmp_path, "Files (2).DOCX", docx([*COVER, *UNI, *UNI_GERMAN]))
    assert refusals == []
    assert drafts[0] == POST
    german = drafts[1]
    assert (german.title, german.outlet, german.published) == ("Velo gefallen", "Karsker Bote", date(2024, 3, 5))
    assert german.text == UNI_GERMAN[7] and german.language == "de" and german.rights == "licensed (Nexis)"
    assert german.metadata["author"] == "Jon Okafor" and re.fullmatch("nexis:[0-9a-f]{20}", german.key)


def test_the_same_lines_as_text_are_the_same_articles(tmp_path: Path) -> None:
    lines = [line if isinstance(line, str) else line[0] for line in (*COVER, *UNI, *UNI_GERMAN)]
    drafts, refusals = reading(tmp_path, "a.txt", "\n\n".join(lines))
    assert refusals == [] and drafts[0].key.startswith("nexis:")
    assert replace(drafts[0], key=POST.key) == POST and drafts[1].text == UNI_GERMAN[7]


@pytest.mark.parametrize(("name", "content"), [("a.txt", OLD), ("a.html", old_html()), ("a", old_html())])
def test_the_older_exports_of_nexis_are_read_as_text_and_as_pages(tmp_path: Path, name: str, content: str) -> None:
    (english, french), refusals = reading(tmp_path, name, content)
    assert refusals == []
    said = {"archive": "Nexis", "author": "Mira Stahl", "section": "NEWS; Pg. 3", "length": "39 words"}
    assert english == replace(
        POST,
        key=english.key,
        outlet="The Harbour Post",
        metadata=said | {"loaded": "March 5, 2024", "type": "Newspaper"},
    )
    assert (french.title, french.outlet, french.published, french.language) == (
        "La chute de Velo", "Le Port de Karsk", date(2024, 3, 5), "fr",
    )  # fmt: skip
    assert french.text == "L’armée du Nord est entrée lundi dans la ville de Velo."


NORTHLAND = Draft(
    "\n\n".join(BODY),
    "factiva:HARP000020240305ek3500001",
    title="Velo falls after nine days",
    published=date(2024, 3, 5),
    outlet="The Harbour Post",
    language="en",
    rights="licensed (Factiva): Copyright 2024 Harbour Media",
    metadata={
        "archive": "Factiva", "author": "By Mira Stahl", "length": "39 words", "source_code": "HARP", "section": "Foreign",
        "pages": "3", "time": "09:30", "companies": "nrthln : Northland Steel", "industries": "i1 : Steel",
        "subjects": "gwar : War | gcat : Political news", "regions": "marn : Marn", "publisher": "Harbour Media",
    },
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", factiva_html(FACTIVA, FACTIVA)),
        ("a.txt", factiva_html(FACTIVA, FACTIVA)),
        ("a.txt", factiva_text(FACTIVA, FACTIVA)),
    ],
)
def test_an_export_of_factiva_is_read_by_its_field_codes(tmp_path: Path, name: str, content: str) -> None:
    assert reading(tmp_path, name, content) == ([NORTHLAND, NORTHLAND], [])


def test_an_export_of_factiva_without_field_codes_is_read_by_its_lines(tmp_path: Path) -> None:
    (english, german), refusals = reading(tmp_path, "a.txt", PLAIN)
    assert refusals == []
    said = {
        "archive": "Factiva",
        "author": "By Mira Stahl",
        "length": "39 words",
        "source_code": "HARP",
        "time": "09:30",
    }
    assert english == replace(NORTHLAND, key="factiva:HARP000020240305EK3500001", metadata=said)
    assert (german.title, german.outlet, german.published, german.language, german.key) == (
        "Velo gefallen", "Karsker Bote", date(2024, 3, 5), "de", "factiva:KARB000020240305EK3500002",
    )  # fmt: skip


def without(fields: tuple[tuple[str, object], ...], *codes: str) -> list[tuple[str, object]]:
    return [(code, value) for code, value in fields if code not in codes]


@pytest.mark.parametrize(
    ("name", "content", "taken", "where", "why"),
    [
        ("a.docx", docx([*UNI, *UNI_GERMAN[:-2]]), 1, "a.docx, article 2", "the file ends within it; export it again"),
        ("a.docx", docx([*COVER, *UNI]), 1, "a.docx", "its cover lists 2 documents, but it has 1; export the missing ones"),
        ("a.docx", docx([*UNI[:2], "No day", *UNI[3:]]), 0, "a.docx, article 1", "no date line below its outlet"),
        ("a.docx", docx([*UNI[:7], *UNI[-5:]]), 0, "a.docx, article 1", "it has no text; it may be a picture"),
        ("a.docx", docx([*UNI[:2], "March 2024", *UNI[3:]]), 1, "a.docx, article 1", "its date cannot be read"),
        ("a.docx", docx([]), 0, "a.docx", "the Word file has no text"),
        ("a.docx", docx([], "<w:document"), 0, "a.docx", "the Word file is damaged"),
        ("a.docx", docx([], '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), 0, "a.docx", "the Word file defines entities"),
        ("a.docx", docx(UNI)[:900], 0, "a.docx", "this is a binary file; expected .* an undamaged Word file"),
        ("a.txt", OLD[: OLD.index("LANGUE")], 1, "a.txt, article 2", "the file ends within it"),
        ("a.txt", OLD.replace("LENGTH: 39 words", "").replace("SECTION: NEWS; Pg. 3", "").replace("BYLINE: Mira Stahl", ""),
         1, "a.txt, article 1", "its text has no visible beginning"),
        ("a.html", factiva_html(FACTIVA, without(FACTIVA, "AN")), 1, "a.html, article 2", "it has no accession number"),
        ("a.html", factiva_html(without(FACTIVA, "LP", "TD"), FACTIVA), 1, "a.html, article 1", "it has no text"),
        ("a.html", factiva_html(without(FACTIVA, "PD")), 1, "a.html, article 1", "its date cannot be read"),
        ("a.txt", PLAIN[: PLAIN.index("Dokument")], 1, "a.txt, article 2", "the file ends within it"),
        ("a.txt", PLAIN.replace("5 March 2024\n", ""), 1, "a.txt, article 1", "it lacks a date, an outlet or a language"),
        ("a.pdf", b"%PDF-1.7 \x00", 0, "a.pdf", "the PDF cannot be read"),
        ("a.csv", MEDIA_CLOUD, 0, "a.csv", "Media Cloud's list of stories, .* save the pages in its column url"),
    ],
)  # fmt: skip
def test_what_an_export_lacks_is_said_and_the_rest_is_taken(
    tmp_path: Path, name: str, content: str | bytes, taken: int, where: str, why: str
) -> None:
    drafts, ((place, said),) = reading(tmp_path, name, content)
    assert (len(drafts), place) == (taken, where)
    assert re.search(why, said), said


def test_a_word_file_that_is_no_export_is_one_article(tmp_path: Path) -> None:
    assert reading(tmp_path, "a.docx", docx(BODY)) == ([Draft("\n\n".join(BODY), "a.docx")], [])


def test_a_word_bomb_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    bomb = docx([], "<w:t>" + " " * 101_000_000)
    assert len(bomb) < 200_000
    _, ((_, why),) = reading(tmp_path, "a.docx", bomb)
    assert why.startswith("the Word file holds more than 100,000,000 bytes of text")


def test_the_stories_of_media_cloud_are_articles_where_they_have_a_text(tmp_path: Path) -> None:
    head, row, _ = MEDIA_CLOUD.split("\n")
    ((draft,), refusals) = reading(tmp_path, "a.csv", f"{head},text\n{row},Northland took Velo.\n")
    assert refusals == []
    assert draft == Draft(
        "Northland took Velo.",
        "https://harbour-post.example/velo",
        title="Velo falls",
        published=date(2024, 3, 5),
        outlet="harbour-post.example",
        language="en",
        url="https://harbour-post.example/velo",
        metadata={"indexed_date": "2024-03-06 01:00:00", "media_url": "https://harbour-post.example"},
    )


@pytest.mark.parametrize(
    "text",
    [
        "Velo falls\n\nThe length: nobody knew.\n\nBody\n\nThe end of document was near.",
        "Two of 10 documents were found\n\n1 of 10 documents was read. LENGTH matters.",
        "IN THE NEWS\n\nHD\n\nBY THE WAY\n\nIt burned.",
        "Velo falls\n\n39 words\n\nDocument signed in Karsk.",
    ],
)
def test_an_article_that_speaks_like_an_export_is_still_an_article(tmp_path: Path, text: str) -> None:
    ((draft,), refusals) = reading(tmp_path, "a.txt", text)
    assert (draft.normalised(), refusals) == (Draft(text, "a.txt"), [])


def test_exports_are_added_once_whatever_file_they_come_in(empty_study: Study, tmp_path: Path) -> None:
    """Each article has its own outlet and its rights."""
    files = {"a.docx": docx([*UNI, *UNI_GERMAN]), "b.html": factiva_html(FACTIVA), "c.docx": docx(UNI)}
    done = add(empty_study, [write(tmp_path / "in", files)])
    assert (len(done.new), len(done.unchanged), done.refusals) == (3, 1, [])
    frame = empty_study.articles()[["outlet", "date", "title", "rights"]]
    assert frame.to_numpy().tolist() == [
        ["Karsker Bote", "2024-03-05", "Velo gefallen", "licensed (Nexis)"],
        ["The Harbour Post", "2024-03-05", POST.title, NORTHLAND.rights],
        ["The Harbour Post (London)", "2024-03-05", POST.title, POST.rights],
    ]


def test_a_manifest_speaks_of_all_articles_of_a_file(empty_study: Study, tmp_path: Path) -> None:
    """Each keeps its own key and title."""
    table = (
        "file,outlet,title,url,published,event,originator\na.docx,Post,Wrong,https://p.example,2020-01-01,7,Agency\n"
    )
    folder = write(tmp_path / "in", {"a.docx": docx([*UNI, *UNI_GERMAN]), "manifest.csv": table})
    assert len(add(empty_study, [folder]).new) == 2
    frame = empty_study.articles()[["outlet", "title", "date", "url", "event", "originator"]]
    assert sorted(frame.to_numpy().tolist()) == [
        ["Post", "Velo falls after nine days", "2024-03-05", None, "7", "Agency"],
        ["Post", "Velo gefallen", "2024-03-05", None, "7", "Agency"],
    ]


@pytest.mark.parametrize(
    ("archive", "line"),
    [
        ("ProQuest", "ProQuest document ID: 2934"),
        ("wiso", "Dauerhafte Adresse des Dokuments: https://archive.example/BO2024"),
        ("Gale", "Gale Document Number: GALE|A78"),
        ("EBSCOhost", "Persistent link to this record (Permalink): https://archive.example/1"),
        ("NewsBank", "Author: Mira Stahl | Section: News | 345 Words"),
    ],
)
def test_exports_of_archives_that_are_not_read_are_refused_by_name(tmp_path: Path, archive: str, line: str) -> None:
    lines = [f"Document {number} of 2\n\nVelo falls\n\n{BODY[0]}\n\n{line}\n" for number in (1, 2)]
    (tmp_path / "a.txt").write_text("\n".join(lines))
    (tmp_path / "b.docx").write_bytes(docx("\n".join(lines).split("\n\n")))
    for name in ("a.txt", "b.docx"):
        found = read_file(tmp_path / name)
        assert found.drafts == [] and f"an export of {archive}" in found.refusals[0].why
