"""The study's log: who cites a figure can say how it came about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from command_line import slantwise
from stores import BODY, FILES, study_in, write

from corpus.annotations.rename_coder import rename_coder
from corpus.annotations.rows import add_annotations
from corpus.articles.cut_texts import mark_cut
from corpus.articles.ingest import add
from corpus.errors import BadStudy
from corpus.feeds.subscriptions import add_feed
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.log import logged, read_log


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    made = study_in(tmp_path / "study")
    yield made
    made.store.close()


def test_commands_and_functions_are_logged_alike(study: Study, tmp_path: Path) -> None:
    write(tmp_path / "in", FILES)
    done = slantwise("add", "../in", "--outlet", "Herald", cwd=study.folder)
    assert done.returncode == 0, done.stderr
    add(study, pd.DataFrame([{"text": f"{BODY} Again.", "outlet": "Courier", "id": "c"}]))
    frame = study.log()
    assert frame["command"].tolist() == ["init", "add", "add"]
    assert frame["arguments"].tolist()[1:] == [
        {"texts": ["../in"], "outlet": "Herald"},
        {"texts": "a data frame of 1 rows"},
    ]
    assert [row["new"] for row in frame["outcome"][1:]] == [2, 1]
    assert list(frame.columns) == ["at", "version", "command", "arguments", "outcome"]
    assert str(tmp_path) not in json.dumps(read_log(study).json())


def test_functions_inside_others_and_those_that_change_nothing_are_not_logged(study: Study, tmp_path: Path) -> None:
    add(study, [write(tmp_path / "in", FILES)], outlet="Herald")  # splits into spans too
    add(study, [tmp_path / "in"], outlet="Herald")  # nothing new
    assert study.log()["command"].tolist() == ["init", "add"]
    with pytest.raises(BadStudy):
        mark_cut(study, "nothing")
    study.articles()
    span = study.spans().query("unit == 'mention'")["span"].iloc[0]
    answers = [{"span": span, "variable": "wording", "code": "plain", "coder": coder} for coder in ("mira", "tom")]
    add_annotations(study, answers)
    rename_coder(study, "tom", "Tom")
    frame = study.log()
    assert frame["command"].tolist() == ["init", "add", "import", "round rename-coder"]
    assert frame["arguments"].tolist()[2:] == [{"rows": "2 given"}, {"old": "tom", "new": "Tom"}]
    assert frame["outcome"].tolist()[3] == {"renamed": 1, "repeated": 0}


def test_no_secret_is_logged(study: Study) -> None:
    write(
        study.folder,
        {"study.toml": (study.folder / "study.toml").read_text().replace("outlets = []", 'outlets = ["H"]')},
    )
    again = Study.open(study.folder)

    @logged("test")
    def verb(study: Study, *, address: str, api_token: str, headers: dict[str, str]) -> None:
        with study.store.writing() as connection:
            db.set_meta(connection, "note", "kept")

    verb(again, address="https://mira:pw1@h.example/rss?token=pw2&page=3", api_token="pw3", headers={"password": "pw4"})
    _, entry = read_log(again).entries
    assert entry.arguments == {
        "address": "https://h.example/rss?token=…&page=3", "api_token": "…", "headers": {"password": "…"},
    }  # fmt: skip
    add_feed(again, "https://h.example/rss?key=pw5", outlet="H")
    assert "pw" not in json.dumps(read_log(again).json())
    again.store.close()


def test_what_was_stopped_half_way_is_logged_as_stopped(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("corpus.articles.spans.update_copy_groups", stop)
    with pytest.raises(KeyboardInterrupt):
        add(study, [write(tmp_path / "in", FILES)], outlet="Herald")
    _, entry = read_log(study).entries
    assert (entry.command, entry.outcome) == ("add", {"stopped": "KeyboardInterrupt"})
