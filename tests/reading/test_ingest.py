"""Intake: files become articles, revisions and spans, whole or not at all, and adding again changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select
from stores import BODY, FILES, study_in, write

from corpus.articles import ingest
from corpus.articles.ingest import add
from corpus.errors import BadFile
from corpus.study import Study
from corpus.study import database as db


def contents(study: Study) -> dict[str, list[tuple[object, ...]]]:
    """Everything that a study's store holds, without the log of what was done, and the sums over its rows."""
    with study.store.reading() as connection:
        tables = {
            name: connection.execute(select(table)).fetchall()
            for name, table in db.metadata.tables.items()
            if name not in ("log", "row_sums")
        }
    return {name: sorted(map(tuple, rows), key=repr) for name, rows in tables.items()}


# adding


def test_adding_twice_changes_nothing(empty_study: Study, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", FILES)
    first = add(empty_study, [folder], outlet="Herald")
    assert (len(first.new), first.changed, first.unchanged, first.refusals) == (2, [], [], [])
    before = contents(empty_study)
    again = add(empty_study, [folder / "b.txt", folder, folder / "a.txt"], outlet="Herald")
    assert (again.new, again.changed, sorted(again.unchanged), again.refusals) == ([], [], sorted(first.new), [])
    assert contents(empty_study) == before


def test_one_bad_file_among_many_stops_none(empty_study: Study, tmp_path: Path) -> None:
    halves = [{"text": "It burned.", "url": "\ud800"}, {"text": "\udfff"}, {"text": "It burned.", "\ud800": "x"}]
    bad = {
        "0.txt": b"",
        "1.txt": b"\xff\xfe\x00",
        "2.jsonl": "\n".join(map(json.dumps, halves)),
        "3.parquet": b"PAR1",
        "4.html": "<html></html>",
        "5.txt": "\x07 \n",
        ".hidden.txt": "Velo fell.",
        ".git/config": "Velo fell.",
    }
    done = add(empty_study, [tmp_path / "nowhere", write(tmp_path / "in", bad | FILES)], outlet="Herald")
    assert sorted(empty_study.articles()["text"]) == sorted(FILES.values())
    assert len(done.new) == 2
    refused = [(where.replace(f"{tmp_path}/", "").partition(" ")[0], why) for where, why in done.refusals]
    assert [where.removesuffix(",") for where, _ in refused] == [
        "nowhere", "in/1.txt", "in/2.jsonl", "in/2.jsonl", "in/2.jsonl", "in/3.parquet", "in/4.html", "in/5.txt",
    ]  # fmt: skip
    assert "lone surrogate" in refused[2][1]
    passed = [(where.replace(f"{tmp_path}/", ""), why.partition(";")[0]) for where, why in done.passed_over]
    assert passed == [
        ("in/.git", "this is a hidden folder"),
        ("in/.hidden.txt", "this is a hidden file"),
        ("in/0.txt", "the file is empty"),
    ]


def test_an_outlets_name_is_one_however_it_is_typed(empty_study: Study, tmp_path: Path) -> None:
    rows = [{"text": "Velo fell.", "outlet": name} for name in ("Zélo Post", "Ze\u0301lo  Post ", "Zélo\x00 Post")]
    add(empty_study, [write(tmp_path / "in", {"a.jsonl": "\n".join(map(json.dumps, rows))})])
    assert set(empty_study.articles()["outlet"]) == {"Zélo Post"}


def test_an_empty_folder_is_said(empty_study: Study, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    done = add(empty_study, [tmp_path / "in"])
    assert [why for _, why in done.refusals] == ["the folder is empty; expected files with articles"]


def test_an_article_without_an_outlet_is_refused(empty_study: Study, tmp_path: Path) -> None:
    done = add(empty_study, [write(tmp_path, FILES) / "a.txt"])
    assert done.refusals == [
        (
            str(tmp_path / "a.txt"),
            "no outlet is named for it; expected a column outlet, a row in a manifest, or one for all: slantwise add PATH --outlet NAME",
        )
    ]
    assert len(empty_study.articles()) == 0


def test_an_outlet_that_the_study_does_not_declare_is_refused(tmp_path: Path) -> None:
    study = study_in(tmp_path / "study", outlets='["Herald", "Courier"]')
    folder = write(tmp_path / "in", FILES)
    done = add(study, [folder / "a.txt"], outlet="Heralt")
    assert [why for _, why in done.refusals] == [
        "'Heralt' is not an outlet of study.toml (nearest: 'Herald'); correct the name or add it there"
    ]
    assert len(add(study, [folder / "a.txt"], outlet="Herald").new) == 1


def test_a_text_in_two_outlets_is_two_articles_and_one_copy_group(empty_study: Study, tmp_path: Path) -> None:
    folder = write(tmp_path, FILES)
    for outlet in ("Herald", "Courier"):
        add(empty_study, [folder / "a.txt", folder / "b.txt"], outlet=outlet)
    articles = empty_study.articles()
    assert len(set(articles["article"])) == 4
    assert articles.groupby("copy_group")["text"].nunique().tolist() == [1, 1]
    assert articles.groupby("copy_group")["outlet"].apply(list).tolist() == [["Courier", "Herald"]] * 2


# manifests

MANIFEST = """file,outlet,country,language,published,title,url,author,rights,event,note,desk,mood
a.txt,Herald,Northland,en,2024-03-05,Velo falls,https://h.example/velo,Mira Stahl,all reserved,E1,,war,
b.txt,Courier,,,,,,,,,wire,,grim
c.txt,Herald,,,,,,,,,,,
b.txt,Herald,,,,,,,,,,,
./a.txt, ,,,,,,,,,,,
"""


def test_a_manifest_says_whose_the_files_are_and_keeps_its_other_columns(empty_study: Study, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {**FILES, "manifest.csv": MANIFEST, "c/d.txt": "Nobody’s."})
    done = add(empty_study, [folder])
    articles = empty_study.articles().drop(columns=["article", "copy_group", "revision", "text", "cut"])
    rows = articles.astype(object).where(articles.notna(), None).to_dict("records")
    names = ("date", "title", "url", "language", "rights", "event", "originator")
    empty = dict.fromkeys(names)
    assert [row | {"metadata": json.loads(row["metadata"])} for row in rows] == [
        empty | {"outlet": "Courier", "metadata": {"note": "wire", "mood": "grim"}},
        {
            "outlet": "Herald",
            "date": "2024-03-05",
            "title": "Velo falls",
            "url": "https://h.example/velo",
            "language": "en",
            "rights": "all reserved",
            "event": "E1",
            "originator": None,
            "metadata": {"country": "Northland", "author": "Mira Stahl", "desk": "war"},
        },
    ]
    assert [(where.rpartition("/")[2], why) for where, why in done.refusals] == [
        (
            "d.txt",
            "no outlet is named for it; expected a column outlet, a row in a manifest, or one for all: slantwise add PATH --outlet NAME",
        ),
        ("manifest.csv, row 3", f"there is no file {folder}/c.txt; names are relative to the manifest's folder"),
        ("manifest.csv, row 4", "b.txt is in the manifest twice; keep one row"),
        ("manifest.csv, row 5", "the row has no file or no outlet; fill in both"),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (
            "path,outlet\na.txt,Herald",
            "the manifest has no column 'file'; found path, outlet; it needs file and outlet",
        ),
        ("file;desk\na.txt;Herald", "the manifest has no column 'outlet'; found file, desk"),
        ("", "the file is empty"),
        (b"file,outlet\na.txt,Z\xe9lo", "byte 19 is not UTF-8"),
        (None, r"the manifest cannot be opened \(No such file or directory\); check its name"),
    ],
)
def test_a_manifest_that_is_none_stops_the_whole(
    empty_study: Study, tmp_path: Path, content: str | bytes | None, why: str
) -> None:
    folder = write(tmp_path / "in", FILES | ({} if content is None else {"list.csv": content}))
    with pytest.raises(BadFile, match=rf"list\.csv: {why}"):
        add(empty_study, [folder], manifest=folder / "list.csv")
    assert len(empty_study.articles()) == 0


# stopped in the middle


def test_an_exception_in_the_middle_of_a_file_leaves_nothing_of_it(
    empty_study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "\n".join(json.dumps({"text": f"{BODY} {n}", "outlet": f"O{n}"}) for n in range(3))
    folder = write(tmp_path / "in", {"a.txt": BODY, "b.jsonl": rows})
    whole = ingest.put_first_revision

    def failing(connection: object, revision: object, article: object) -> None:
        if str(getattr(revision, "text", "")).endswith("2"):
            raise KeyboardInterrupt
        whole(connection, revision, article)  # type: ignore[arg-type]

    monkeypatch.setattr(ingest, "put_first_revision", failing)
    with pytest.raises(KeyboardInterrupt):
        add(empty_study, [folder], outlet=None)
    with empty_study.store.reading() as connection:
        for table in (db.articles, db.outlets, db.revisions):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
    monkeypatch.undo()
    assert len(add(empty_study, [folder]).new) == 3


def test_files_of_the_same_name_in_two_folders_are_two_articles(empty_study: Study, tmp_path: Path) -> None:
    for month in ("2024-05", "2024-06"):
        (tmp_path / "texts" / month).mkdir(parents=True)
        (tmp_path / "texts" / month / "001.txt").write_text(
            f"Velo fell in {month}. Its council fled.", encoding="utf-8"
        )
    taken = add(empty_study, [tmp_path / "texts"], outlet="Herald")
    assert (len(taken.new), len(taken.changed)) == (2, 0)


# dates, and what is mended later


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("5/3/2024", "it may be 2024-03-05 or 2024-05-03; write it like one of them"),
        ("March 2024", "it names no day; expected one like 2025-05-11; correct it"),
        ("2024-13-05", "expected one like 2025-05-11; correct it"),
    ],
)
def test_a_date_that_cannot_be_read_is_listed_and_can_be_mended(
    empty_study: Study, tmp_path: Path, bad: str, reason: str
) -> None:
    folder = write(tmp_path / "in", FILES)
    manifest = write(tmp_path / "in", {"manifest.csv": f"file;outlet;published\na.txt;Herald;{bad}\n"}) / "manifest.csv"
    done = add(empty_study, [folder / "a.txt"], manifest=manifest)
    why = f"the date {bad!r} was ignored; {reason} and add the file again"
    assert (len(done.new), done.warnings) == (1, [(f"{manifest}, row 1", why)])
    manifest.write_text("file;outlet;published;note\na.txt;Herald;05.03.2024;wire\n")
    again = add(empty_study, [folder / "a.txt"], manifest=manifest)
    assert (again.new, len(again.changed), again.warnings) == ([], 1, [])
    assert empty_study.articles()[["date", "metadata"]].values.tolist() == [["2024-03-05", '{"note": "wire"}']]
    assert len(add(empty_study, [folder / "a.txt"], manifest=manifest).unchanged) == 1


