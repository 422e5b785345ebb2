"""Borders: a file with several articles is told, its parts become articles, and the whole is kept and not counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import slantwise
from sqlalchemy import select
from stores import BODY, MORE, code, postgres, study_in, write

from corpus import example
from corpus.articles.article_boundaries import looks_like_several, propose_boundaries
from corpus.articles.ingest import add
from corpus.articles.multi_article_texts import split_article
from corpus.articles.paragraphs import show_article
from corpus.copies.groups import list_copy_groups
from corpus.errors import BadStudy
from corpus.readers import read_file
from corpus.span import with_headline
from corpus.study import Study
from corpus.study import database as db
from corpus.study.status import status

TOWNS = ("Velo", "Brenik", "Karsk", "Marn")


def live(times: bool = True, towns: tuple[str, ...] = TOWNS) -> str:
    """A live blog about an invented war."""
    posts = []
    for n, town in enumerate(towns):
        clock = [f"1{n}:30 a.m."] if times else []
        story = [
            BODY.replace("Velo", town),
            MORE,
            f"The bridge at {town} had been destroyed, residents told this newspaper.",
        ]
        posts += [f"Northland’s army takes {town} after a siege of nine days", *clock, *story]
    return "\n\n".join(["War in the valley: live", *posts])


def test_the_seeds_archive_page_and_live_blog_are_told_from_articles(shared: Path) -> None:
    """Of the five seeds two hold several articles, and three are single ones."""
    table = {
        "000_2d9b32682570ac58.txt": None,
        "001_e151bc9da53059fc.txt": None,
        "002_44d5c7446924886e.txt": "May 2, 2023 - Russia-Ukraine news",
        "003_31df7c2d886eed9e.txt": "From Battlefield To Bargaining Table",
        "004_f7ba2992e29d3270.txt": "Over 107000 Russian soldiers killed in Ukraine identified",
    }
    found = {}
    for name, title in table.items():
        (draft,) = read_file(shared / "seeds" / name).drafts
        found[name[:3]] = propose_boundaries(with_headline(draft.normalised().text, title), title)
    assert {name: proposal.several for name, proposal in found.items()} == {
        "000": False, "001": True, "002": True, "003": False, "004": False,
    }  # fmt: skip
    # read by hand: ten articles, each under its standfirst; nineteen posts and the summary above them
    assert [(boundary.title or "").split()[0] for boundary in found["001"].boundaries] == [
        "Vladimir", "Ukrainian", "Kiev’s", "Ukrainian", "Washington", "Aleksandr", "Michael", "A", "The", "The",
    ]  # fmt: skip
    assert [(boundary.title or "").split()[0] for boundary in found["002"].boundaries] == [
        "What", "Ukrainians", "There", "Owner", "Ukrainian", "White", "Ukrainians", "It's", "Russian-installed", "China",
        "Russian", "Kremlin", "Kremlin", "It's", "Russia's", "Ukrainian", "As", "Russian", "Russia", "Video",
    ]  # fmt: skip
    assert found["002"].why == "20 parts; the page itself counts 24"


def test_no_article_of_the_example_looks_like_several() -> None:
    drafts = [draft for file in sorted((example.files() / "articles").rglob("*.*")) for draft in read_file(file).drafts]
    assert len(drafts) >= 50
    assert [draft.key for draft in drafts if looks_like_several(draft.normalised().text, draft.title)] == []


@pytest.mark.parametrize(
    ("between", "evidence"),
    [
        ("11:30 a.m. ET, May 3, 2025", "a time or a date next to it"),
        ("By Mira Stahl", "a byline below it"),
        (
            "KARSK, May 3 (Agency) – The town was quiet, its mayor said in the evening.",
            "a place in capitals where its text begins",
        ),
    ],
)
def test_what_speaks_for_a_border_is_named(between: str, evidence: str) -> None:
    posts = [
        f"Northland takes {town} after a long siege\n\n{between}\n\n{BODY}\n\n{MORE}\n\nNobody in {town} replied."
        for town in TOWNS[:2]
    ]
    proposal = propose_boundaries("\n\n".join(posts))
    assert proposal.several and proposal.why == "2 parts, each with its own time, byline, dateline or rule"
    assert [boundary.start for boundary in proposal.boundaries] == [0, len(posts[0]) + 2]
    assert all(evidence in boundary.evidence for boundary in proposal.boundaries)
    ruled = propose_boundaries("\n\n* * *\n\n".join(post.replace(f"{between}\n\n", "") for post in posts))
    assert "a rule above it" in ruled.boundaries[1].evidence


def whole_in(study: Study, folder: Path, content: str = live()) -> str:
    table = "file,outlet,originator,published,rights,note\nlive.txt,Valley Mirror,Herald,2025-05-03,licensed,wire\n"
    done = add(study, [write(folder, {"live.txt": content, "manifest.csv": table})])
    assert [one.article for one in done.several] == done.new and done.refusals == []
    return done.new[0]


def test_the_parts_of_a_whole_are_its_text_and_it_counts_no_longer(empty_study: Study, tmp_path: Path) -> None:
    add(empty_study, [write(tmp_path / "other", {"a.txt": BODY})], outlet="Herald")
    before = status(empty_study)
    whole = whole_in(empty_study, tmp_path / "in")
    text_of_whole = empty_study.articles().set_index("article").loc[whole, "text"]
    proposal = split_article(empty_study, whole)
    assert proposal.parts == () and status(empty_study).articles == before.articles + 1
    parts = split_article(empty_study, whole, yes=True).parts
    frame = empty_study.articles().set_index("article")
    joined = "\n\n".join(frame.loc[part.article, "text"] for part in parts)
    assert joined == text_of_whole and [text_of_whole[p.start : p.end].strip() for p in parts] == joined_texts(
        frame, parts
    )
    assert [part.title for part in parts] == [
        f"Northland’s army takes {town} after a siege of nine days" for town in TOWNS
    ]
    first = frame.loc[parts[1].article].to_dict()
    assert {name: first[name] for name in ("outlet", "originator", "date", "rights")} == {
        "outlet": "Valley Mirror", "originator": "Herald", "date": "2025-05-03", "rights": "licensed",
    }  # fmt: skip
    assert json.loads(first["metadata"]) == {"note": "wire", "whole": whole, "part": "2 of 4"}
    after = status(empty_study)
    assert after.articles == before.articles + 4 and after.outlets == {"Herald": 1, "Valley Mirror": 4}
    assert after.spans["headline"] >= 4
    assert not empty_study.spans()["article"].eq(whole).any() and whole not in str(list_copy_groups(empty_study))
    with empty_study.store.reading() as connection:
        kept = connection.execute(select(db.split_articles)).one()
    assert kept.id == whole and json.loads(kept.revisions)[0]["text"] == text_of_whole
    with pytest.raises(BadStudy, match=f"{whole} was split into the articles {parts[0].article}, "):
        show_article(empty_study, whole)


def joined_texts(frame, parts):  # type: ignore[no-untyped-def]
    return [frame.loc[part.article, "text"] for part in parts]


def test_adding_a_file_that_was_split_changes_nothing(empty_study: Study, tmp_path: Path) -> None:
    """A new state of it is refused."""
    whole = whole_in(empty_study, tmp_path / "in")
    split_article(empty_study, whole, yes=True)
    before = status(empty_study)
    again = add(empty_study, [tmp_path / "in"])
    assert (again.new, again.changed, again.unchanged, again.refusals) == ([], [], [whole], [])
    write(tmp_path / "in", {"live.txt": live() + "\n\nMore of it."})
    ((_, why),) = add(empty_study, [tmp_path / "in"]).refusals
    assert (
        why == "this article was split earlier and its text has changed since; add the new text under a different name"
    )
    assert status(empty_study) == before


def test_borders_by_hand_are_beginnings_of_paragraphs_and_a_part_can_be_split_again(
    empty_study: Study, tmp_path: Path
) -> None:
    whole = whole_in(empty_study, tmp_path / "in")
    starts = [row.start for row in show_article(empty_study, whole).paragraphs]
    with pytest.raises(
        BadStudy, match=rf"no paragraph of {whole} begins at 3 \(the nearest: 0, 'War in the valley: live'\)"
    ):
        split_article(empty_study, whole, at=[3])
    with pytest.raises(BadStudy, match="the text begins at 0 anyway"):
        split_article(empty_study, whole, at=[0])
    first, second = split_article(empty_study, whole, at=[starts[6]]).parts
    assert (first.title, second.title) == (
        "War in the valley: live",
        "Northland’s army takes Brenik after a siege of nine days",
    )
    inner = split_article(empty_study, second.article, yes=True).parts
    assert [part.title for part in inner] == [
        f"Northland’s army takes {town} after a siege of nine days" for town in TOWNS[1:]
    ]
    assert status(empty_study).articles == 4


def test_what_is_coded_is_never_split(empty_study: Study, tmp_path: Path) -> None:
    whole = whole_in(empty_study, tmp_path / "in")
    code(empty_study, "took")
    before = status(empty_study)
    with pytest.raises(BadStudy, match=f"{whole} is coded or drawn in a round and cannot be split any more"):
        split_article(empty_study, whole, yes=True)
    assert status(empty_study) == before


def test_an_article_that_is_one_and_one_that_is_none_are_not_split(empty_study: Study, tmp_path: Path) -> None:
    done = add(empty_study, [write(tmp_path / "in", {"a.txt": f"{BODY}\n\n{MORE}"})], outlet="Herald")
    assert done.several == []
    with pytest.raises(
        BadStudy,
        match=r"seems to contain only one article; say where the others begin: slantwise article split \w+ --at OFFSET",
    ):
        split_article(empty_study, done.new[0], yes=True)
    with pytest.raises(BadStudy, match="the study has no article 'x'"):
        split_article(empty_study, "x")


def test_splitting_works_in_a_teams_database_too(tmp_path: Path) -> None:
    with postgres() as server:
        study = study_in(tmp_path / "team", url=server.replace("NAME", "postgres"))
        whole = whole_in(study, tmp_path / "in")
        assert len(split_article(study, whole, yes=True).parts) == 4
        assert status(study).articles == 4
        study.store.close()


def test_the_command_proposes_and_takes_borders(empty_study: Study, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"live.txt": live(times=False)})
    added = slantwise("add", folder, "--outlet", "Herald", "--json", cwd=empty_study.folder)
    ((whole, _, why),) = [tuple(one.values()) for one in json.loads(added.stdout)["several"]]
    assert added.returncode == 0 and why == "4 parts under headlines of 10 words (median)"
    assert f"see: slantwise article split {whole}" in added.stderr.replace("\n", " ")
    seen = slantwise("article", "split", whole, cwd=empty_study.folder)
    assert seen.returncode == 0 and "takes Brenik" in seen.stdout and "--yes" in seen.stderr
    assert status(empty_study).articles == 1
    taken = slantwise("article", "split", whole, "--yes", "--json", cwd=empty_study.folder)
    found = json.loads(taken.stdout)
    assert taken.returncode == 0 and [part["start"] for part in found["parts"]] == [
        b["start"] for b in found["borders"]
    ]
    assert status(empty_study).articles == 4
