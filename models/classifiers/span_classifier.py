"""The SpanClassifier: a token classifier whose score for a span is the mean of its tokens' scores."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from corpus.codebook import Codebook
from corpus.errors import BadEncoder
from corpus.study import Study
from models.data.classifier_protocol import Probabilities, coder_shares

from .choose_head import best_on_held_out
from .encoder import classification_layer, load_token_classifier, model_source
from .fine_tuning import Progress, TrainingData, fine_tune, no_progress, training_settings
from .linear_head import fit_head
from .priors import bias_correction, correction_strength
from .tokenization import Batch, EncodedPassage, collate, encode_passages, mean_over_tokens

if TYPE_CHECKING:
    from datasets import Dataset

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

TOKENS_PER_BATCH = 4096  # passages of similar length are batched up to this number of tokens
MARKED_COLUMN = "marked=word"  # the column that learns which words coders marked, where the data have them
HEAD_ONLY_BELOW = 60  # coded spans; with fewer, only a head is trained, so first suggestions take seconds
FINE_TUNE_FROM = 200  # coded spans; with fewer, head and fine-tuning are compared (see benchmarks/few.py)


class SpanClassifier:
    """Learns all variables of a codebook together on one encoder.

    `classes_` maps each variable to its codes; the model's label columns are named `variable=code`. Targets are the
    shares of coders who gave each code (soft labels), so disagreement is learned instead of decided by majority.
    """

    def __init__(
        self, book: Codebook, *, encoder: str = "bundled", epochs: int | None = None, trainings: int = 1, seed: int = 1
    ) -> None:
        self.book, self.encoder, self._epochs, self._trainings, self.seed = book, encoder, epochs, trainings, seed
        self.epochs = 0
        self.marked = False  # whether there is a column for the words that coders marked
        self.classes_: Mapping[str, tuple[str, ...]] = {v.name: v.code_names for v in book.variables}
        self.model: Any = None
        self.tokenizer: Any = None

    @classmethod
    def for_study(cls, study: Study) -> SpanClassifier:
        """Return an untrained classifier with the study's settings."""
        settings = study.settings.model
        return cls(
            study.codebook,
            encoder=settings.encoder,
            epochs=settings.epochs,
            trainings=settings.trainings,
            seed=settings.seed,
        )

    @property
    def columns(self) -> list[str]:
        """The names of the model's label columns."""
        codes = [f"{variable}={code}" for variable, codes in self.classes_.items() for code in codes]
        return [*codes, MARKED_COLUMN] if self.marked else codes

    def fit(self, data: Dataset, progress: Progress = no_progress, state_folder: Path | None = None) -> SpanClassifier:
        """Learn from coded spans: only the head below HEAD_ONLY_BELOW spans, the encoder too from FINE_TUNE_FROM on, in
        between whichever does better on held-out outlets.

        `progress` receives the share that is done; interrupted training resumes from `state_folder`. Raises BadEncoder
        where the encoder cannot be loaded.
        """
        if len(data) < HEAD_ONLY_BELOW:
            return self.fit_head(data, progress)
        if len(data) < FINE_TUNE_FROM:
            fits = {
                "head": lambda part, report: self._untrained_copy().fit_head(part, report),
                "all": lambda part, report: self._untrained_copy().fine_tune(part, report),
            }
            if best_on_held_out(data, self.book, fits, lambda share: progress(share / 2)) == "head":
                return self.fit_head(data, lambda share: progress((1 + share) / 2))
            return self.fine_tune(data, lambda share: progress((1 + share) / 2), state_folder)
        return self.fine_tune(data, progress, state_folder)

    def _untrained_copy(self) -> SpanClassifier:
        """Return an untrained classifier with the same settings."""
        return type(self)(self.book, encoder=self.encoder, epochs=self._epochs, seed=self.seed)

    def fit_head(self, data: Dataset, progress: Progress = no_progress) -> SpanClassifier:
        """Learn a linear head on the frozen encoder, which takes seconds for the first annotations of a study."""
        self.marked = False
        self._load_encoder()
        features = self._features(data, progress)
        weights, biases = fit_head(
            features, self._targets(data), list(data["outlet"]), list(data["copy_group"]), self.book.variables
        )
        head = classification_layer(self.model)
        with torch.no_grad():
            head.weight.copy_(torch.tensor(weights))
            head.bias.copy_(torch.tensor(biases))
        self.add_biases(self.bias_corrections(data, features))
        self.epochs = 0
        return self

    def fine_tune(
        self, data: Dataset, progress: Progress = no_progress, state_folder: Path | None = None
    ) -> SpanClassifier:
        """Fine-tune encoder and head together, also on marked words where the data have a column of them."""
        self.marked = "marked" in data.column_names and any(data["marked"])
        self._load_encoder()
        shifts = self.bias_corrections(data, self._features(data))
        encoded = encode_passages(data, self.tokenizer)
        settings = training_settings(len(encoded))._replace(trainings=self._trainings, seed=self.seed)
        if self._epochs:
            settings = settings._replace(epochs=self._epochs)
        self.epochs = settings.epochs
        fine_tune(
            self.model,
            TrainingData(encoded, torch.tensor(self._targets(data), dtype=torch.float32), self._pad),
            self.loss,
            settings=settings,
            progress=progress,
            state_folder=state_folder,
        )
        self.add_biases(shifts)
        return self

    def _load_encoder(self) -> None:
        """Load the encoder with a new head."""
        from transformers import set_seed

        set_seed(self.seed)
        self.model, self.tokenizer = load_token_classifier(
            model_source(self.encoder),
            num_labels=len(self.columns),
            id2label=dict(enumerate(self.columns)),
            label2id={name: i for i, name in enumerate(self.columns)},
        )

    def bias_corrections(self, data: Dataset, features: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the corrections (C,) of the codes' biases for the code frequencies of the training outlets.

        `features` (rows, H) are those of the encoder before training, `data` the training data.
        """
        corrections, outlets, copies = [], list(data["outlet"]), list(data["copy_group"])
        for variable in self.book.variables:
            answers = coder_shares(data, variable.name)
            strength = correction_strength(features, answers, outlets, copies) if variable.kind == "single" else 0.0
            corrections.append(bias_correction(answers, strength))
        return np.concatenate(corrections)

    def add_biases(self, biases: npt.NDArray[np.float64]) -> None:
        """Add to the biases of the codes' columns (C,), which adds the same to the code's logit of each span."""
        with torch.no_grad():
            classification_layer(self.model).bias[: len(biases)] += torch.tensor(biases, dtype=torch.float32)

    def _targets(self, data: Dataset) -> npt.NDArray[np.float64]:
        return np.hstack([coder_shares(data, name) for name in self.classes_])

    def _features(self, data: Dataset, progress: Progress = no_progress) -> npt.NDArray[np.float64]:
        """Return the head's input for the spans: the mean over their tokens (rows, H)."""
        head, inputs_of_head = classification_layer(self.model), []
        hook = head.register_forward_pre_hook(lambda module, inputs: inputs_of_head.append(inputs[0]))
        features = np.zeros((len(data), head.in_features))
        try:
            for batch, _, _ in self.token_logits(data, progress):
                features[batch.rows] = (
                    mean_over_tokens(inputs_of_head.pop().float(), batch.passage, batch.weights).double().numpy()
                )
        finally:
            hook.remove()
        return features

    @property
    def _pad(self) -> int:
        return int(self.tokenizer.pad_token_id or 0)

    def loss(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the mean cross-entropy of spans (S, C), each variable weighted by the share of coders asked.

        For a multiple-choice variable, where each code is answered separately, a span counts if any coder was asked.
        """
        total, first = logits.new_zeros(()), 0
        for variable in self.book.variables:
            columns = slice(first, first + len(variable.codes))
            first = columns.stop
            if variable.kind == "single":
                total = total - (targets[:, columns] * F.log_softmax(logits[:, columns], dim=-1)).sum()
            else:
                asked = targets[:, columns].sum(dim=1, keepdim=True) > 0
                by_code = F.binary_cross_entropy_with_logits(logits[:, columns], targets[:, columns], reduction="none")
                total = total + (by_code * asked).sum()
        return total / len(targets)

    def predict_proba(self, data: Dataset, progress: Progress = no_progress) -> Probabilities:
        """Return for each variable the probabilities of its codes (rows, codes), in double precision."""
        return self.predict_with_features(data, progress)[0]

    def predict_with_features(
        self, data: Dataset, progress: Progress = no_progress
    ) -> tuple[Probabilities, npt.NDArray[np.float64]]:
        """Return the probabilities, and the spans' features: their tokens' mean hidden states (rows, H)."""
        features = self._features(data, progress)
        return self._probabilities(self._logits(features)), features

    def _logits(self, features: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the spans' logits: the head of a mean is the mean of the tokens' logits, since the head is linear."""
        with torch.inference_mode():
            logits = classification_layer(self.model)(torch.tensor(features, dtype=torch.float32))
        in_double: npt.NDArray[np.float64] = logits.double().numpy()
        return in_double

    def _probabilities(self, logits: npt.NDArray[np.float64]) -> Probabilities:
        probabilities: Probabilities = {}
        first = 0
        for variable in self.book.variables:
            part = logits[:, first : first + len(variable.codes)]
            first += len(variable.codes)
            if variable.kind == "single":
                part = np.exp(part - part.max(axis=1, keepdims=True))
                probabilities[variable.name] = part / part.sum(axis=1, keepdims=True)
            else:
                probabilities[variable.name] = 1 / (1 + np.exp(-part))
        return probabilities

    def token_logits(
        self, data: Dataset, progress: Progress = no_progress
    ) -> Iterator[tuple[Batch, list[EncodedPassage], torch.Tensor]]:
        """Yield batches, their passages and their tokens' logits (P, L, C); each distinct passage is processed once."""
        encoded = sorted(encode_passages(data, self.tokenizer), key=lambda item: len(item.input_ids))
        done = 0
        self.model.eval()
        for items in _token_batches(encoded):
            batch = collate(items, self._pad)
            with torch.inference_mode():
                logits = self.model(input_ids=batch.input_ids, attention_mask=batch.attention_mask).logits.float()
            yield batch, items, logits
            done += len(items)
            progress(done / len(encoded))

    def save(self, folder: Path, about: Mapping[str, Any]) -> None:
        """Write a standard token-classification checkpoint, and slantwise.json with what it was trained from."""
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        # written last: a folder without it is not a checkpoint
        text = json.dumps({**about, "codebook": self.book.model_dump(mode="json")}, indent=1, ensure_ascii=False)
        (folder / "slantwise.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> SpanClassifier:
        """Load a checkpoint. Raises BadEncoder if the folder is not one."""
        try:
            about = json.loads((folder / "slantwise.json").read_text(encoding="utf-8"))
            classifier = cls(Codebook.model_validate(about["codebook"]))
        except (OSError, ValueError, KeyError, TypeError):
            raise BadEncoder(f"{folder} is not a checkpoint of Slantwise; train one with: slantwise train") from None
        classifier.model, classifier.tokenizer = load_token_classifier(str(folder))
        return classifier


def _token_batches(encoded: list[EncodedPassage]) -> Iterator[list[EncodedPassage]]:
    """Yield runs of passages, sorted by length, of at most TOKENS_PER_BATCH tokens once padded."""
    batch: list[EncodedPassage] = []
    for item in encoded:
        if batch and (len(batch) + 1) * len(item.input_ids) > TOKENS_PER_BATCH:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch
