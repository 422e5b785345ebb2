"""A port that is none, or that another program has, is named with what to do."""

import socket
from pathlib import Path

import pytest
from command_line import slantwise
from surroundings import no_fault_of_ours

from annotate.studio.backend_connection import backend_port
from corpus import Study


@pytest.mark.parametrize("port", [0, -1, 65536, 99999999])
def test_numbers_that_are_no_port(example_copy: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLANTWISE_LABEL_STUDIO", "/bin/true")
    for command in (("studio", "serve"), ("studio", "start")):
        said = slantwise(*command, "--port", port, cwd=example_copy)
        assert said.returncode == 2 and no_fault_of_ours(said), said.stderr
        assert f"--port {port}: " in said.stderr and "expected a number from 1 to 65535" in said.stderr


def test_a_port_that_another_program_has(example_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLANTWISE_LABEL_STUDIO", "/bin/true")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = slantwise("studio", "serve", "--port", port, cwd=example_copy)
        assert said.returncode == 2 and f"port {port} is in use" in said.stderr
        said = slantwise("studio", "start", "--port", port, cwd=example_copy)
        assert said.returncode == 2 and "taken by another program" in said.stderr


@pytest.mark.parametrize(
    "url", ["http://localhost:99999999", "http://localhost:abc", "http://localhost:0", "localhost"]
)
def test_an_address_of_a_label_studio_that_is_none(example_copy: Path, url: str) -> None:
    file = example_copy / "study.toml"
    file.write_text(file.read_text(encoding="utf-8") + f'[studio]\nurl = "{url}"\ntoken = "abc"\n', encoding="utf-8")
    slantwise("round", "draw", "one", "--coders", "mira,jon", "--spans", "20", cwd=example_copy)
    for command in (("studio", "push", "one"), ("studio", "pull", "one"), ("studio", "doctor", "one")):
        said = slantwise(*command, cwd=example_copy)
        assert said.returncode == 2 and no_fault_of_ours(said), said.stderr
        assert "is not an address" in said.stderr, said.stderr


@pytest.mark.parametrize("port", ["99999999", '"abc"', "-1", "null", "[]"])
def test_an_odd_port_of_an_earlier_time_is_not_used(empty_study: Study, port: str) -> None:
    (empty_study.folder / "studio").mkdir()
    (empty_study.folder / "studio" / "backend.json").write_text(f'{{"secret": "x", "port": {port}}}')
    assert backend_port(empty_study) == 9095