def test_a_tables_date_that_cannot_be_read_is_listed(empty_study: Study, tmp_path: Path) -> None:
    rows = "text,outlet,published\nVelo fell.,Herald,5/3/2024\nIt burned.,Herald,5.3.2024\n"
    done = add(empty_study, [write(tmp_path / "in", {"a.csv": rows})])
    assert [where.rpartition("/")[2] for where, _ in done.warnings] == ["a.csv, row 1"]
    assert sorted(empty_study.articles()["date"].fillna("")) == ["", "2024-03-05"]


def test_a_later_state_of_an_article_does_not_change_when_it_was_published(empty_study: Study, tmp_path: Path) -> None:
    rows = [
        {"text": text, "outlet": "Herald", "url": "https://h.example/velo", "date": date}
        for text, date in ((BODY, "2024-03-05"), (f"{BODY} It burned.", "2024-03-06"))
    ]
    folder = write(tmp_path / "in", {"a.jsonl": "\n".join(map(json.dumps, rows))})
    for _ in range(2):
        add(empty_study, [folder])
        assert empty_study.articles()["date"].tolist() == ["2024-03-05"]
    assert len(add(empty_study, [folder]).unchanged) == 2


def test_the_balance_of_what_was_read_adds_up(empty_study: Study, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "in",
        {"a.csv": "text,outlet\nVelo fell.,Herald\n,Herald\n", "b.txt": "Karsk held.", "c.bin": b"\x00"},
    )
    for done in (add(empty_study, [folder, tmp_path / "no"], outlet="Herald") for _ in range(2)):
        refused = len(done.refusals)
        assert done.read == done.total + refused + len(done.passed_over) == 5 and refused == 2
        assert done.balance == (
            f"5 read: {len(done.new)} new, 0 changed, {len(done.unchanged)} unchanged, 1 passed over, 2 refused"
        )
        assert done.json()["read"] == 5
