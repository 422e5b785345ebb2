"""The SpanClassifier: a plain token classifier whose span score is the mean of its tokens' scores."""

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
from models.data.protocol import Probabilities, shares

from .choose_head import best_on_held_out
from .encoder import classification_layer, load_token_classifier, model_source
from .fine_tuning import Progress, fine_tune, no_progress, training_settings
from .linear_head import fit_head
from .priors import bias_correction, correction_strength
from .tokenization import Batch, EncodedPassage, collate, encode_passages, mean_over_tokens

if TYPE_CHECKING:
    from datasets import Dataset

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

TOKENS_PER_BATCH = 4096  # a batch: passages of like length until they have this many tokens
MARKED_COLUMN = "marked=word"  # the column that learns which words coders marked, where the data say so
HEAD_ONLY_BELOW = 60  # coded spans, below which only a head is learned, so that the first suggestions come in seconds
FINE_TUNE_FROM = 200  # coded spans, below which both are tried; where fine-tuning overtakes, benchmarks/few.py asks


class SpanClassifier:
    """Learns all variables of a codebook at once on one encoder.

    `classes_` maps each variable to its codes; the model's label columns read `variable=code`. Targets are the shares
    of the coders who gave each code (soft labels), so disagreement is learned and not voted away.
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
        """Return an untrained classifier as the study's settings ask for."""
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

    def fit(self, data: Dataset, progress: Progress = no_progress, kept: Path | None = None) -> SpanClassifier:
        """Learn from coded spans: the head alone from the first HEAD, from TRIED on the encoder too, between these the
        way that does better on outlets held out of them.

        `progress` hears the share that is done; a training that was stopped goes on from what lies in `kept`. Raises
        BadEncoder where the encoder cannot be loaded.
        """
        if len(data) < HEAD_ONLY_BELOW:
            return self.fit_head(data, progress)
        if len(data) < FINE_TUNE_FROM:
            ways = {
                "head": lambda part, told: self._untrained_copy().fit_head(part, told),
                "all": lambda part, told: self._untrained_copy().fine_tune(part, told),
            }
            if best_on_held_out(data, self.book, ways, lambda share: progress(share / 2)) == "head":
                return self.fit_head(data, lambda share: progress((1 + share) / 2))
            return self.fine_tune(data, lambda share: progress((1 + share) / 2), kept)
        return self.fine_tune(data, progress, kept)

    def _untrained_copy(self) -> SpanClassifier:
        """Return an untrained classifier with the same settings."""
        return type(self)(self.book, encoder=self.encoder, epochs=self._epochs, seed=self.seed)

    def fit_head(self, data: Dataset, progress: Progress = no_progress) -> SpanClassifier:
        """Learn a linear head on the encoder as it is: seconds for the first annotations of a study."""
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

    def fine_tune(self, data: Dataset, progress: Progress = no_progress, kept: Path | None = None) -> SpanClassifier:
        """Learn the encoder and the head together, and from marked words where the data have a column of them."""
        self.marked = "marked" in data.column_names and any(data["marked"])
        self._load_encoder()
        shifts = self.bias_corrections(data, self._features(data))
        encoded = encode_passages(data, self.tokenizer)
        pace = training_settings(len(encoded))._replace(trainings=self._trainings)
        if self._epochs:
            pace = pace._replace(epochs=self._epochs)
        self.epochs = pace.epochs
        fine_tune(
            self.model,
            encoded,
            torch.tensor(self._targets(data), dtype=torch.float32),
            self.loss,
            pace=pace,
            seed=self.seed,
            pad=self._pad,
            progress=progress,
            kept=kept,
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
        """Return what the codes' biases gain when the shares that training outlets use them in are forgotten (C,).

        `features` (rows, H) are of the encoder before it was trained, `data` what it is trained on.
        """
        found, outlets, copies = [], list(data["outlet"]), list(data["copy_group"])
        for variable in self.book.variables:
            given = shares(data, variable.name)
            much = correction_strength(features, given, outlets, copies) if variable.kind == "single" else 0.0
            found.append(bias_correction(given, much))
        return np.concatenate(found)

    def add_biases(self, biases: npt.NDArray[np.float64]) -> None:
        """Add to the biases of the codes' columns (C,); for each span that moves a code's logit by as much."""
        with torch.no_grad():
            classification_layer(self.model).bias[: len(biases)] += torch.tensor(biases, dtype=torch.float32)

    def _targets(self, data: Dataset) -> npt.NDArray[np.float64]:
        return np.hstack([shares(data, name) for name in self.classes_])

    def _features(self, data: Dataset, progress: Progress = no_progress) -> npt.NDArray[np.float64]:
        """Return what the head reads of the spans: the mean of its input over their tokens (rows, H)."""
        head, heard = classification_layer(self.model), []
        hook = head.register_forward_pre_hook(lambda module, inputs: heard.append(inputs[0]))
        found = np.zeros((len(data), head.in_features))
        try:
            for batch, _, _ in self.token_logits(data, progress):
                found[batch.rows] = mean_over_tokens(heard.pop().float(), batch.passage, batch.weights).double().numpy()
        finally:
            hook.remove()
        return found

    @property
    def _pad(self) -> int:
        return int(self.tokenizer.pad_token_id or 0)

    def loss(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the mean cross-entropy of spans (S, C), each variable weighted by the share of coders asked.

        Of a multiple-choice variable, where each code is answered by itself, a span counts if a coder was asked.
        """
        total, first = logits.new_zeros(()), 0
        for variable in self.book.variables:
            part = slice(first, first + len(variable.codes))
            first = part.stop
            if variable.kind == "single":
                total = total - (targets[:, part] * F.log_softmax(logits[:, part], dim=-1)).sum()
            else:
                asked = targets[:, part].sum(dim=1, keepdim=True) > 0
                each = F.binary_cross_entropy_with_logits(logits[:, part], targets[:, part], reduction="none")
                total = total + (each * asked).sum()
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
        found: npt.NDArray[np.float64] = logits.double().numpy()
        return found

    def _probabilities(self, logits: npt.NDArray[np.float64]) -> Probabilities:
        found: Probabilities = {}
        first = 0
        for variable in self.book.variables:
            part = logits[:, first : first + len(variable.codes)]
            first += len(variable.codes)
            if variable.kind == "single":
                part = np.exp(part - part.max(axis=1, keepdims=True))
                found[variable.name] = part / part.sum(axis=1, keepdims=True)
            else:
                found[variable.name] = 1 / (1 + np.exp(-part))
        return found

    def token_logits(
        self, data: Dataset, progress: Progress = no_progress
    ) -> Iterator[tuple[Batch, list[EncodedPassage], torch.Tensor]]:
        """Yield batches, their passages and their tokens' logits (P, L, C); each distinct passage is read once."""
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
        """Write a standard token-classification checkpoint, with what it was made from in slantwise.json."""
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        # written last: a folder is a checkpoint once it says what it is
        text = json.dumps({**about, "codebook": self.book.model_dump(mode="json")}, indent=1, ensure_ascii=False)
        (folder / "slantwise.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> SpanClassifier:
        """Load a checkpoint. Raises BadEncoder where it is none."""
        try:
            about = json.loads((folder / "slantwise.json").read_text(encoding="utf-8"))
            classifier = cls(Codebook.model_validate(about["codebook"]))
        except (OSError, ValueError, KeyError, TypeError):
            raise BadEncoder(f"{folder} is no checkpoint of Slantwise; train one with: slantwise train") from None
        classifier.model, classifier.tokenizer = load_token_classifier(str(folder))
        return classifier


def _token_batches(encoded: list[EncodedPassage]) -> Iterator[list[EncodedPassage]]:
    """Yield runs of passages, sorted by length, of at most TOKENS tokens once padded."""
    batch: list[EncodedPassage] = []
    for item in encoded:
        if batch and (len(batch) + 1) * len(item.input_ids) > TOKENS_PER_BATCH:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch
