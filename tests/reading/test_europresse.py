"""Exports of Europresse: articles of both forms, whatever stands around them; every text here is invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest
from stores import write

from corpus.articles.ingest import add
from corpus.draft import Draft, ReadResult
from corpus.readers import read_file
from corpus.study import Study

BODY = (
    "L’armée du Nord est entrée lundi dans la ville de Velo\u00a0: «\u00a0une libération\u00a0», selon son ministère.",
    "À Karsk, on parle d’occupation. Les magasins sont restés fermés mardi.",
)
NUMBER = "news·20240305·LPKX·0w0305_17"
CERTIFICATE = (
    "<div>Ce certificat est émis à <b>Une bibliothèque</b> à des fins de visualisation personnelle.</div>"
    "<div>Date d'émission : <b>2026-01-02</b></div><div class='txtCertificat'>Le présent document est protégé.</div>"
)


def new(
    *body: str, head: str = "International, mardi 5 mars 2024 28 mots, p. 4", number: str = NUMBER, outlet: str = "", notes: str = ""
) -> str:  # fmt: skip
    """An article in the form since 2014."""
    return f"""<article><header><span class="icon-Information" sourcecode="LPKX"></span>
<div class="rdp__DocPublicationName"><span class="DocPublicationName">{outlet or "Le Port de Karsk, no. 17"}
   <span>Presse</span></span></div><div class="rdp__DocHeader"><span class="DocHeader">{head}</span></div>
<div class="titreArticle"><p class="sm-margin-bottomNews">GUERRE</p>
<p class="sm-margin-TopNews titreArticleVisu rdp__articletitle">La <mark>chute</mark> de Velo</p>
<p class="sm-margin-TopNews rdp__subtitle">Neuf jours de siège</p></div><p class="sm-margin-bottomNews">Ana Rui</p></header>
<section><div class="DocText clearfix"><div class="docOcurrContainer">{"".join(f"<p>{part}</p>" for part in body or BODY)}</div></div>
</section>{notes}<footer><div class="Doc-LegalInfo"><small>© 2024 Le Port de Karsk. Tous droits réservés.</small></div>
<div class="publiC"><div class="publiC-lblNodoc">{number}</div>{CERTIFICATE}</div></footer></article> """


def old(*body: str, author: str = "Ana Rui<br>") -> str:
    """An article in the form before 2014."""
    return f"""<table><tr><td><table id="tbHeaderImages"><tr><td><img src="a.gif"><br></td></tr></table>
