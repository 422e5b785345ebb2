"""A model whose files were changed or lost suggests nothing: each file's digest is written at training."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from command_line import slantwise
from stores import valley_in, write

from corpus import Study, check_study
from corpus.errors import NoModel
from corpus.study.keeping.file_digests import DIGESTS, changed_files, write_digests
from models.suggestions.checkpoint import Checkpoint, current_checkpoint, set_calibration, train
from models.suggestions.suggest import scorer, suggest


def flip(file: Path, at: int) -> None:
    """Change one bit of a file."""
    with file.open("r+b") as bytes:
        bytes.seek(at)
        (old,) = bytes.read(1)
        bytes.seek(at)
        bytes.write(bytes_of(old ^ 4))


def bytes_of(number: int) -> bytes:
    return number.to_bytes(1, "little")


def test_a_flipped_bit_in_any_file_of_a_model_refuses_to_suggest(trained_study: Study, checkpoint: Checkpoint) -> None:
    random = Random(16)
    files = [file for file in sorted(checkpoint.folder.iterdir()) if file.name not in (DIGESTS, "README.md")]
    assert {"coded.npz", "model.safetensors", "tokenizer.json", "slantwise.json"} <= {file.name for file in files}
    for file in files:
        whole = file.read_bytes()
        flip(file, random.randrange(len(whole)))
        with pytest.raises(NoModel, match=r"train again with: slantwise train|is missing"):
            suggest(trained_study)
        file.write_bytes(whole)
        file.rename(file.with_name("elsewhere"))
        with pytest.raises(NoModel, match=rf"{file.name} is missing|is missing from"):
            suggest(trained_study)
        file.with_name("elsewhere").rename(file)
    assert len(trained_study.suggestions()) == 0 and changed_files(checkpoint.folder) == []


def test_the_command_says_which_file_and_what_to_do(trained_study: Study, checkpoint: Checkpoint) -> None:
    (checkpoint.folder / "coded.npz").unlink()
    said = slantwise("suggest", cwd=trained_study.folder)
    assert said.returncode == 2 and "coded.npz is missing" in said.stderr and "slantwise train" in said.stderr
    with pytest.raises(NoModel, match=r"coded\.npz is missing"):
        scorer(trained_study)


def test_a_card_may_be_written_into_and_a_calibration_has_its_digest(
    trained_study: Study, checkpoint: Checkpoint
) -> None:
    from corpus.evaluation.calibration import Calibration

    (checkpoint.folder / "README.md").write_text("Our own notes.")
    version = set_calibration(trained_study, Calibration({"wording": 1.5}, {"wording": 0.5}, ("The Herald",), 9))
    current_checkpoint(trained_study).verify()
    file = checkpoint.folder / f"calibration-{version.rpartition('+c')[2]}.json"
    file.write_text(file.read_text().replace("1.5", "1.6"))
    with pytest.raises(NoModel, match=r"calibration-.*json was changed"):
        current_checkpoint(trained_study).verify()


def test_a_model_of_an_earlier_version_has_no_digests_and_needs_its_files(
    trained_study: Study, checkpoint: Checkpoint
) -> None:
    (checkpoint.folder / DIGESTS).unlink()
    with pytest.raises(NoModel, match=r"digests\.json is missing"):
        checkpoint.verify()
    about = checkpoint.folder / "slantwise.json"
    about.write_text(json.dumps({k: v for k, v in json.loads(about.read_text()).items() if k != "files"}))
    checkpoint.verify()
    (checkpoint.folder / "coded.npz").unlink()
    with pytest.raises(NoModel, match=r"coded\.npz is missing"):
        suggest(trained_study)


def test_training_replaces_a_damaged_model(
    trained_study: Study, checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    flip(checkpoint.folder / "model.safetensors", 5000)
    trainings = []

    class Trained(Exception):
        pass

    def for_study(study: Study) -> None:
        trainings.append(study)
        raise Trained

    monkeypatch.setattr("models.classifiers.span_classifier.SpanClassifier.for_study", for_study)
    with pytest.raises(Trained):
        train(trained_study)
    assert trainings == [trained_study]


def test_a_model_under_another_ones_name_is_found(tmp_path: Path) -> None:
    study = valley_in(tmp_path / "study")
    folder = write(study.checkpoints / "v-2", {"slantwise.json": '{"version": "v-1", "files": ["digests.json"]}'})
    write_digests(folder)
    (found,) = check_study(study).findings
    assert found.where == "v-2: it is the model v-1"
    study.close()
