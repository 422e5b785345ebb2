"""The end of an archived article is its trailing block: words that look like labels are text wherever they are text."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from random import Random

import pytest
from exports import UNI, docx, factiva_html, factiva_text, old_html
from stores import write

from corpus.articles.ingest import add
from corpus.draft import ReadResult
from corpus.readers import read_file
from corpus.study import Study

SEEDS = 300
CASE = Path(__file__).parent.parent / "data" / "cases" / "04-nexis-label-in-the-text" / "uni.docx"
LABELS = (
    "Update", "Load-Date", "Language", "Publication-Type", "Subject", "Graphic", "Acc-No", "Journal-Code", "Geographic", "City",
    "State", "Country", "Organization", "Company", "Person", "Industry", "Ticker", "URL", "Correction-Date", "Correction",
    "Distribution", "Document-Type", "Type", "Section", "Length", "Byline", "Dateline", "Highlight", "Headline", "Series", "Body",
    "Classification", "Notes", "Copyright", "End of Document", "Ladedatum", "Sprache", "Publikationstyp", "Thema", "Grafik", "Land",
    "Firma", "Rubrik", "Länge", "Autor", "Ort", "Schlagzeile", "Serie", "Klassifizierung", "Anmerkung", "Volltext",
    "Date de chargement", "Langue", "Type de publication", "Sujet", "Graphique", "Société", "Personne", "Rubrique",
    "Longueur", "Auteur", "Origine", "Encart", "Titre", "Corps", "Fecha de carga", "Idioma", "Tipo de publicación",
    "Materia", "Gráfico", "Empresa", "Persona", "Sección", "Longitud", "Titular", "Cuerpo", "Clasificación", "Corrección",
    "HD", "BY", "WC", "PD", "SN", "LA", "CY", "LP", "TD", "CO", "IN", "NS", "RE", "PUB", "AN", "ART", "Document",
)  # fmt: skip
WORDS = [
    "the",
    "port",
    "of",
    "Velo",
    "was",
    "retaken",
    "and",
    "nobody",
    "in",
    "Karsk",
    "says",
    "occupied",
    "aloud",
    "while",
    "seven",
    "soldiers",
    "held",
    "an",
    "annexed",
    "bridge",
    "near",
    "Marn",
    "where",
    "officials",
    "of",
    "both",
    "ministries",
    "met",
    "liberated",
    "residents",
    "after",
    "weeks",
    "of",
    "shelling",
]


def sentence(random: Random, most: int = 24) -> str:
    words = [random.choice(WORDS) for _ in range(random.randint(3, most))]
    return " ".join(words) + random.choice((".", ".", "!", "?", ".”", "…"))


def paragraph(random: Random) -> str:
    """A paragraph of text that mostly begins like a label of an archive."""
    label = random.choice(LABELS)
    if random.random() < 0.2 and label not in ("Body", "Volltext", "Corps", "Cuerpo"):  # in capitals these begin a text
        label = label.upper()
    begins = (f"{label}: ", f"{label} : ", f"{label} ", f"“{label}: ", "", "")
    return random.choice(begins) + sentence(random)


def text(random: Random, quotes: bool = True) -> list[str]:
    """The paragraphs of a text, among them headings that are words of an archive."""
    body = [paragraph(random) for _ in range(random.randint(1, 12))]
    if quotes and random.random() < 0.4:
        heading = [
            "Graphic",
            "Notes",
            "Correction",
            "Classification",
            "Body",
            "Language",
            "355 words",
            "End of Document",
        ]
        body.insert(random.randrange(len(body)), random.choice(heading))
    if quotes and random.random() < 0.2:
        quoted = [
            "Bridge seized",
            "The Herald",
            "March 6, 2024 Wednesday",
            "Section: WORLD",
            "Length: 90 words",
            "Body",
        ]
        body[len(body) // 2 : len(body) // 2] = [line for line in quoted if "End of Document" not in body]
        body.append(sentence(random))
    return body


def words(body: list[str]) -> int:
    return sum(any(c.isalnum() for c in word) for line in body for word in line.split())


def trailing(random: Random) -> list[str]:
    """The block after a text."""
    block = ["Language: ENGLISH", "Publication-Type: Newspaper", "Subject: ARMED FORCES (90%); BORDERS (78%)",
             "Geographic: VELO (91%); MARN (79%)", "Journal-Code: HRP"]  # fmt: skip
    block = ["Classification", *random.sample(block, random.randint(1, len(block)))] if random.random() < 0.6 else []
    captions = ["Graphic", "PHOTO: Smoke above the harbour basin."] if random.random() < 0.4 else []
    return [*captions, *block, "Load-Date: March 5, 2024"]


def uni(random: Random, body: list[str]) -> list[str]:
    head = [
        "Nine days",
        "The Harbour Post",
        "March 5, 2024 Tuesday",
        "Copyright 2024 Harbour Media All Rights Reserved",
    ]
    labels = ["Section: NEWS; Pg. 3", f"Length: {words(body):,} words", "Byline: Mira Stahl"]
    return [*head, *labels, "Body", *body, *trailing(random), "End of Document"]


def old(random: Random, body: list[str], number: int, total: int) -> list[str]:
    head = [f"{number} of {total} DOCUMENTS", "The Harbour Post", "March 5, 2024 Tuesday", "Nine days"]
    labels = ["BYLINE: Mira Stahl", "SECTION: NEWS; Pg. 3", f"LENGTH: {words(body):,} words"]
    block = ["GRAPHIC: PHOTO: Smoke above the harbour basin."] if random.random() < 0.4 else []
    block += ["LOAD-DATE: March 5, 2024", "LANGUAGE: ENGLISH", "PUBLICATION-TYPE: Newspaper"]
    return [*head, *labels, *body, *block, "Copyright 2024 Harbour Media", "All Rights Reserved"]


def factiva(body: list[str]) -> list[tuple[str, str | list[str]]]:
    cut = 1 if len(body) > 1 else 0
    return [
        ("SE", "Foreign"), ("HD", "Nine days"), ("BY", "By Mira Stahl"), ("WC", f"{words(body):,} words"), ("PD", "5 March 2024"),
        ("SN", "The Harbour Post"), ("SC", "HARP"), ("LA", "English"), ("CY", "Copyright 2024 Harbour Media"),
        ("LP", body[:cut]), ("TD", body[cut:]), ("CO", "nrthln : Northland Steel"), ("NS", "gwar : War | gcat : Political news"),
        ("PUB", "Harbour Media"), ("AN", "Document HARP000020240305ek3500001"),
    ]  # fmt: skip


def plain(body: list[str]) -> list[str]:
    head = ["Nine days", "By Mira Stahl", f"{words(body):,} words", "5 March 2024", "09:30", "The Harbour Post", "HARP", "3",
            "English", "Copyright 2024 Harbour Media"]  # fmt: skip
    return ["\n".join(head), *body, "Document HARP000020240305ek3500001"]


def read(folder: Path, name: str, content: str | bytes) -> ReadResult:
    return read_file(write(folder, {name: content}) / name)


def wrapped(paragraphs: list[str]) -> str:
    return "\n\n".join(textwrap.fill(line, 79, break_on_hyphens=False) for line in paragraphs)


def in_each_form(random: Random, bodies: list[list[str]]) -> list[tuple[str, str | bytes]]:
    """Files of the same articles in each form of an archive's export."""
    new = [line for body in bodies for line in uni(random, body)]
    older = [line for n, body in enumerate(bodies, 1) for line in old(random, body, n, len(bodies))]
    coded = [factiva(body) for body in bodies]
    lines = [line for body in bodies for line in plain(body)]
    return [
        ("uni.docx", docx(new)), ("uni.txt", "\n\n".join(new)), ("old.txt", wrapped(older)), ("old.html", old_html("\n\n".join(older))),
        ("codes.html", factiva_html(*coded)), ("codes.txt", factiva_text(*coded)), ("plain.txt", "\n\n".join(lines)),
    ]  # fmt: skip


