"""Revisions: what an outlet changed in an article is shown word by word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import slantwise
from stores import BODY, MORE, study_in, write

from corpus.articles.ingest import add
from corpus.errors import BadStudy
from corpus.wording.revisions import RevisionChange, revision_changes, revision_history


def test_changes_are_words_with_their_places() -> None:
    before = "Northland’s army liberated Velo at dawn.\n\nKarsk denied it."
    after = "Northland’s army occupied the town of Velo at dawn.\n\nIt burned.\n\nKarsk denied it."
    found = revision_changes(before, after)
    assert found == [
        RevisionChange("replaced", "liberated", "occupied the town of", 17, 17),
        RevisionChange("inserted", "", "It burned.\n\n", 42, 53),
    ]
    for change in found:
        assert before[change.before_start :].startswith(change.before)
        assert after[change.after_start :].startswith(change.after)


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ("Velo fell.", "Velo fell.", []),
        ("", "Velo fell.", ["inserted"]),
        ("Velo fell.", "", ["deleted"]),
        ("Velo fell at dawn.", "Velo fell.", ["deleted"]),
        ("Velo “fell”.", "Velo fell.", ["deleted", "deleted"]),
    ],
)
def test_each_kind_of_change(before: str, after: str, kinds: list[str]) -> None:
    assert [change.kind for change in revision_changes(before, after)] == kinds


def test_an_articles_revisions_are_shown_with_their_reasons(tmp_path: Path) -> None:
    study = study_in(tmp_path / "study")
    for text in (BODY, BODY.replace("took", "liberated")):
        add(study, [write(tmp_path / "in", {"a.txt": f"Velo falls\n\n{text}\n\n{MORE}"}) / "a.txt"], outlet="Herald")
    (article,) = study.articles()["article"]
    rows = revision_history(study, article).revisions
    assert [(row.number, row.reason, len(row.changes)) for row in rows] == [
        (0, "published", 0),
        (1, "edited", 1),
    ]
    with pytest.raises(BadStudy, match="has no article"):
        revision_history(study, "nowhere")
    study.store.close()
    said = slantwise("article", "show", article, "--revisions", cwd=tmp_path / "study")
    assert said.returncode == 0 and "[-took-]{+liberated+}" in " ".join(said.stdout.split())
    found = json.loads(slantwise("article", "show", article, "--revisions", "--json", cwd=tmp_path / "study").stdout)
    assert found["revisions"][1]["changes"][0]["before"] == "took"
