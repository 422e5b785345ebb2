"""After articles were removed the rest is as if they had never been there, no feed brings them back, all commands work."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from command_line import slantwise
from newsroom import article, item, newsroom_study, publish, rss
from removed import RARE, TEXTS, cells, rare, rows
from servers import Site
from sqlalchemy import select
from stores import code, study_in, write

from annotate import draw
from corpus import Study, add, check_study, poll_feeds, remove_articles, retry_pages, split_article
from corpus.annotation import Design
from corpus.annotations.rows import add_annotations
from corpus.feeds.subscriptions import add_feed
from corpus.study import database as db
from corpus.study.status import status

DERIVED = (
    "articles", "revisions", "spans", "paragraph_counts", "paragraph_owners", "shingle_signatures", "shingles",
    "tallies", "outlets", "cut_texts",
)  # fmt: skip


def test_the_rest_is_as_if_the_removed_had_never_been_added(example_read_only: Study, tmp_path: Path) -> None:
    """Copy groups, what is repeated and therefore furniture, spans and running counts, on the example's articles."""
    frame = example_read_only.articles()[["outlet", "title", "text", "date", "url"]].rename(columns={"url": "id"})
    frame["id"] = [f"https://example.org/{n}" for n in range(len(frame))]
    line = "\n\nRead our live coverage of the war in the valley here."
    frame.loc[::9, "text"] += line  # furniture where an outlet has it three times
    gone = frame.index[[n % 3 == 0 or n % 7 == 0 for n in range(len(frame))]]
    one, other = study_in(tmp_path / "one"), study_in(tmp_path / "other")
    add(one, frame)
    add(other, frame.drop(gone))
    stored = one.articles().set_index("url" if one.articles()["url"].notna().all() else "text")
    keep = set(other.articles()["article"])
    assert keep < set(stored["article"])
    remove_articles(one, [id for id in stored["article"] if id not in keep], yes=True)
    for name in DERIVED:
        kept = [row for row in rows(one, name) if name != "tallies" or row[-1]]
        assert kept == [row for row in rows(other, name) if name != "tallies" or row[-1]], name
    assert check_study(one).findings == ()
    one.store.close()
    other.store.close()


def test_copies_that_only_the_removed_one_held_together_are_apart(tmp_path: Path) -> None:
    study = study_in(tmp_path / "study")
    parts = [
        " ".join(f"{word} {n} took the road to station {n * k} in the north" for n in range(40))
        for k, word in ((3, "Soldiers"), (5, "Farmers"), (7, "Doctors"))
    ]
    texts = {"a.txt": parts[0], "b.txt": "\n\n".join(parts), "c.txt": parts[2], "d.txt": parts[2] + " today"}
    add(study, [write(tmp_path / "in", texts)], outlet="Herald")
    frame = study.articles()
    assert frame["copy_group"].nunique() == 1
    middle = frame[frame["text"].str.contains("Farmers")]["article"].iloc[0]
    remove_articles(study, middle, yes=True)
    groups = study.articles().groupby("copy_group").size().tolist()
    assert sorted(groups) == [1, 2] and status(study).copy_groups == 2
    assert check_study(study).findings == ()
    study.store.close()


def test_a_part_of_a_split_text_takes_the_whole_text_with_it(tmp_path: Path) -> None:
    study = study_in(tmp_path / "study")
    live = "\n\n".join(
        f"Northland’s army takes {town} after a siege of nine days\n\nNorthland’s army took the town of {town} at dawn on "
        "Monday, its ministry said.\n\nOfficials denied it, and the roads stayed closed."
        for town in ("Velo", RARE, "Karsk")
    )
    (whole,) = add(study, [write(tmp_path / "in", {"live.txt": live})], outlet="Herald").new
    starts = [live.index(f"Northland’s army takes {town}") for town in ("Velo", RARE, "Karsk")]
    split_article(study, whole, at=starts)
    remove_articles(study, rare(study), yes=True)
    assert cells(study, RARE) == [] and len(study.articles()) == 2
    again = add(study, [tmp_path / "in"], outlet="Herald")
    assert len(again.passed_over) == 1 and status(study).removed_articles == 1
    assert check_study(study).findings == ()
    study.store.close()