def test_every_paragraph_that_went_in_comes_out_and_nothing_of_the_labels_does(tmp_path: Path) -> None:
    for seed in range(SEEDS):
        random = Random(seed)
        bodies = [text(random) for _ in range(random.randint(1, 3))]
        for name, content in in_each_form(random, bodies):
            found = read(tmp_path, name, content)
            assert found.refusals == [], f"seed {seed}, {name}: {found.refusals}"
            assert [draft.text.split("\n\n") for draft in found.drafts] == bodies, f"seed {seed}, {name}"
            assert found.warnings == [], f"seed {seed}, {name}: {found.warnings}"
            for draft in found.drafts:
                assert (draft.title, draft.outlet) == ("Nine days", "The Harbour Post")


def test_every_paragraph_down_to_the_load_date_is_text(empty_study: Study) -> None:
    done = add(empty_study, [CASE])
    assert (len(done.new), done.refusals, len(done.warnings)) == (5, [], 5)
    assert all(re.search(r"states 90 words, \d\d were read", why) for _, why in done.warnings)
    texts = "\n".join(draft.text for draft in read_file(CASE).drafts)
    for word in ("liberated by noon", "Correction", "retaken. It was not.", "surrendered", "occupied in spring", "took control",
                 "handed over", "Notes", "retaken at night", "lost again", "a quiet weapon", "occupied aloud"):  # fmt: skip
        assert word in texts
    assert "Load-Date" not in texts and "Copyright" not in texts