<span class="DocPublicationName">Le Port de Karsk, no. 17</span><br><span class="DocHeader">International, </span>
<span class="DocHeader">mardi </span><span class="DocHeader">5 mars 2024</span><span class="DocHeader">, p. 4</span><br><br>GUERRE<br>
<span class="TitreArticleVisu">La <span style="color:red">chute</span> de Velo</span><br><br>{author}<p></p>{"<p></p>".join(body or BODY)}
<p></p><b><i>© 2024 Le Port de Karsk. Tous droits réservés.</i></b><p></p>Numéro de document : {NUMBER}<br><br>
<table><tr><td align="center"><img src="c.gif">{NUMBER}</td></tr><tr><td>{CERTIFICATE}</td></tr></table></td></tr></table><p><br><br>"""


def page(*articles: str) -> str:
    return f"<html><head><meta charset='utf-8'></head><body>{''.join(articles)}</body></html>"


def read(folder: Path, content: str, name: str = "a.HTML") -> ReadResult:
    return read_file(write(folder, {name: content}) / name)


VELO = Draft(
    "\n\n".join(BODY),
    f"europresse:{NUMBER}",
    title="La chute de Velo",
    published=date(2024, 3, 5),
    outlet="Le Port de Karsk",
    language="fr",
    rights="licensed (Europresse): © 2024 Le Port de Karsk. Tous droits réservés.",
    metadata={"archive": "Europresse", "author": "Ana Rui", "kicker": "GUERRE", "subtitle": "Neuf jours de siège",
              "section": "International", "length": "28 mots", "pages": "4", "issue": "no. 17"},
)  # fmt: skip


def test_an_article_of_the_newer_form_has_its_fields_and_nothing_else(tmp_path: Path) -> None:
    """Search hits are text, non-breaking spaces and quotation marks stay, the certificate is not text."""
    found = read(tmp_path, page(new(), new(number="news·20240305·LPKX·18")))
    assert (found.refusals, found.warnings) == ([], [])
    assert found.drafts == [VELO, replace(VELO, key="europresse:news·20240305·LPKX·18")]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
def test_an_article_of_the_older_form_is_the_same_article(tmp_path: Path, encoding: str) -> None:
    content = page(old(), old(author="")).replace("charset='utf-8'", "charset='ISO-8859-1'").replace("’", "'")
    path = tmp_path / "a.html"
    path.write_bytes(content.encode(encoding))
    found = read_file(path)
    metadata = {name: value for name, value in VELO.metadata.items() if name not in ("subtitle", "length")}
    expected = replace(VELO, text=VELO.text.replace("’", "'"), metadata=metadata)
    without = {name: value for name, value in metadata.items() if name != "author"}
    assert (found.drafts, found.warnings) == ([expected, replace(expected, metadata=without)], [])


@pytest.mark.parametrize(
    ("head", "section", "day", "length", "pages"),
    [
        ("Dossier; Mer, 1er août 2022 28 mots, p. 12,13", "Dossier; Mer", (2022, 8, 1), "28 mots", "12,13"),
        ("Thursday, December 22, 2022 28 mots, p. 819(40)", None, (2022, 12, 22), "28 mots", "819(40)"),
        ("jeudi 14 mars 2024 - 08:42 UTC +01:00 28 mots", None, (2024, 3, 14), "28 mots", None),
        ("Le 8 mai 1945, lundi 8 mai 2023 28 words, p. MDE6", "Le 8 mai 1945", (2023, 5, 8), "28 words", "MDE6"),
        ("Politik, Dienstag, 5. März 2024", "Politik", (2024, 3, 5), None, None),
    ],
)  # fmt: skip
def test_a_header_may_have_any_of_its_parts(
    tmp_path: Path, head: str, section: str | None, day: tuple[int, int, int], length: str | None, pages: str | None
) -> None:
    number = f"news·{date(*day):%Y%m%d}·LPKX·1"
    found = read(tmp_path, page(new(head=head, number=number)))
    (draft,) = found.drafts
    assert (draft.published, draft.metadata.get("section"), found.warnings) == (date(*day), section, [])
    assert (draft.metadata.get("length"), draft.metadata.get("pages")) == (length, pages)


@pytest.mark.parametrize(
    ("content", "taken", "why"),
    [
        (new(head="International"), 1, "its header has no date, so that of its document number was used: 2024-03-05"),
        (new(head="mardi 5 mars 2019"), 1, "its header's date 2019-03-05 was used; its document number says 2024-03-05"),
        (new(head="mardi 5 mars 2024 1 240 mots"), 1, "its archive states 1,240 words, "),
        (new("&lt;p&gt;Velo est tombée.&lt;/p&gt;&lt;p&gt;Karsk &lt;i&gt;tient&lt;/i&gt;.&lt;/p&gt;", head="5 mars 2024"), 1,
         "its text held HTML written as text, whose tags were removed"),
        (new(" "), 0, "it has no text; it may be a picture"),
        (new().replace('class="DocPublicationName"', ""), 0, "it has no outlet"),
    ],
)  # fmt: skip
def test_what_an_article_lacks_is_said(tmp_path: Path, content: str, taken: int, why: str) -> None:
    found = read(tmp_path, page(content, new()))
    ((where, said),) = [*found.refusals, *found.warnings]
    assert (len(found.drafts), where) == (taken + 1, f"{tmp_path / 'a.HTML'}, article 1")
    assert why in said


def test_paragraphs_that_speak_like_an_archive_are_text(tmp_path: Path) -> None:
    body = ["Note(s) : personne ne le dit.", "Date d'émission : jamais.", "© 2024 veut dire occupé.", "Copyright 2024 ou non.",
            f"Numéro de document : {NUMBER}", "Illustration(s) : la ville occupée.", "Ce certificat est émis à Velo.",
            "Mise à jour : la ville est libérée.", "Length: 12 words", "Load-Date: March 5, 2024", "End of Document", "HD", "Fin."]  # fmt: skip
    for made in (new, old):
        for seed in range(20):
            lines = Random(seed).sample(body, len(body))
            content = page(made(*lines).replace(" 28 mots", ""))
            (draft,) = read(tmp_path, content).drafts
            assert draft.text.split("\n\n") == lines, f"seed {seed}, {made.__name__}"


def test_notes_other_editions_and_the_line_of_the_archive_are_not_text(tmp_path: Path) -> None:
    link = "<a href='https://port.example/velo'>Cet article est paru dans Le Port de Karsk (site web)</a>"
    aside = "<aside><div><b>Note(s) : </b><p>Voir page 5.</p></div></aside>"
    editions = "<div class='apd-wrapper'><table><tr><td>Édition du soir</td></tr></table></div>"
    (draft,) = read(tmp_path, page(new(*BODY, link, notes=aside + editions))).drafts
    assert (draft.text, draft.url) == (VELO.text, "https://port.example/velo")
    assert draft.metadata["notes"] == "Note(s) : Voir page 5."


def test_other_places_of_the_fields_are_known(tmp_path: Path) -> None:
    """The form between, authors in an element of their own, no container for the text, a number known by its id."""
    content = page(new())
    for known, other in (
        (' class="docOcurrContainer"', ""),
        ('<p class="sm-margin-bottomNews">Ana Rui</p>', '<div class="docAuthors">Ana Rui</div>'),
        (f'<div class="publiC-lblNodoc">{NUMBER}</div>', f'<p>Numéro : <span id="PubliC_lblNodoc">{NUMBER}</span></p>'),
        ("sm-margin-TopNews titreArticleVisu rdp__articletitle", "titreArticleVisu"),
    ):
        assert known in content
        content = content.replace(known, other)
    assert read(tmp_path, content).drafts == [VELO]


def test_the_same_number_twice_is_one_article_and_several_exports_are_read_from_one_file(
    empty_study: Study, tmp_path: Path
) -> None:
    content = page(new(), new()) + page(
        new("Karsk tient toujours, dit-on.", head="5 mars 2024", number="news·20240305·LPKX·2")
    )
    assert len(read(tmp_path, content).drafts) == 3
    done = add(empty_study, [tmp_path / "a.HTML"])
    assert (len(done.new), len(done.unchanged), done.refusals) == (2, 1, [])


def test_a_page_that_mentions_a_class_of_the_archive_is_still_a_page(tmp_path: Path) -> None:
    text = "".join(
        f"<p>The army entered Velo on day {n} and nobody in Karsk said a word about it.</p>" for n in range(9)
    )
    found = read(tmp_path, f"<html><body><article><h1>Velo</h1>{text}<p>DocPublicationName</p></article></body></html>")
    assert len(found.drafts) == 1 and "archive" not in found.drafts[0].metadata
