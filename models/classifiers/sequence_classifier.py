"""The plain baseline: AutoModelForSequenceClassification with Trainer's default settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from corpus.codebook import Codebook
from corpus.errors import NothingToLearn
from models.data.classifier_protocol import Probabilities, correct_codes
from models.data.labelled import span_text

from .encoder import load_model, model_source
from .fine_tuning import Progress, no_progress

if TYPE_CHECKING:
    from datasets import Dataset

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

LENGTH = 256  # tokens, as for the SpanClassifier


class SequenceClassifier:
    """A standard baseline: the span's own text and its published code, with Trainer's default settings.

    One model per variable; three epochs, batches of 8, a rate of 5e-5, no class weights, no context, no soft labels.
    """

    def __init__(self, book: Codebook, *, encoder: str = "bundled", seed: int = 1) -> None:
        self.book, self.encoder, self.seed = book, encoder, seed
        self.classes_: Mapping[str, tuple[str, ...]] = {v.name: v.code_names for v in book.variables}
        self._models: dict[str, Any] = {}

    def fit(self, data: Dataset, progress: Progress = no_progress) -> SequenceClassifier:
        """Fine-tune a model for each variable. Raises BadEncoder if the encoder cannot be loaded."""
        for number, (variable, codes) in enumerate(self.classes_.items()):
            self._models[variable] = self._fit(
                data,
                variable,
                len(codes),
                lambda share, number=number: progress((number + share) / len(self.classes_)),  # type: ignore[misc]
            )
        return self

    def _fit(self, data: Dataset, variable: str, codes: int, progress: Progress) -> Any:
        import tempfile

        from transformers import (
            AutoModelForSequenceClassification,
            PrinterCallback,
            Trainer,
            TrainerCallback,
            TrainingArguments,
            set_seed,
        )

        class TrainingCallback(TrainerCallback):
            def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
                progress(state.global_step / max(1, state.max_steps))

        answers = correct_codes(data, variable)
        rows = np.flatnonzero(answers >= 0)
        if not len(rows):
            raise NothingToLearn(f"no training row has an answer to {variable}; code spans with this variable")
        set_seed(self.seed)
        model, self.tokenizer = load_model(
            AutoModelForSequenceClassification, model_source(self.encoder), num_labels=codes
        )
        texts = [span_text(data[int(row)]) for row in rows]
        ids = self.tokenizer(texts, truncation=True, max_length=LENGTH)["input_ids"]
        items: Any = [{"input_ids": tokens, "labels": int(answers[row])} for tokens, row in zip(ids, rows, strict=True)]
        with tempfile.TemporaryDirectory(prefix="slantwise-") as scratch:
            arguments = TrainingArguments(
                output_dir=scratch,
                seed=self.seed,
                use_cpu=not torch.cuda.is_available(),
                save_strategy="no",
                logging_strategy="no",
                report_to=[],
                disable_tqdm=True,
            )
            trainer = Trainer(
                model, arguments, train_dataset=items, processing_class=self.tokenizer, callbacks=[TrainingCallback()]
            )
            trainer.remove_callback(PrinterCallback)
            trainer.train()
        return model.to("cpu").eval()

    def predict_proba(self, data: Dataset) -> Probabilities:
        """Return for each variable the probabilities of its codes (rows, codes)."""
        texts = [span_text(row) for row in data]
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        probabilities: Probabilities = {
            name: np.zeros((len(texts), len(codes))) for name, codes in self.classes_.items()
        }
        for first in range(0, len(order), 32):
            rows = order[first : first + 32]
            batch = self.tokenizer(
                [texts[row] for row in rows], truncation=True, max_length=LENGTH, padding=True, return_tensors="pt"
            )
            for variable, model in self._models.items():
                with torch.inference_mode():
                    probabilities[variable][rows] = model(**batch).logits.double().softmax(dim=-1).numpy()
        return probabilities