def the_text(
    folder: Path, body: list[str], *, label: str = "Length: 90 words", block: tuple[str, ...] = ()
) -> list[str]:
    head = ["Nine days", "The Harbour Post", "March 5, 2024 Tuesday", "Section: NEWS", label, "Body"]
    (draft,) = read(
        folder, "a.docx", docx([*head, *body, *block, "Load-Date: March 5, 2024", "End of Document"])
    ).drafts
    return draft.text.split("\n\n")


@pytest.mark.parametrize(
    "last",
    [
        "Update: The port was retaken at noon", "Update: March 5, 2024, the day the port was retaken", "Update: 6 March 2024",
        "Language: a quiet weapon", "Person: Gen. Ilm, who took control of it", "City: Velo, occupied since Monday",
        "Ladedatum: Montag ist der Tag, an dem Velo fiel", "Sprache: Deutsch wird in Velo nicht mehr gesprochen.",
        "Langue : une arme", "Idioma: un arma", "Land: besetzt", "UPDATE: THE PORT WAS RETAKEN.", "Correction: The port was not retaken.",
        "Graphic: The pictures from Velo show that it was occupied.", "Graphic", "Notes", "Classification: secret.",
        "Copyright law does not apply in occupied Velo.", "(c) means occupied on that map.",
        "He demanded that all rights reserved for soldiers end", "End of Document, it said.", "Subject: peace; or so they say.",
    ],
)  # fmt: skip
def test_a_last_paragraph_that_begins_like_a_label_is_text(tmp_path: Path, last: str) -> None:
    assert the_text(tmp_path, ["Velo fell.", last]) == ["Velo fell.", last]
    block = ("Classification", "Language: ENGLISH", "Subject: WAR (90%)")
    assert the_text(tmp_path, ["Velo fell.", last], block=block) == ["Velo fell.", last]


