"""The full measurement of polling, beside its own server: PYTHONPATH=. python tests/helpers/feeds_at_scale.py [FEEDS ENTRIES DELAY]."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from newsroom import article, item, newsroom_study, rss
from servers import Site, serving

from corpus.feeds import poll as polling
from corpus.feeds.subscriptions import add_feed


def serve(feeds: int, entries: int) -> None:
    """Serve feeds and pages until standard input ends, then say how the hosts were treated."""
    with serving() as site:
        chance = random.Random(1)
        for host in names(feeds):
            paths = [f"/{host}/{n}" for n in range(entries)]
            for path in paths:
                site.put(path, article(title=path.strip("/"), body=[sentences(chance) for _ in range(6)]))
            site.put(f"/{host}.xml", rss([item(site.url(path, host), n) for n, path in enumerate(paths)]))
        say(site.port)
        sys.stdin.read()
        times = site.times.values()
        gaps = [b - a for one in times for a, b in pairwise(one)]
        first, last = min(one[0] for one in times), max(one[-1] for one in times)
        say({"requests": len(site.asked), "open_at_once_per_host": max(site.most_open.values()),
             "shortest_pause": round(min(gaps), 3), "first_to_last_request": round(last - first, 2)})  # fmt: skip


def sentences(chance: random.Random) -> str:
    """A paragraph of invented words, so that no article is another one's copy."""
    words = ["".join(chance.choices("aeioulnrst", k=chance.randint(2, 9))) for _ in range(60)]
    return ". ".join(" ".join(words[i : i + 15]).capitalize() for i in range(0, 60, 15)) + "."


def say(result: object) -> None:
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()


def names(feeds: int) -> list[str]:
    return [f"outlet-{n}.example" for n in range(feeds)]


def main(feeds: int, entries: int, delay: float) -> None:
    """Poll that many feeds and print what it took, beside what the pauses demand."""
    server = subprocess.Popen(
        [sys.executable, __file__, "serve", str(feeds), str(entries)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    site = Site()
    site.port = int(server.stdout.readline())
    with tempfile.TemporaryDirectory() as folder:
        study = newsroom_study(Path(folder) / "study", allow=names(feeds), delay=delay)
        for host in names(feeds):
            add_feed(study, site.url(f"/{host}.xml", host), outlet=host)
        began, used = time.monotonic(), time.process_time()
        marks: list[float] = []
        polling.respan = lambda study: None  # splitting comes after the poll and is no part of it
        done = polling.poll_feeds(
            study, resolve=lambda host, port: ["127.0.0.1"], progress=lambda *_: marks.append(time.monotonic())
        )
        theirs, _ = server.communicate("")
        demanded, stored = delay * (entries + 1), marks[-1] - began
        result = {
            "feeds": feeds, "entries": entries, "delay": delay, "demanded_s": demanded, "stored_after_s": round(stored, 2),
            "over": round(stored / demanded - 1, 3) if demanded else None,
            "cpu_s": round(time.process_time() - used, 2), "new": len(done.new), "refused": len(done.refusals),
        }  # fmt: skip
        say(result | json.loads(theirs))
        study.store.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]), int(sys.argv[3]))
    else:
        given = sys.argv[1:] + ["200", "20", "5.0"][len(sys.argv) - 1 :]
        main(int(given[0]), int(given[1]), float(given[2]))
