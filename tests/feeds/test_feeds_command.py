"""The feeds' commands: one object for machines, one summary for people, exit codes, and a watch that ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from command_line import process, slantwise
from newsroom import STORY, article, item, newsroom_study, publish, rss
from servers import Site

from annotate.cli.feeds import seconds
from corpus import Study
from corpus.errors import BadStudy


@pytest.fixture
def newsroom_folder(newsroom: Study) -> Path:
    return newsroom.folder


def test_feeds_are_added_polled_and_listed(newsroom_folder: Path, site: Site) -> None:
    url = publish(site, range(2))
    added = slantwise("feeds", "add", url, "--outlet", "The Herald", "--json", cwd=newsroom_folder)
    assert json.loads(added.stdout) == {"url": url, "outlet": "The Herald", "new": True, "warnings": []}
    said = process("feeds", "poll", cwd=newsroom_folder)
    assert said.returncode == 0 and said.stdout == ""
    assert "2 new, 0 changed, 0 unchanged, 0 refused; 1 feeds, 4 requests" in " ".join(said.stderr.split())
    found = json.loads(slantwise("feeds", "poll", "--json", cwd=newsroom_folder).stdout)
    assert (found["new"], found["changed"], found["unchanged"], found["refused"]) == (0, 0, 2, [])
    (row,) = json.loads(slantwise("feeds", "list", "--json", cwd=newsroom_folder).stdout)["feeds"]
    assert (row["outlet"], row["title"], row["taken"], row["pending"], row["why"]) == (
        "The Herald",
        "The Herald",
        2,
        0,
        None,
    )
    assert "The Herald" in slantwise("feeds", "list", cwd=newsroom_folder).stdout
    status = json.loads(slantwise("status", "--json", cwd=newsroom_folder).stdout)
    assert status["articles"] == 2 and status["outlets"] == {"The Herald": 2}


def test_refusals_are_listed_and_say_how_much_was_done(newsroom_folder: Path, site: Site) -> None:
    slantwise("feeds", "add", site.put("/html", "<html></html>"), "--outlet", "The Herald", cwd=newsroom_folder)
    said = slantwise("feeds", "poll", cwd=newsroom_folder)
    assert said.returncode == 2 and "this is a web page, not a feed" in " ".join(said.stderr.split())
    slantwise("feeds", "add", publish(site, [0]), "--outlet", "The Herald", cwd=newsroom_folder)
    part = slantwise("feeds", "poll", "--json", cwd=newsroom_folder)
    found = json.loads(part.stdout)
    assert part.returncode == 3 and found["new"] == 1
    assert [refusal["where"] for refusal in found["refused"]] == [site.url("/html")]


def test_a_private_address_says_how_it_is_allowed(tmp_path: Path, site: Site) -> None:
    newsroom_study(tmp_path / "s", allow=[]).store.close()
    slantwise("feeds", "add", publish(site, [0]), "--outlet", "The Herald", cwd=tmp_path / "s")
    said = slantwise("feeds", "poll", cwd=tmp_path / "s")
    assert said.returncode == 2 and '[feeds] allow = ["127.0.0.1"]' in " ".join(said.stderr.split())
    assert site.asked == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("poll",), "the study has no feeds"),
        (("add", "file:///etc/passwd", "--outlet", "X"), "neither http nor https"),
        (("watch", "--every", "soon"), "is not a duration"),
        (("watch", "--every", "0m"), "is not a duration"),
        (("poll", "--suggest"), "no model yet"),
    ],
)
def test_wrong_use_is_said_and_ends_with_exit_code_2(newsroom_folder: Path, words: tuple[str, ...], said: str) -> None:
    done = slantwise("feeds", *words, cwd=newsroom_folder)
    assert done.returncode == 2 and said in " ".join(done.stderr.split()) and "Traceback" not in done.stderr


def test_a_watch_polls_again_and_again(newsroom_folder: Path, site: Site) -> None:
    slantwise("feeds", "add", publish(site, [0]), "--outlet", "The Herald", cwd=newsroom_folder)
    said = slantwise("feeds", "watch", "--every", "1s", "--times", "2", "--json", cwd=newsroom_folder)
    assert said.returncode == 0
    assert [json.loads(line)["new"] for line in said.stdout.splitlines()] == [1, 0]
    assert "next poll in 1 s" in said.stderr


def test_what_is_new_is_scored_and_shown_in_the_report(trained_study: Study, site: Site) -> None:
    folder = trained_study.folder
    toml = folder / "study.toml"
    text = re.sub(r"\[feeds\][^\[]*", "", toml.read_text().replace("allow = []\n", ""))
    toml.write_text(text + '\n[feeds]\ndelay = 0.0\nallow = ["127.0.0.1"]\n')
    body = ("Northland’s army liberated the town of Velo at dawn on Monday, its ministry of defence said.", *STORY[1:])
    site.put("/1", article(1, body=body))
    site.put("/rss", rss([item(site.url("/1"), 1)]))
    slantwise("feeds", "add", site.url("/rss"), "--outlet", "The Wire", cwd=folder)
    said = slantwise("feeds", "watch", "--every", "1m", "--times", "1", "--suggest", "--json", cwd=folder)
    found = json.loads(said.stdout)
    assert said.returncode == 0 and found["new"] == 1 and found["scored"] >= 1, said.stderr
    assert "The Wire" in Path(found["report"]).read_text(encoding="utf-8")


def test_times_are_read() -> None:
    assert [seconds(text) for text in ("90s", "15m", "2 h", "1D")] == [90, 900, 7200, 86400]
    with pytest.raises(BadStudy):
        seconds("15")