@pytest.mark.parametrize(
    "block",
    [
        ("Graphic", "Smoke over Velo."), ("Graphic", "PHOTO: Smoke.", "PHOTO: The harbour. (Agency)"), ("Grafik", "Rauch über Velo."),
        ("Classification", "Language: ENGLISH; ENGLISCH", "Publication-Type: Newspaper; Web", "Journal-Code: HRP"),
        ("Classification", "Subject: POLITICS; WAR", "Organization: NORTHLAND ARMY (57%)", "Ticker: NRT (KSK) (94%)"),
        ("Subject: ARMED FORCES (90%);", "BORDERS (78%); TOWNS (71%)"), ("Subject:", "ARMED FORCES (90%)"),
        ("Sujet: Politique étrangère; Guerre",), ("URL: https://harbour-post.example/velo",), ("Acc-No: 0405",),
        ("Correction-Date: March 9, 2024",), ("© 2024 Harbour Media", "Alle Rechte vorbehalten"),
    ],
)  # fmt: skip
def test_the_block_after_the_text_is_not_text(tmp_path: Path, block: tuple[str, ...]) -> None:
    assert the_text(tmp_path, ["Velo fell.", "It burned."], label="Length: 4 words", block=block) == [
        "Velo fell.",
        "It burned.",
    ]


@pytest.mark.parametrize(("stated", "is_text"), [(7, False), (11, True), (40, False), (None, False)])
def test_the_words_stated_decide_whether_a_paragraph_below_graphic_is_text(
    tmp_path: Path, stated: int | None, is_text: bool
) -> None:
    """Nobody who reads the file could; if the archive states nothing that fits, the reader says so."""
    captions = ["Graphic", "Smoke over Velo."]
    label = f"Length: {stated} words" if stated else "Length: unknown"
    head = [
        "Nine days",
        "The Harbour Post",
        "March 5, 2024 Tuesday",
        label,
        "Body",
        "Velo fell on Monday at noon, suddenly.",
    ]
    found = read(tmp_path, "a.docx", docx([*head, *captions, "Load-Date: March 5, 2024", "End of Document"]))
    assert found.drafts[0].text.endswith(captions[1]) is is_text
    expected = {40: "states 40 words, 7 were read", None: "“Smoke over Velo.” was taken as a caption"}
    assert [expected[stated] in why for _, why in found.warnings] == ([True] if stated in expected else [])
    assert found.drafts[0].metadata.get("graphic") == (None if is_text else captions[1])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("old.txt", wrapped(old(Random(0), ["Velo fell.", "Update: it burned."], 1, 1)).replace("5 words", "500 words")),
        ("uni.docx", docx([line.replace("39 words", "1,240 words") if isinstance(line, str) else line for line in UNI])),
        ("uni.txt", "\n\n".join(uni(Random(0), ["Die Stadt ist gefallen."])).replace("4 words", "1.240 Wörter")),
        ("codes.html", factiva_html(factiva(["Velo fell.", "It burned."])).replace("4 words", "1 240 mots")),
        ("codes.txt", factiva_text(factiva(["Velo fell.", "It burned."])).replace("4 words", "1,240 words")),
        ("plain.txt", "\n\n".join(plain(["Velo fell. " * 300])).replace("600 words", "60 words")),
    ],
)  # fmt: skip
def test_a_text_of_another_length_than_the_archive_states_is_told_with_its_place(
    tmp_path: Path, name: str, content: str | bytes
) -> None:
    found = read(tmp_path, name, content)
    assert len(found.drafts) == 1
    ((where, why),) = found.warnings
    assert where == f"{tmp_path / name}, article 1"
    assert re.match(r"its archive states [\d,]+ words, \d+ were read; compare its text", why)


def test_headlines_and_bylines_may_be_counted_or_not(tmp_path: Path) -> None:
    for stated in (20, 22, 26):
        lines = [line.replace("39 words", f"{stated + 19} words") if isinstance(line, str) else line for line in UNI]
        assert read(tmp_path, "a.docx", docx(lines)).warnings == []


