"""The SpanClassifier: a plain token classifier whose span score is the mean of its tokens' scores."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F

from corpus.codebook import Codebook
from corpus.errors import BadEncoder
from corpus.study import Study

from .baseline import Probabilities, shares
from .encoder import resolve
from .encoding import Batch, Encoded, collate, encode, pooled
from .training import Progress, pace_for, silent, train

if TYPE_CHECKING:
    from datasets import Dataset

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

TOKENS = 4096  # a batch: passages of like length until they have this many tokens


class SpanClassifier:
    """Learns all variables of a codebook at once on one encoder.

    `classes_` maps each variable to its codes; the model's label columns read `variable=code`. Targets are the shares
    of the coders who gave each code (soft labels), so disagreement is learned and not voted away.
    """

    def __init__(self, book: Codebook, *, encoder: str = "bundled", epochs: int | None = None, seed: int = 1) -> None:
        self.book, self.encoder, self._epochs, self.seed = book, encoder, epochs, seed
        self.epochs = 0
        self.classes_: Mapping[str, tuple[str, ...]] = {v.name: v.code_names for v in book.variables}
        self.model: Any = None
        self.tokenizer: Any = None

    @classmethod
    def of(cls, study: Study) -> SpanClassifier:
        """Return an untrained classifier as the study's settings ask for."""
        settings = study.settings.model
        return cls(study.codebook, encoder=settings.encoder, epochs=settings.epochs, seed=settings.seed)

    @property
    def columns(self) -> list[str]:
        """The names of the model's label columns."""
        return [f"{variable}={code}" for variable, codes in self.classes_.items() for code in codes]

    def fit(self, data: Dataset, progress: Progress = silent) -> SpanClassifier:
        """Fine-tune the encoder on coded spans. `progress` hears the share that is done.

        Raises BadEncoder where the encoder cannot be loaded.
        """
        from transformers import set_seed

        set_seed(self.seed)
        self.model, self.tokenizer = _load(
            resolve(self.encoder),
            num_labels=len(self.columns),
            id2label=dict(enumerate(self.columns)),
            label2id={name: i for i, name in enumerate(self.columns)},
        )
        targets = torch.tensor(np.hstack([shares(data, name) for name in self.classes_]), dtype=torch.float32)
        encoded = encode(data, self.tokenizer)
        pace = pace_for(len(encoded))
        if self._epochs:
            pace = pace._replace(epochs=self._epochs)
        self.epochs = pace.epochs
        train(
            self.model,
            encoded,
            targets,
            self.loss,
            pace=pace,
            seed=self.seed,
            pad=self._pad,
            progress=progress,
        )
        return self

    @property
    def _pad(self) -> int:
        return int(self.tokenizer.pad_token_id or 0)

    def loss(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the mean cross-entropy of spans (S, C), each variable weighted by the share of coders asked."""
        total, first = logits.new_zeros(()), 0
        for variable in self.book.variables:
            part = slice(first, first + len(variable.codes))
            first = part.stop
            if variable.kind == "single":
                total = total - (targets[:, part] * F.log_softmax(logits[:, part], dim=-1)).sum()
            else:
                total = total + F.binary_cross_entropy_with_logits(logits[:, part], targets[:, part], reduction="sum")
        return total / len(targets)

    def predict_proba(self, data: Dataset, progress: Progress = silent) -> Probabilities:
        """Return for each variable the probabilities of its codes (rows, codes), in double precision."""
        logits = np.zeros((len(data), len(self.columns)))
        for batch, _, scores in self.scores(data, progress):
            logits[batch.rows] = pooled(scores, batch.passage, batch.weights).double().numpy()
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

    def scores(self, data: Dataset, progress: Progress = silent) -> Iterator[tuple[Batch, list[Encoded], torch.Tensor]]:
        """Yield batches, their passages and their tokens' logits (P, L, C); each distinct passage is read once."""
        encoded = sorted(encode(data, self.tokenizer), key=lambda item: len(item.input_ids))
        done = 0
        self.model.eval()
        for items in _by_tokens(encoded):
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
        classifier.model, classifier.tokenizer = _load(str(folder))
        return classifier


def _load(source: str, **config: Any) -> tuple[Any, Any]:
    """Return a token classifier and its fast tokenizer; code that comes with a checkpoint is never run."""
    from transformers import AutoModelForTokenClassification, AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # that the head is new, is no news
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        model = AutoModelForTokenClassification.from_pretrained(
            source, trust_remote_code=False, use_safetensors=True, dtype=torch.float32, **config
        )
    except Exception as error:  # whatever the readers of a damaged file come upon
        said = str(error).split("\n", 1)[0]
        raise BadEncoder(f"the encoder {source!r} cannot be loaded ({said}); name a folder or a hub's id") from None
    if not tokenizer.is_fast:
        raise BadEncoder(
            f"the encoder {source!r} has no fast tokenizer, which spans need for their offsets; name another"
        )
    tokenizer.backend_tokenizer.no_padding()  # the bundled one pads and cuts at 128 by itself
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.model_max_length = 10**6  # `encode` windows passages itself
    return model, tokenizer


def _by_tokens(encoded: list[Encoded]) -> Iterator[list[Encoded]]:
    """Yield runs of passages, sorted by length, of at most TOKENS tokens once padded."""
    batch: list[Encoded] = []
    for item in encoded:
        if batch and (len(batch) + 1) * len(item.input_ids) > TOKENS:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch
