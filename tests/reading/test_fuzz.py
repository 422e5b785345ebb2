"""Fuzzing: whatever a file, a feed or a page holds, it is articles or a refusal; nothing is lost, nothing taken in part.

Every input follows from its seed, which a failure names. `make fuzz` tries ten times as many.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random

import pytest
from fuzzing import CLOSED, NASTY, STORIES, WHOLE, damaged, file, rezipped
from newsroom import article, item, json_feed, newsroom_study, rss
from servers import Site, serving
from sqlalchemy import func, select
from stores import BOOK, code, study_in, write

from corpus import codebook
from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.draft import Draft, ReadResult
from corpus.errors import BadCodebook, BadFeed, BadFile, BadText
from corpus.feeds.extraction import extract_article
from corpus.feeds.formats import FeedEntry, parse_feed
from corpus.feeds.poll import poll_feeds
from corpus.feeds.subscriptions import add_feed
from corpus.readers import read_file
from corpus.readers.manifest import Manifest
from corpus.study import database as db
from corpus.study.status import status

INPUTS = int(os.environ.get("SLANTWISE_FUZZ", "2000"))
SLOWEST = 20.0  # seconds of the processor that an input of some kilobytes may take


def share(part: float) -> range:
    return range(int(INPUTS * part))


def checked(path: Path) -> ReadResult:
    reading = read_file(path)
    assert reading.drafts or reading.refusals
    for draft in reading.drafts:
        assert isinstance(draft, Draft) and draft.text.strip() and draft.key
    for where, why in reading.refusals:
        assert str(path) in where and why and "\n" not in why, why
    return reading


def test_every_damaged_file_is_articles_or_refusals(tmp_path: Path) -> None:
    for seed in share(0.6):
        name, data = file(seed)
        path = write(tmp_path, {name: data}) / name
        started = time.process_time()
        try:
            checked(path)
        except Exception as error:
            pytest.fail(f"seed {seed} ({name}): {type(error).__name__}: {error}")
        assert time.process_time() - started < SLOWEST, f"seed {seed} ({name})"
        path.unlink()


def words(reading: ReadResult) -> list[str]:
    found = []
    for draft in reading.drafts:
        try:
            found.append(draft.normalised().text)
        except BadText:
            found.append(draft.text)
    return found


@pytest.mark.parametrize("name", sorted(CLOSED))
def test_a_file_that_was_cut_off_gives_whole_articles_only(tmp_path: Path, name: str) -> None:
    whole, path = WHOLE[name], tmp_path / name
    path.write_bytes(whole)
    assert words(checked(path)) == STORIES
    random = Random(name)
    for _ in share(0.1 / len(CLOSED)):
        cut = random.randrange(1, len(whole))
        path.write_bytes(
            rezipped(whole, lambda inner, cut=cut: inner[: cut % len(inner)]) if name == "f.docx" else whole[:cut]
        )
        reading = checked(path)
        found = words(reading)
        taken = [text for text in found if text in STORIES]
        assert taken == STORIES[: len(taken)]
        assert taken == found or not taken, (
            cut,
            found,
        )  # cut so early that nothing tells an export, it is a plain text


@pytest.mark.parametrize("name", ["d.jsonl", "g.txt", "h.txt", "j.html", "k.txt"])
def test_damage_to_one_article_of_a_file_never_loses_another_without_a_word(tmp_path: Path, name: str) -> None:
    whole, path = WHOLE[name], tmp_path / name
    random = Random(name)
    for _ in share(0.02):
        at = random.randrange(len(whole))
        change = random.choice((b"", b"x", *NASTY[10:21]))
        path.write_bytes(whole[:at] + change + whole[at + random.choice((0, 1, 30)) :])
        reading = checked(path)
        text = "\n\n".join(words(reading))
        lost = [story for story in STORIES if not all(part in text for part in story.split("\n\n"))]
        assert len(lost) <= 1 or reading.refusals, (at, change, lost)


def test_what_is_added_from_damaged_files_is_stored_whole_or_not_at_all(tmp_path: Path) -> None:
    study = study_in(tmp_path / "study")
    files = {}
    for seed in share(0.05):
        name, data = file(1_000_000 + seed)
        files[f"{seed}{name}"] = data
    folder = write(tmp_path / "in", files)
    done = add(study, [folder], outlet="Herald")
    assert done.new and done.refusals
    with study.store.reading() as connection:
        numbers = connection.execute(
            select(db.revisions.c.article, func.count()).group_by(db.revisions.c.article)
        ).all()
        unsplit = select(db.revisions.c.id).where(db.revisions.c.id.not_in(select(db.spans.c.revision)))
        assert connection.execute(unsplit).all() == []
        assert connection.execute(select(func.count()).select_from(db.articles)).scalar_one() == len(numbers)
    assert {article for article, _ in numbers} == set(done.new)
    frame = study.spans().merge(study.articles()[["article", "text"]], on="article", suffixes=("", "_whole"))
    assert all(row.text_whole[row.start : row.end] == row.text for row in frame.itertuples())
    before = status(study)
    again = add(study, [folder], outlet="Herald")
    assert again.new == [] and status(study).articles == before.articles
    study.store.close()


def test_damaged_manifests_codebooks_and_answers_are_refused_in_plain_words(tmp_path: Path) -> None:
    study = study_in(tmp_path / "study")
    add(study, [write(tmp_path / "in", {"a.txt": STORIES[0]})], outlet="Herald")
    code(study, "took")
    span = study.annotations()["span"].iloc[0]
    answer = f'{{"span": "{span}", "variable": "wording", "code": "plain", "coder": "jon", "memo": "é"}}\n'.encode()
    manifest = b"file,outlet,published,note\na.txt,Herald,2024-03-05,wire\n"
    others = [answer, manifest, BOOK.encode()]
    for seed in share(0.03):
        random = Random(seed)
        kind, whole = random.choice([("manifest", manifest), ("answers", answer), ("book", BOOK.encode())])
        path = write(tmp_path / "in", {kind: damaged(random, whole, others)}) / kind
        try:
            if kind == "manifest":
                Manifest(path)
            elif kind == "answers":
                add_annotations(study, path)
            else:
                codebook.load(str(path))
        except (BadFile, BadCodebook) as error:
            assert str(error)
        except Exception as error:
            pytest.fail(f"seed {seed} ({kind}): {type(error).__name__}: {error}")
    study.store.close()


FEEDS = [
    rss(
        [item(f"https://herald.example/{n}", n, more="<description>Velo &amp; Karsk</description>") for n in range(4)]
    ).encode(),
    json_feed(
        *({"id": str(n), "url": f"/{n}", "title": "Velo falls", "content_html": "<p>It burned.</p>"} for n in range(4))
    ).encode(),
    b'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>H</title><entry><id>1</id><link href="/1"/>'
    b"<title type='html'>Velo &lt;b>falls</title><updated>2025-03-01T09:30:00Z</updated><content type='xhtml'>"
    b"<div xmlns='http://www.w3.org/1999/xhtml'><p>It burned.</p></div></content></entry></feed>",
]


def test_damaged_feeds_and_their_pages_are_read_or_refused() -> None:
    page = article(1).encode()
    for seed in share(0.1):
        random = Random(seed)
        try:
            feed = parse_feed(damaged(random, random.choice(FEEDS), FEEDS), "https://herald.example/rss")
            assert all(entry.id for entry in feed.entries)
        except BadFeed as error:
            assert str(error)
        except Exception as error:
            pytest.fail(f"seed {seed}: {type(error).__name__}: {error}")
    for seed in share(0.1):
        random = Random(seed)
        header = {
            "content-type": random.choice(("text/html", "text/html; charset=utf-8", "text/html; charset=x", "\x00", ""))
        }
        entry = FeedEntry(
            "1",
            "https://herald.example/1",
            text=damaged(random, b"<p>It <b>burned</b>.</p>", FEEDS).decode("utf-8", "replace"),
        )
        try:
            draft = extract_article(entry, "Herald", damaged(random, page, FEEDS), "https://herald.example/1", header)
            assert draft.text.strip() and draft.key
        except BadFile as error:
            assert str(error)
        except Exception as error:
            pytest.fail(f"seed {seed}: {type(error).__name__}: {error}")


def test_a_poll_of_damaged_feeds_and_pages_stores_whole_articles(tmp_path: Path) -> None:
    """It can be run again."""
    with serving() as site:
        study = newsroom_study(tmp_path)
        seeds = share(0.01)
        for seed in seeds:
            _publish(site, seed)
        for seed in seeds:
            add_feed(study, site.url(f"/{seed}/rss"), outlet="Herald")
        done = poll_feeds(study)
        with study.store.reading() as connection:
            states = dict(
                connection.execute(select(db.feed_entries.c.state, func.count()).group_by(db.feed_entries.c.state))
                .tuples()
                .all()
            )
            revisions = connection.execute(select(func.count()).select_from(db.revisions)).scalar_one()
            articles = connection.execute(select(func.count()).select_from(db.articles)).scalar_one()
        assert done.new and len(set(done.new)) == articles <= revisions
        assert sum(states.values()) > 0 and states.get("taken", 0) >= articles
        again = poll_feeds(study)
        assert again.new == [] and len(study.articles()) == articles
        study.store.close()


def _publish(site: Site, seed: int) -> None:
    random = Random(seed)
    pages = [f"/{seed}/{n}" for n in range(3)]
    for n, path in enumerate(pages):
        page = article(n).encode()
        site.put(path, damaged(random, page, FEEDS) if random.random() < 0.7 else page)
    feed = rss([item(site.url(path), n) for n, path in enumerate(pages)]).encode()
    site.put(f"/{seed}/rss", damaged(random, feed, FEEDS) if random.random() < 0.6 else feed)