def test_a_wrapped_line_that_begins_like_a_label_ends_no_paragraph(tmp_path: Path) -> None:
    body = ["The minister spoke of one thing and one thing only in front of the whole state: Body by body we took by night\n"
            "Length: nobody knew it, he said, and by then nobody asked"]  # fmt: skip
    for name, lines in (("old.txt", old(Random(0), body, 1, 1)), ("plain.txt", plain(body))):
        (draft,) = read(
            tmp_path, name, "\n\n".join(lines).replace(" in front", "\nin front").replace("by night", "\nby night")
        ).drafts
        assert "\n\n" not in draft.text and draft.text.split() == " ".join(body).split()


def test_a_headline_may_begin_like_a_label(tmp_path: Path) -> None:
    for title in ("Highlight: the fall of Velo", "Section: nine", "Length: nobody knows", "Series: Velo"):
        lines = ["Body" if line == "Body" else line for line in uni(Random(1), ["Velo fell."])]
        (draft,) = read(tmp_path, "a.docx", docx([title, *lines[1:]])).drafts
        assert (draft.title, draft.text) == (title, "Velo fell.")


def test_a_correction_appended_is_told_apart_from_the_headline(tmp_path: Path) -> None:
    lines = old(Random(3), ["Velo fell."], 1, 1)
    text = "\n\n".join([*lines[:3], "Correction Appended", *lines[3:]])
    (draft,) = read(tmp_path, "a.txt", text).drafts
    assert (draft.title, draft.text, draft.metadata["correction"]) == ("Nine days", "Velo fell.", "appended")


def test_several_exports_may_be_in_one_file(tmp_path: Path) -> None:
    random = Random(5)
    cover = ["User Name: A Library", "Job Number: 17", "Documents (1)", "1. Nine days", "Search Terms: Velo"]
    one, two = uni(random, ["Velo fell."]), uni(random, ["Karsk held."])
    found = read(tmp_path, "a.docx", docx([*cover, *one, *cover, *two]))
    assert [draft.text for draft in found.drafts] == ["Velo fell.", "Karsk held."] and found.warnings == []
    found = read(tmp_path, "a.docx", docx([*cover, *one, "Documents (3)", *cover[3:], *two]))
    assert [why for _, why in found.warnings] == ["its cover lists 4 documents, but it has 2; export the missing ones"]
    older = wrapped(
        [*old(random, ["Velo fell."], 1, 1), *old(random, ["Karsk held."], 1, 2), *old(random, ["It burned."], 2, 2)]
    )
    assert [draft.text for draft in read(tmp_path, "a.txt", older).drafts] == [
        "Velo fell.",
        "Karsk held.",
        "It burned.",
    ]


def test_an_article_twice_in_one_export_is_one_and_none_is_dropped_in_reading(
    empty_study: Study, tmp_path: Path
) -> None:
    same = factiva_html(factiva(["Velo fell."]), factiva(["Velo fell."]))
    assert len(read(tmp_path, "a.html", same).drafts) == 2
    done = add(empty_study, [tmp_path / "a.html"])
    assert (len(done.new), len(done.unchanged)) == (1, 1)
    other = factiva_html(factiva(["Velo fell."]), factiva(["Karsk held out for seven weeks."]))
    assert [draft.text for draft in read(tmp_path, "b.html", other).drafts] == [
        "Velo fell.",
        "Karsk held out for seven weeks.",
    ]


def test_pages_joined_into_one_file_are_all_read(tmp_path: Path) -> None:
    """A parser drops what follows the first page's end."""
    coded = factiva_html(factiva(["Velo fell."])) + factiva_html(factiva(["Karsk held."]))
    older = "\n".join(old_html("\n\n".join(old(Random(0), [text], 1, 1))) for text in ("Velo fell.", "Karsk held."))
    for content in (coded, older):
        found = read(tmp_path, "a.html", content)
        assert [draft.text for draft in found.drafts] == ["Velo fell.", "Karsk held."] and found.refusals == []
