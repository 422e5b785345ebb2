"""Terminals that are not UTF-8 show codes for letters they do not have; JSON and files are UTF-8 everywhere."""

import json
from pathlib import Path

import pytest
from surroundings import give, no_fault_of_ours

TERMINALS = {
    "C": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1:strict"},
}
PRINTING = (
    ("status",), ("terms",), ("agree",), ("copies", "list"), ("events", "list"), ("codebook", "show"), ("round", "plan"),
    ("article", "furniture"), ("status", "--study", "Київ"), ("kwic", "Велo", "--outlet", "Газета “Ґ”"), ("--help",),
)  # fmt: skip


@pytest.mark.parametrize("terminal", TERMINALS)
def test_every_command_prints_on_every_terminal(example_copy: Path, tmp_path: Path, terminal: str) -> None:
    text = tmp_path / "київ.txt"
    text.write_text("Звільнено Київ, 日本語 — “Velo” fell. Its council fled to Karsk.", encoding="utf-8")
    outlet = "Herald" if terminal == "C" else "Газета “Ґ”"  # typed where only ASCII can be
    commands = (("add", text, "--outlet", outlet), *PRINTING, ("export", tmp_path / "out"))
    found = give(*commands, cwd=example_copy, env=TERMINALS[terminal])
    for command, said in zip(commands, found, strict=True):
        assert no_fault_of_ours(said), (command, said.stderr)
        assert said.returncode in (0, 2, 3), (command, said.stderr)
    assert found[0].returncode == 0, found[0].stderr
    if terminal != "C":
        shown, plain = give(
            ("kwic", "звільнен*", "--json"), ("kwic", "звільнен*"), cwd=example_copy, env=TERMINALS[terminal]
        )
        (hit,) = json.loads(shown.stdout)["hits"]
        assert hit["outlet"] == outlet and hit["match"] == "Звільнено" and "日本語" in hit["right"]
        assert plain.returncode == 0 and ("Звільнено" in plain.stdout or "\\u" in plain.stdout or "\\x" in plain.stdout)
    assert (tmp_path / "out" / "annotations.jsonl").read_text(encoding="utf-8")


def test_a_name_that_is_not_utf8_is_printed_and_stays_in_json(example_copy: Path, tmp_path: Path) -> None:
    name = b"Z\xfcrich.dat"
    (tmp_path / "in").mkdir()
    import os

    with open(os.path.join(os.fsencode(tmp_path / "in"), name), "wb") as file:
        file.write(b"\x00\x01")
    for terminal in TERMINALS.values():
        said, as_json = give(
            ("add", tmp_path / "in", "--outlet", "X"), ("add", tmp_path / "in", "--outlet", "X", "--json"),
            cwd=example_copy, env=terminal,
        )  # fmt: skip
        assert no_fault_of_ours(said) and no_fault_of_ours(as_json), said.stderr
        assert json.loads(as_json.stdout)["new"] == 0
