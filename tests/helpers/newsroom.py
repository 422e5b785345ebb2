"""An invented newsroom on loopback: feeds in each format, and pages that trafilatura reads as articles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from servers import Site
from stores import study_in

from corpus.study import Study

STORY = (
    "Northland’s army took the town of Velo at dawn on day {n}, its ministry of defence said on Monday evening.",
    "Officials in Karsk denied it and spoke of fighting in the suburbs, where shops stayed closed for day {n}.",
    "Residents who had fled told this newspaper that the bridge over the Marn had been destroyed before sunrise on day {n}.",
)


def article(
    n: int = 0, *, title: str | None = None, body: Sequence[str] = STORY, head: str = "", lang: str = "en"
) -> str:
    """A page with one article on it."""
    text = "".join(f"<p>{escape(part.format(n=n))}</p>" for part in body)
    title = title or f"Velo falls on day {n}"
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>'
        f"<nav><a href='/'>Home</a> <a href='/w'>World</a></nav><article><h1>{title}</h1>{text}</article>"
        "<footer>Contact us</footer></body></html>"
    )


def rss(items: Sequence[str], head: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{head}<rss version="2.0"><channel><title>The Herald</title>'
        f"<language>en</language>{''.join(items)}</channel></rss>"
    )


def item(url: str, n: int = 0, *, title: str | None = None, more: str = "") -> str:
    return (
        f"<item><guid>{url}</guid><link>{url}</link><title>{title or f'Velo falls on day {n}'}</title>"
        f"<pubDate>Sat, 0{n % 9 + 1} Mar 2025 09:30:00 GMT</pubDate>{more}</item>"
    )


def publish(site: Site, numbers: Sequence[int], host: str = "127.0.0.1", **headers: str) -> str:
    """Let the site have a feed and its pages; return the feed's URL."""
    for n in numbers:
        site.put(f"/{n}", article(n), validated=True)
    site.put("/rss", rss([item(site.url(f"/{n}", host), n) for n in numbers]), validated=True, **headers)
    return site.url("/rss", host)


def json_feed(*items: object) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "The Herald", "items": list(items)})


def newsroom_study(folder: Path, **settings: object) -> Study:
    """A study that may ask 127.0.0.1 without pauses."""
    study_in(folder).store.close()
    file = folder / "study.toml"
    said = {"delay": 0.0, "timeout": 5.0, "allow": ["127.0.0.1"], **settings}
    text = file.read_text().replace("delay = 5.0 ", "# ").replace("allow = []\n", "")
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in said.items())
    file.write_text(text.replace("[feeds]\n", f"[feeds]\n{lines}"))
    return Study.open(folder)
