"""A coder signs in with a browser and codes: by keyboard in the layout unit, with the mouse in highlight."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from studios import pulled, pushed, server_of

from annotate.rounds import rounds, shown_suggestions
from annotate.rounds.draw import draw
from annotate.studio.accounts import local_servers
from corpus import Study
from corpus.annotation import Design
from corpus.articles.ingest import add
from corpus.span import Span
from corpus.study import database as db

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SHOTS = os.environ.get("SLANTWISE_SCREENSHOTS")  # a folder, for those who want to look


@pytest.fixture
def page(studio_study: Study, chromium: Browser) -> Iterator[Page]:
    """A browser in which mira has signed in."""
    account, server = local_servers(studio_study).account("mira"), server_of(studio_study)
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(30_000)
    page.goto(f"{server.url}/user/login/")
    page.fill("input[name=email]", account.email)
    page.fill("input[name=password]", account.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    yield page
    page.close()


def queue(page: Page, study: Study, project: int) -> None:
    page.goto(f"{server_of(study).url}/projects/{project}/data?labeling=1")
    page.wait_for_selector(".lsf-htx-richtext")
    shot(page, "instructions-1280")
    heading = page.get_by_text("Labeling Instructions")
    heading.wait_for()  # shown once, before the first span
    page.keyboard.press("Escape")
    heading.wait_for(state="hidden")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.wait_for_timeout(400)
        page.screenshot(path=f"{SHOTS}/{name}.png")


def submitted(page: Page) -> None:
    """Submit by keyboard and wait until the server has it."""
    with page.expect_response(lambda r: "/annotations" in r.url and r.request.method == "POST" and r.status == 201):
        page.keyboard.press("Control+Enter")


def press(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(60)


def test_five_mentions_are_coded_by_keyboard_and_pulled_exactly(studio_study: Study, page: Page) -> None:
    draw(studio_study, "keys", ["mira"], spans=5)
    project = pushed(studio_study, "keys").project
    queue(page, studio_study, project)
    shot(page, "unit-1280")
    typed = {"1": "none", "6alq": "change", "4bodt": "state", "8": "skip", "3uxmn": "prospect"}
    for keys in typed:
        press(page, keys)
        if keys == "4bodt":
            shot(page, "unit-coded-1280")
        submitted(page)
        page.wait_for_function("!document.querySelector('.sw-codes input:checked')")  # the next span, or the end
        page.wait_for_timeout(500)
    taken = pulled(studio_study, "keys")
    assert (taken.answered, taken.skipped, taken.refusals) == (4, 1, [])
    frame = studio_study.annotations()
    frame = frame[frame["round"] == "keys"]
    spans = [one.span for one in rounds.assignments(studio_study, "keys")]
    expected = [
        {"mention": "none"},
        {"mention": "change", "gainer": "side-a", "wording": "liberation", "attribution": "outlet"},
        {"mention": "state", "gainer": "side-b", "wording": "occupation", "attribution": "direct", "speaker": "third"},
        {},
        {
            "mention": "prospect",
            "gainer": "unclear",
            "wording": "annexation",
            "attribution": "marked",
            "speaker": "unclear",
        },
    ]
    assert [dict(frame[frame["span"] == span][["variable", "code"]].to_numpy()) for span in spans] == expected
    assert (frame["coder"] == "mira").all() and (frame["arm"] == "blind").all() and (frame["seconds"] > 0).all()


def box(page: Page, word: str) -> tuple[float, float, float, float]:
    """Return x, y, width, height of a word on the screen."""
    return tuple(
        page.evaluate(
            """word => { const walk = document.createTreeWalker(document.querySelector('.lsf-htx-richtext'), NodeFilter.SHOW_TEXT);
            for (let node; node = walk.nextNode();) { const i = node.data.indexOf(word); if (i < 0) continue;
              const range = document.createRange(); range.setStart(node, i); range.setEnd(node, i + word.length);
              const b = range.getBoundingClientRect(); return [b.left, b.top, b.width, b.height] } }""",
            word,
        )
    )


def test_a_suggestion_is_on_the_screen_in_the_assisted_arm_only(studio_study: Study, page: Page) -> None:
    """The blind arm shows none."""
    said = {"mention": "change", "gainer": "side-b", "wording": "occupation"}
    answered = set(studio_study.annotations()["span"])
    spans = [str(span) for span in studio_study.eligible()["span"] if span not in answered]
    with studio_study.store.writing() as connection:  # as a model would leave them; the attribution is the rules'
        db.set_meta(connection, "model", "v-screen")
        rows = [
            {"span": s, "variable": name, "model": "v-screen", "fold": "", "probabilities": json.dumps({code: 1.0})}
            for s in spans
            for name, code in said.items()
        ]
        db.put(connection, db.suggestions, rows)
    draw(studio_study, "seen", ["mira"], spans=4, design=Design(assisted=0.5))
    project = pushed(studio_study, "seen").project
    given = rounds.assignments(studio_study, "seen")
    ruled = {
        span: one.code
        for span, one in shown_suggestions.suggestions_by_rule(studio_study, [one.span for one in given]).items()
    }
    queue(page, studio_study, project)
    for n, one in enumerate(given):
        page.wait_for_timeout(700)
        checked = page.locator(".sw-codes input:checked").count()
        if one.arm == "assisted":
            assert checked == len(said) + 1
            shot(page, "unit-assisted-1280")
            if ruled[one.span] != "outlet":
                press(page, "n")  # then somebody speaks, of whom nothing is suggested
        else:
            assert checked == 0
            press(page, "1")
        before = page.inner_text(".lsf-htx-richtext")
        submitted(page)
        if n < len(given) - 1:
            page.wait_for_function("t => document.querySelector('.lsf-htx-richtext')?.innerText !== t", arg=before)
    taken = pulled(studio_study, "seen")
    assert (taken.answered, taken.refusals) == (4, [])
    frame = studio_study.annotations()
    for one in given:
        mine = frame[(frame["round"] == "seen") & (frame["span"] == one.span)]
        found = dict(mine[["variable", "code"]].to_numpy())
        speaker = {} if ruled[one.span] == "outlet" else {"speaker": "unclear"}
        helped = {**said, "attribution": ruled[one.span], **speaker}
        assert found == (helped if one.arm == "assisted" else {"mention": "none"}) and set(mine["arm"]) == {one.arm}


def test_a_word_marked_after_an_emoji_is_pulled_with_its_offsets(
    studio_study: Study, page: Page, tmp_path: Path
) -> None:
    """It is marked with the mouse, and by dragging its end."""
    text = "Emoji 👨‍👩‍👧‍👦 and flags 🇺🇦 stood here 😀 before they liberated Velo, said Звільнене."
    (tmp_path / "emoji.txt").write_text(text)
    add(studio_study, [tmp_path / "emoji.txt"], outlet="The Harbour Post")
    draw(studio_study, "marks", ["mira"], design=Design(layout="highlight"))
    project = pushed(studio_study, "marks").project
    (wanted,) = (
        s
        for s in rounds.assignments(studio_study, "marks")
        if text in studio_study.spans().set_index("span")["text"][s.span]
    )
    from annotate.studio.accounts import sign_in

    with sign_in(studio_study, "mira") as place:
        task = next(t.id for t in place.studio.tasks(project) if t.data["sw_span"] == wanted.span)
    page.goto(f"{server_of(studio_study).url}/projects/{project}/data?task={task}")
    page.wait_for_selector(".lsf-htx-richtext")
    page.wait_for_timeout(1500)
    x, y, w, h = box(page, "liberated")
    page.mouse.move(x + 1, y + h / 2)
    page.mouse.down()
    page.mouse.move(x + w / 2, y + h / 2)
    page.mouse.move(x + w, y + h / 2)
    page.mouse.up()
    page.wait_for_timeout(400)
    x, y, w, h = box(page, "liberated")
    page.mouse.click(x + w / 2, y + h / 2)
    page.wait_for_timeout(400)
    press(page, "6alq")
    end = page.locator("area.__resize_right").bounding_box()
    assert end is not None
    x, y, w, h = box(page, "Velo")
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2)
    page.mouse.down()
    page.mouse.move(x + w / 2, y + h / 2, steps=5)
    page.mouse.move(x + w, y + h / 2, steps=10)
    page.mouse.up()
    page.wait_for_timeout(400)
    shot(page, "highlight-1280")
    submitted(page)
    taken = pulled(studio_study, "marks")
    assert (taken.answered, taken.refusals) == (1, [])
    frame = studio_study.annotations()
    frame = frame[frame["round"] == "marks"]
    revision = Span.from_id(wanted.span).revision
    start = Span.from_id(wanted.span).start + text.index("liberated")
    assert set(frame["span"]) == {f"{revision}:mention:{start}-{start + 14}"} and set(frame["text"]) == {
        "liberated Velo"
    }
    assert dict(frame[["variable", "code"]].to_numpy()) == {
        "mention": "change", "gainer": "side-a", "wording": "liberation", "attribution": "outlet",
    }  # fmt: skip