def test_polls_bring_no_removed_article_back(tmp_path: Path, site: Site) -> None:
    study = newsroom_study(tmp_path / "study")
    add_feed(study, publish(site, range(4)), outlet="The Herald")
    poll_feeds(study)
    frame = study.articles()
    id = frame[frame["title"].str.endswith("day 2")]["article"].iloc[0]
    pages = set(study.pages.rglob("*.gz"))
    remove_articles(study, id, yes=True)
    assert cells(study, "day 2") == [] and len(pages - set(study.pages.rglob("*.gz"))) == 1
    assert check_study(study).findings == ()
    site.put("/2", article(2, title="Velo falls again"), validated=True)
    items = [item(site.url(f"/{n}"), n, title=f"Changed {n}") for n in range(4)]
    site.put("/rss", rss(items), validated=True)
    site.put("/other", rss([*items, item(site.url("/2?page=all"), 2)]), validated=True)
    canonical = f'<link rel="canonical" href="{site.url("/2")}">'
    site.put("/2?page=all", article(2, head=canonical), validated=True)
    add_feed(study, site.url("/other"), outlet="The Herald")
    done = poll_feeds(study)
    assert done.new == [] and done.refusals == [] and len(study.articles()) == 3
    assert done.read == len(done.changed) + done.unchanged + len(done.passed_over)
    retry_pages(study, site.url("/2"))
    assert cells(study, "day 2") == [] and len(study.articles()) == 3
    orphan = study.pages / "ab" / f"{'ab' * 32}.gz"  # as a command leaves it that was killed
    write(orphan.parent, {orphan.name: b""})
    os.utime(orphan, (0, 0))
    remove_articles(study, id, yes=True)
    assert len(set(study.pages.rglob("*.gz"))) == len({row[3] for row in rows(study, "pages")})
    assert check_study(study).findings == ()
    ended = remove_articles(study, outlet="The Herald", yes=True)
    assert f"feeds of The Herald: {site.url('/other')}, {site.url('/rss')}" in " ".join(ended.notes)
    study.store.close()


def test_every_command_that_reads_works_after_removals(example_copy: Path) -> None:
    study = Study.open(example_copy)
    draw(study, "main-9", "mira,jon", spans=40, design=Design(no_term=0.2, assisted=0.0))
    for row in study.assignments().query("round == 'main-9'").itertuples():
        rows = [
            {"span": row.span, "variable": name, "code": code, "coder": row.coder, "round": "main-9", "arm": row.arm}
            for name, code in (("mention", "control"), ("gainer", "side-a"), ("wording", "plain"))
        ]
        add_annotations(study, rows)
    drawn = study.draws().query("round == 'main-9'")["article"].drop_duplicates().tolist()
    gone = drawn[: len(drawn) // 3]
    group, event = study.copies()["group"].iloc[-1], study.events()["event"].iloc[0]
    said = slantwise("article", "remove", *gone, cwd=study.folder)
    assert said.returncode == 0 and "would be removed" in said.stderr and "--yes" in said.stderr
    assert study.articles()["article"].isin(gone).sum() == len(gone)
    said = slantwise("article", "remove", *gone, "--yes", "--json", cwd=study.folder)
    assert json.loads(said.stdout)["done"] and len(json.loads(said.stdout)["articles"]) == len(gone)
    assert not study.articles()["article"].isin(gone).any()
    commands = (
        "status", "study check", "round list", "round show main-9", "round show main-9.no-term", "agree main-9",
        "round export main-9 books", "adjudicate list main-9", "adjudicate auto main-9", "export tables",
        "export ls --format labelstudio", "copies list", f"copies show {group}", "events list", f"events show {event}",
        "kwic took", "report", "study backup ../whole.backup", "study repair", "respan",
        "round draw main-10 --coders mira,jon --spans 4",
    )  # fmt: skip
    for command in commands:
        said = slantwise(*command.split(), cwd=study.folder)
        expected = (0, 3) if "agree" in command else (0,)
        unlike = command.startswith(("copies show", "events show")) and said.returncode == 2 and "has no" in said.stderr
        assert said.returncode in expected or unlike, (command, said.returncode, said.stderr)
        assert "Traceback" not in said.stderr and "bug in Slantwise" not in said.stderr, (command, said.stderr)
    said = slantwise("status", cwd=study.folder)
    assert f"{len(gone)} more were removed" in said.stdout
    for command in ("agree main-9", "round export main-9 books2", "report"):
        said = slantwise(*command.split(), cwd=study.folder)
        assert "removed with their articles, and left out" in said.stderr, (command, said.stderr)
    assert f"({len(gone)} more were removed)" in (study.reports / "report.html").read_text()
    said = slantwise("round", "show", "main-9", cwd=study.folder)
    assert "of these spans were removed with their articles" in said.stderr
    said = slantwise("round", "remove-coder", "jon", "--yes", cwd=study.folder)
    assert said.returncode == 0 and "jon is removed, with" in said.stderr
    for command in ("status", "agree main-9", "adjudicate auto main-9", "round show main-9", "export again", "report"):
        said = slantwise(*command.split(), cwd=study.folder)
        assert "Traceback" not in said.stderr and "bug in Slantwise" not in said.stderr, (command, said.stderr)
    assert check_study(study).findings == ()
    study.store.close()


def test_removing_needs_no_open_files_elsewhere(tmp_path: Path) -> None:
    """Where another program reads the file, the rows are gone all the same, and it is said that bytes may be left."""
    study = study_in(tmp_path / "study")
    add(study, [write(tmp_path / "in", TEXTS)], outlet="Herald")
    code(study, "took")
    reader = Study.open(study.folder)
    with reader.store.engine.connect() as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr("corpus.removal.overwriting._WAIT", 0.1)
        connection.execute(select(db.articles)).all()
        done = remove_articles(study, rare(study), yes=True)
        assert not done.overwritten and any("give the same command again" in note for note in done.notes)
    again = remove_articles(study, done.articles[0].article, yes=True)
    assert again.overwritten
    assert RARE.encode() not in b"".join(file.read_bytes() for file in study.folder.glob("study.db*"))
    reader.store.close()
    study.store.close()
