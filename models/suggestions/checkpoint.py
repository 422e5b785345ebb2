"""Train a study's classifier, store it as a checkpoint and find the current one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import BadEncoder, NoModel, NothingToLearn, UnreadableModel
from corpus.evaluation import Evaluation
from corpus.evaluation.calibration import Calibration
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import select_answers, training_answers
from corpus.study.files import alone_in, sweep, whose, write_whole
from corpus.study.history.log import logged
from corpus.study.keeping.file_digests import DIGESTS, add_digest, changed_files, write_digests
from models.classifiers.encoder import check_encoder, encoder_fingerprint
from models.data.labelled import labelled_spans

from .model_card import ModelCard, card_text
from .outlet_distance import FILE_NAME as CODED_SPANS
from .outlet_distance import CodedSpans

if TYPE_CHECKING:
    import pandas as pd
    from datasets import Dataset

    from models.classifiers.fine_tuning import Progress
    from models.classifiers.span_classifier import SpanClassifier

WAITING = "another command is training in this study; waiting until it has ended"
CALIBRATED = "+c"  # between a model's version and its calibration's
RECIPE = "3"  # raised when the same data would train a different model


@dataclass(frozen=True)
class Checkpoint(Result):
    """A trained model of a study: its version, its folder and what it was trained on."""

    version: str
    folder: Path
    about: ModelCard
    calibration: Calibration | None = None

    def json(self) -> dict[str, Any]:
        """Return what `train --json` prints."""
        return {"model": self.version, "folder": str(self.folder), **self.about.json()}

    @property
    def base(self) -> str:
        """The version without its calibration's."""
        return self.version.partition(CALIBRATED)[0]

    def verify(self) -> None:
        """Compare the files with their digests. Raises NoModel if one was changed or is missing, UnreadableModel."""
        try:
            wrong = changed_files(self.folder)
        except OSError as error:
            raise UnreadableModel(unreadable(self.folder, error)) from None
        if wrong is None:  # trained by an earlier Slantwise, which wrote no digests
            wrong = [] if (self.folder / CODED_SPANS).is_file() else [f"{CODED_SPANS} is missing"]
        if wrong:
            raise NoModel(
                f"the model {self.version} is damaged ({', '.join(wrong)}), and nothing was done with it; train again "
                f"with: slantwise train (or bring {self.folder} back from a backup: slantwise study restore)"
            )

    def load(self) -> SpanClassifier:
        """Load the classifier. Raises NoModel if its files are damaged, UnreadableModel if they may not be read."""
        from models.classifiers.span_classifier import SpanClassifier

        self.verify()
        try:
            for file in filter(Path.is_file, sorted(self.folder.iterdir())):
                file.open("rb").close()  # else a library calls a file that may not be read a damaged one
            return SpanClassifier.load(self.folder)
        except OSError as error:
            raise UnreadableModel(unreadable(self.folder, error)) from None
        except BadEncoder as error:
            raise NoModel(
                f"the model {self.version} is damaged ({error}); delete {self.folder} and train again with: "
                "slantwise train"
            ) from None


def rows_digest(data: Dataset, *also: object) -> str:
    """Return a sha256 over a dataset's rows and everything else that determines a result."""
    digest = hashlib.sha256(json.dumps(also, sort_keys=True, default=str).encode())
    for row in data:
        digest.update(json.dumps(row, sort_keys=True, ensure_ascii=False, default=str).encode())
    return digest.hexdigest()


@logged("train")
def train(
    study: Study,
    *,
    rounds: str | Sequence[str] | None = None,
    encoder: str | Path | None = None,
    progress: Progress | None = None,
) -> Checkpoint:
    """Train the study's classifier on all coded spans; the same data give the same version and are trained once.

    `rounds` are pilot or coder-training rounds to learn from too, `encoder` is a folder, a name on a model hub or
    "bundled"; both are written into study.toml for later trainings. If the last evaluation held out every outlet and
    was of this model, it calibrates the model. `progress` receives the share that is done. Raises NothingToLearn where
    no span is coded, or every span has the same code; BadRound; BadEncoder.
    """
    if rounds is not None:
        names = [rounds] if isinstance(rounds, str) else list(rounds)
        select_answers(study, rounds=names)  # fails before anything is changed if there is no such round
        study.use("rounds", names)
    if encoder is not None:
        labelled_spans(study)  # fails before anything is changed if there is nothing to train on
        study.use("encoder", check_encoder(str(encoder)))
    with alone_in(study.checkpoints, WAITING):
        return _train(study, progress)


