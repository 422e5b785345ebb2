"""A file of the study that is gone, half written or strange gets a sentence of its own."""

from pathlib import Path

import pytest
from command_line import slantwise
from surroundings import give, no_fault_of_ours

from corpus import Study
from corpus.evaluation import Evaluation
from corpus.study import settings

SETTINGS = {  # by what is strange in study.toml: what is replaced, by what, and what the sentence says
    "a half of it": ("[feeds]", '"', "this is not TOML"),
    "an unknown key": ("delay = 5.0", "dellay = 5.0", "feeds.dellay: there is no such key; expected one of delay,"),
    "an unknown section": ("[feeds]", "[feed]", "feed: there is no such key; expected one of format, name"),
    "a word for a number": ("delay = 5.0", 'delay = "five"', "feeds.delay: Input should be a valid number"),
    "not a number": ("delay = 5.0", "delay = nan", "feeds.delay: Input should be"),
    "a format that never was": ("format = 1", "format = 0", "format: Input should be greater than"),
    "a port that is a word": ('"sqlite"', '"postgresql+psycopg://u@localhost:abc/x"', "the store cannot be opened"),
    "a port that is too high": ('"sqlite"', '"postgresql+psycopg://u@localhost:99999/x"', "the store cannot be opened"),
    "a number for an address": ('"sqlite"', "5", "store.url: Input should be a valid string"),
    "no name": ("name = ", 'name = "" # ', "name: String should have at least 1 character"),
    "brackets without end": ("outlets = []", f"outlets = {'[' * 5000}", "this is not TOML"),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_strange_settings_are_named_with_their_key(empty_study: Study, case: str) -> None:
    before, after, expected = SETTINGS[case]
    file = empty_study.folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    for command in (("status",), ("add", "a.txt"), ("report",)):
        said = slantwise(*command, cwd=empty_study.folder)
        assert said.returncode == 2 and expected in said.stderr and no_fault_of_ours(said), said.stderr


def test_settings_that_are_empty_or_gone_say_what_to_do(example_copy: Path) -> None:
    file = example_copy / "study.toml"
    file.write_bytes(b"")
    said = slantwise("status", cwd=example_copy)
    assert said.returncode == 2 and "is empty, perhaps since the disk was full" in said.stderr
    file.unlink()
    for words in (("status",), ("status", "--study", example_copy)):
        said = slantwise(*words, cwd=example_copy)
        assert said.returncode == 2 and "its study.toml is gone" in said.stderr


def test_a_codebook_that_is_gone_is_in_the_store(example_copy: Path) -> None:
    (example_copy / "codebook.yaml").unlink()
    for command in (("status",), ("add", "a.txt"), ("kwic", "x"), ("report",), ("codebook", "check"), ("export", "o")):
        said = slantwise(*command, cwd=example_copy)
        assert said.returncode == 2 and no_fault_of_ours(said), said.stderr
        assert "its text is in the study's store (2.2.0)" in said.stderr and "slantwise study repair" in said.stderr


def test_half_written_files_of_the_studio_and_the_evaluation(
    example_copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (example_copy / "studio").mkdir()
    for content in (
        '{"servers": [{"coder": ""',
        "[]",
        '{"servers": [{"coder": 1}]}',
        '{"accounts": {"a": 1}}',
        "[" * 99999,
    ):
        (example_copy / "studio" / "servers.json").write_text(content)
        for command in (("studio", "status"), ("studio", "stop"), ("studio", "start")):
            said = slantwise(*command, cwd=example_copy)
            assert said.returncode == 2 and "servers.json" in said.stderr and "is damaged" in said.stderr
    (example_copy / "reports").mkdir()
    for content in ('{"outlets": ', "[]", '{"outlets": 5}', ""):
        (example_copy / "reports" / "evaluation.json").write_text(content)
        assert Evaluation.read(example_copy / "reports") is None
        assert "evaluation.json is damaged, so it is left out" in caplog.text
        caplog.clear()
    assert slantwise("report", cwd=example_copy).returncode == 0


def test_a_model_that_may_not_be_read_is_not_called_damaged(trained_study: Study) -> None:
    folder = next(trained_study.checkpoints.iterdir())
    trained_study.store.close()
    for name in ("slantwise.json", "model.safetensors", "tokenizer.json", "."):
        mode = (folder / name).stat().st_mode
        (folder / name).chmod(0)
        (said,) = give(("suggest",), cwd=trained_study.folder, rights=False)
        (folder / name).chmod(mode)
        assert said.returncode == 2 and no_fault_of_ours(said), said.stderr
        assert "cannot be read" in said.stderr and "is yours but protected" in said.stderr, said.stderr
        assert "damaged" not in said.stderr and "train again" not in said.stderr
    (folder / "slantwise.json").write_text('{"version": ')
    assert "is damaged; train again" in slantwise("suggest", cwd=trained_study.folder).stderr
    (folder / "slantwise.json").unlink()
    assert "is missing" in slantwise("suggest", cwd=trained_study.folder).stderr


def test_settings_with_a_secret_are_written_for_the_user_alone(empty_study: Study) -> None:
    file = empty_study.folder / "study.toml"
    file.chmod(0o640)
    empty_study.use("rounds", ["pilot"])
    assert file.stat().st_mode & 0o777 == 0o640  # as it was
    file.write_text(file.read_text(encoding="utf-8") + '[studio]\ntoken = "abc"\n', encoding="utf-8")
    study = Study.open(empty_study.folder)
    study.use("rounds", ["pilot", "training"])
    assert file.stat().st_mode & 0o777 == 0o600
    assert not settings.has_secret(settings.read(file, 'name = "s"\n[store]\nurl = "postgresql://me@host/s"'))
    assert settings.has_secret(
        settings.read(file, 'name = "s"\n[store]\nurl = "postgresql://host/s?user=me&password=x"')
    )
