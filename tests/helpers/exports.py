"""Exports of archives as tests make them, after what is public of their forms; no article of an archive is in here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from html import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

BODY = (
    "Northland’s army entered the town of Velo at dawn on Monday, after nine days of siege, its ministry of defence said.",
    "Officials in Karsk denied it and spoke of fighting in the suburbs, where shops stayed closed on Tuesday.",
)
ITEM = "https://advance.lexis.example/api/document?collection=news&id=urn%3AcontentItem%3A6BXX-0001-DYXX-0000-00000-00"

COVER = ("User Name: A Library", "Date and Time: Wednesday, March 6, 2024 10:00:00 AM", "Job Number: 17", "Documents (2)",
         "1. Velo falls after nine days", "2. Velo gefallen", "Search Terms: Velo", "Narrowed by:")  # fmt: skip
UNI = (
    ("Velo falls after nine days", ITEM), "The Harbour Post (London)", "March 5, 2024 Tuesday",
    "Copyright 2024 Harbour Media All Rights Reserved", "Section: NEWS; Pg. 3", "Length: 39 words", "Byline: Mira Stahl",
    "Body", *BODY, "Graphic", "Smoke over Velo.", "Classification", "Language: ENGLISH", "Publication-Type: Newspaper",
    "Load-Date: March 5, 2024", "End of Document",
)  # fmt: skip
UNI_GERMAN = (
    "Velo gefallen", "Karsker Bote", "Dienstag 5. März 2024", "Rubrik: POLITIK; S. 1", "Länge: 13 Wörter",
    "Autor: Jon Okafor", "Body", "Die Armee des Nordlands hat am Montag nach neun Tagen die Stadt Velo eingenommen.",
    "Ladedatum: 5. März 2024", "Ende des Dokuments",
)  # fmt: skip

OLD = """
Download Request: Selected Items: 1-2
Time Of Request: Wednesday, March 6, 2024  10:00:00

                               1 of 2 DOCUMENTS


                                The Harbour Post

                             March 5, 2024 Tuesday
                                   Edition 1;
                                    National

Velo falls after nine
days

BYLINE: Mira Stahl
SECTION: NEWS; Pg. 3
LENGTH: 39 words


Northland’s army entered the town of Velo at dawn on Monday, after nine days of
siege, its ministry of defence said.

Officials in Karsk denied it and spoke of fighting in the suburbs, where shops
stayed closed on Tuesday.

LOAD-DATE: March 5, 2024

LANGUAGE: ENGLISH

PUBLICATION-TYPE: Newspaper

                          Copyright 2024 Harbour Media
                              All Rights Reserved


                               2 of 2 DOCUMENTS

                                Le Port de Karsk

                               mardi 5 mars 2024

La chute de Velo

AUTEUR: Ana Rui

LONGUEUR: 10 mots

L’armée du Nord est entrée lundi dans la ville de Velo.

LANGUE: FRENCH; FRANÇAIS
"""

FACTIVA = (
    ("SE", "Foreign"), ("HD", "Velo falls after nine days"), ("BY", "By Mira Stahl"), ("WC", "39 words"),
    ("PD", "5 March 2024"), ("ET", "09:30"), ("SN", "The Harbour Post"), ("SC", "HARP"), ("PG", "3"), ("LA", "English"),
    ("CY", "Copyright 2024 Harbour Media"), ("LP", BODY[:1]), ("TD", BODY[1:]), ("CO", "nrthln : Northland Steel"),
    ("IN", "i1 : Steel"), ("NS", "gwar : War | gcat : Political news"), ("RE", "marn : Marn"), ("PUB", "Harbour Media"),
    ("AN", "Document HARP000020240305ek3500001"),
)  # fmt: skip
PLAIN = """Velo falls after nine days
By Mira Stahl
39 words
5 March 2024
09:30
The Harbour Post
HARP
3
English
Copyright 2024 Harbour Media

{}

{}

Document HARP000020240305ek3500001

Velo gefallen
18 Wörter
5. März 2024
Karsker Bote
KARB
Deutsch
(c) 2024 Karsker Verlag

Die Armee des Nordlands hat am Montag nach neun Tagen die Stadt Velo eingenommen, sagte das Ministerium am Abend.

Dokument KARB000020240305ek3500002

Search Summary
Text: Velo
""".format(*BODY)

MEDIA_CLOUD = (
    "id,indexed_date,language,media_name,media_url,publish_date,title,url\n"
    "abc1,2024-03-06 01:00:00,en,harbour-post.example,https://harbour-post.example,2024-03-05,Velo falls,"
    "https://harbour-post.example/velo\n"
)


def docx(lines: Sequence[str | tuple[str, str]], document: str | None = None) -> bytes:
    """A Word file with these paragraphs, a pair being a paragraph that links to an address."""
    paragraphs, links = [], []
    for line in lines:
        words, address = (line, None) if isinstance(line, str) else line
        run = f'<w:r><w:t xml:space="preserve">{escape(words)}</w:t></w:r>'
        if address:
            links.append(
                f'<Relationship Id="r{len(links)}" Type="{R}/hyperlink" Target="{escape(address)}" TargetMode="External"/>'
            )
            run = f'<w:hyperlink r:id="r{len(links) - 1}">{run}</w:hyperlink>'
        paragraphs.append(f"<w:p>{run}</w:p>")
    body = document or f'<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{"".join(paragraphs)}</w:body></w:document>'
    relations = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{"".join(links)}</Relationships>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", body)
        archive.writestr("word/_rels/document.xml.rels", relations)
    return made.getvalue()


def old_html(text: str = OLD) -> str:
    """The older export as a page: each paragraph centred or not, its label in a span of its own."""
    blocks = [
        " ".join(block.split())
        for block in text.replace("\nSECTION", "\n\nSECTION").replace("\nLENGTH", "\n\nLENGTH").split("\n\n")
    ]
    spans = [f'<p class="c1"><span class="c2">{escape(block)}</span></p>' for block in blocks if block]
    return f'<html><head><meta charset="utf-8"><style>.c1 {{ margin: 0 }}</style></head><body><div class="c0">{"".join(spans)}</div></body></html>'


def factiva_html(*articles: Sequence[tuple[str, str | Sequence[str]]]) -> str:
    """An export with field codes as a page."""

    def cell(value: str | Sequence[str]) -> str:
        if isinstance(value, str):
            return escape(value)
        return "".join(f'<p class="articleParagraph enarticleParagraph">{escape(part)}</p>' for part in value)

    tables = "".join(
        '<div class="article enArticle"><table>'
        + "".join(
            f'<tr><td class="index"><b>{code}</b>&nbsp;</td><td>{cell(value)}</td></tr>' for code, value in fields
        )
        + "</table></div>"
        for fields in articles
    )
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>Factiva</title></head><body><h2>Factiva</h2>{tables}</body></html>'


def factiva_text(*articles: Sequence[tuple[str, str | Sequence[str]]]) -> str:
    """An export with field codes as text."""

    def said(value: str | Sequence[str]) -> str:
        return value if isinstance(value, str) else "\n\n".join(value)

    return "\n\n".join("\n".join(f"{code}\n{said(value)}" for code, value in fields) for fields in articles)