def _train(study: Study, progress: Progress | None) -> Checkpoint:
    data = labelled_spans(study)
    _check_codes_differ(study, data)
    version = model_version(study, data)
    folder = study.checkpoints / version
    try:
        _open(study, version).verify()
    except NoModel:
        study.store.check_writable()
        from models.classifiers.fine_tuning import no_progress
        from models.classifiers.span_classifier import SpanClassifier

        state = folder.with_name(f".{version}.state")  # of an interrupted training, which resumes from it
        classifier = SpanClassifier.for_study(study).fit(data, progress or no_progress, state)
        about = _about(study, data, version, classifier.epochs)
        sweep(study.checkpoints)
        scratch = folder.with_name(f".{version}.{os.getpid()}.part")  # so that a checkpoint is complete or not there
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        try:
            (scratch / "README.md").write_text(card_text(about), encoding="utf-8")
            CodedSpans.of(classifier.predict_with_features(data)[1], data["outlet"]).save(scratch)
            classifier.save(scratch, {**about.json(), "files": [DIGESTS]})
            write_digests(scratch)
            shutil.rmtree(folder, ignore_errors=True)
            scratch.rename(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        for unfinished in (".v-*.state", ".v-*.part"):  # also of trainings on earlier answers
            for old in study.checkpoints.glob(unfinished):
                shutil.rmtree(old, ignore_errors=True)
    with study.store.writing() as connection:
        if (study.model or "").partition(CALIBRATED)[0] != version:  # else it stays calibrated
            db.set_meta(connection, db.MODEL, version)
    return calibrate_by_evaluation(study)


def calibrate_by_evaluation(study: Study) -> Checkpoint:
    """Calibrate the study's model by the last evaluation, if that was of this model and held out every outlet.

    Raises NoModel.
    """
    with study.store.writing():  # the model stays the one that was evaluated
        checkpoint, evaluation = current_checkpoint(study), Evaluation.read(study.reports)
        if evaluation and evaluation.whole and evaluation.model == checkpoint.base and evaluation.calibration:
            set_calibration(study, evaluation.calibration.kept)
        return current_checkpoint(study)


def model_version(study: Study, data: Dataset) -> str:
    """Return the version of the model trained on these coded spans."""
    settings = {**study.settings.model.recipe(), "encoder": encoder_fingerprint(study.settings.model.encoder)}
    return f"v-{rows_digest(data, RECIPE, study.codebook.digest, settings)[:10]}"


def set_calibration(study: Study, calibration: Calibration) -> str:
    """Apply temperatures and thresholds to the study's model; return its new version, which includes them.

    Raises NoModel.
    """
    text = json.dumps(calibration.json(), indent=1, ensure_ascii=False, sort_keys=True)
    with study.store.writing() as connection:
        base = current_checkpoint(study).version.partition(CALIBRATED)[0]
        version = f"{base}{CALIBRATED}{hashlib.sha256(text.encode()).hexdigest()[:4]}"
        file = study.checkpoints / base / f"calibration-{version[-4:]}.json"
        write_whole(file, text)
        add_digest(file.parent, file.name)
        db.set_meta(connection, db.MODEL, version)
        db.set_meta(connection, db.THRESHOLDS + version, json.dumps(dict(calibration.thresholds)))
    return version


def current_checkpoint(study: Study) -> Checkpoint:
    """Return the checkpoint that the study uses. Raises NoModel."""
    if study.model is None:
        raise NoModel("the study has no model yet; train one with: slantwise train")
    return _open(study, study.model)


def _open(study: Study, version: str) -> Checkpoint:
    base, _, mark = version.partition(CALIBRATED)
    folder = study.checkpoints / base
    calibration = None
    try:
        about = ModelCard.from_json(json.loads((folder / "slantwise.json").read_text(encoding="utf-8")))
        if about.version != base:
            raise ValueError
        if mark:
            text = (folder / f"calibration-{mark}.json").read_text(encoding="utf-8")
            calibration = Calibration.from_json(json.loads(text))
    except FileNotFoundError:
        raise NoModel(
            f"the model {version} is missing from {study.checkpoints}; train again with: slantwise train"
        ) from None
    except OSError as error:
        raise UnreadableModel(unreadable(folder, error)) from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise NoModel(
            f"the model {version} in {study.checkpoints} is damaged; train again with: slantwise train"
        ) from None
    return Checkpoint(version, folder, about, calibration)


def unreadable(folder: Path, error: OSError) -> str:
    """Return in a sentence which of a model's files cannot be read, and whose it is."""
    file = Path(error.filename or folder)
    where = f"; it {whose(file, 'read')}" if os.access(file.parent, os.X_OK) else f"; {folder} {whose(folder, 'read')}"
    return f"the model's file {file} cannot be read ({error.strerror}){where}"


def _check_codes_differ(study: Study, data: Dataset) -> None:
    from models.data.classifier_protocol import coder_shares

    if all((coder_shares(data, v.name).sum(axis=0) > 0).sum() < 2 for v in study.codebook.variables):
        raise NothingToLearn(f"all {len(data)} coded spans have the same codes; code spans with other codes first")


def _about(study: Study, data: Dataset, version: str, epochs: int) -> ModelCard:
    answers, settings = training_answers(study), study.settings.model
    return ModelCard(
        version=version,
        study=study.settings.name,
        codebook_name=study.codebook.name,
        codebook_version=study.codebook.version,
        codebook_digest=study.codebook.digest,
        data_digest=rows_digest(data),
        encoder=settings.encoder,
        language=study.codebook.language,
        context=settings.context,
        epochs=epochs,
        seed=settings.seed,
        spans=len(data),
        annotations=len(answers.frame),
        rounds=answers.rounds,
        left_out=dict(answers.left_out),
        coders=tuple(answers.per_coder),
        simulated_coders=tuple(answers.simulated),
        outlets=_counted(answers.frame, ["outlet"]),
        codes=_counted(answers.frame, ["variable", "code"]),
        codebook=study.codebook.model_dump(mode="json"),
    )


def _counted(answers: pd.DataFrame, columns: list[str]) -> dict[str, int]:
    """Return the number of spans by the columns' values, joined by `=` as in the model's label columns."""
    spans = answers.drop_duplicates(["span", *columns])
    names = spans[columns].agg("=".join, axis=1)
    return {str(name): int(n) for name, n in names.value_counts().sort_index().items()}
