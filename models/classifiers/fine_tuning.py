"""Training: fine-tuning an encoder on spans with transformers' Trainer."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from .encoder import classification_layer
from .tokenization import Batch, EncodedPassage, collate, mean_over_tokens

AVERAGED_FROM = 0.4  # of the steps; from there on the weights are averaged
MINIMUM_RATE = 0.3  # of the learning rate: what is averaged has to move
SEED_STEP = 1000  # between the seeds of two trainings that are averaged
_AVERAGE, _COUNT = "average.safetensors", "steps averaged"

Progress = Callable[[float], None]
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class TrainingSettings(NamedTuple):
    """How fast to learn: rounds over the data, passages a step, the rates of the encoder and of its new head, and how
    many trainings in another order are averaged.

    The rates are higher than for large encoders: the bundled one has 22 million weights.
    """

    epochs: int
    batch: int
    rate: float
    head_rate: float
    trainings: int = 1


def training_settings(passages: int) -> TrainingSettings:
    """Return the pace for so many passages: few are gone over often in small steps, many seldom and more gently.

    >>> [training_settings(n).epochs for n in (50, 300, 2000, 5000, 50000)]
    [8, 6, 5, 3, 2]
    """
    if passages < 1000:
        return TrainingSettings(epochs=8 if passages < 100 else 6, batch=8, rate=2e-4, head_rate=2e-3)
    return TrainingSettings(
        epochs=5 if passages < 3000 else 3 if passages < 10_000 else 2, batch=16, rate=1e-4, head_rate=1e-3
    )


def no_progress(share: float) -> None:
    """Report to nobody."""


def fine_tune(
    model: Any,
    encoded: list[EncodedPassage],
    targets: torch.Tensor,
    loss: Loss,
    *,
    pace: TrainingSettings,
    seed: int,
    pad: int,
    progress: Progress = no_progress,
    kept: Path | None = None,
) -> None:
    """Fine-tune a token classifier in place on passages, whose spans' targets (rows, C) are found by their row.

    It is trained `pace.trainings` times from the same weights, each time in another order, and gets the mean of the
    weights (Wortsman et al. 2022, Model soups): as steady as asking all of them, and read as fast as one.

    `loss` takes the spans' logits and targets; `progress` hears the share of steps that is done. With a folder `kept`
    the state is written there after each epoch, and a training that was stopped goes on from the last.
    """
    together = WeightAverage(model)
    start = {name: p.detach().clone() for name, p in model.named_parameters()}
    if kept:
        together.load(kept)
    for number in range(together.n, pace.trainings):
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.copy_(start[name])

        def told(share: float, number: int = number) -> None:
            progress((number + share) / pace.trainings)

        own = kept / f"training-{number}" if kept else None
        _train_once(model, encoded, targets, loss, pace, seed + SEED_STEP * number, pad, told, own)
        together.add()
        if kept:
            together.save(kept)
    together.copy_to_model()
    model.eval()


def _train_once(
    model: Any,
    encoded: list[EncodedPassage],
    targets: torch.Tensor,
    loss: Loss,
    pace: TrainingSettings,
    seed: int,
    pad: int,
    progress: Progress,
    kept: Path | None,
) -> None:
    """Fine-tune it once."""
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

    average = WeightAverage(model)

    class Told(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            if state.global_step >= AVERAGED_FROM * state.max_steps:
                average.add()
            progress(state.global_step / max(1, state.max_steps))

        def on_save(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            average.save(Path(args.output_dir) / f"checkpoint-{state.global_step}")

    class SpanTrainer(Trainer):
        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            batch: Batch = inputs["batch"].to(model.device)
            logits = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask).logits.float()
            found = loss(mean_over_tokens(logits, batch.passage, batch.weights), targets[batch.rows].to(model.device))
            return found + marked_words_loss(logits[..., targets.shape[1] :], batch)

    def side_by_side(items: list[dict[str, Any]]) -> dict[str, Batch]:
        return {"batch": collate([item["encoded"] for item in items], pad)}

    with tempfile.TemporaryDirectory() as scratch:
        arguments = TrainingArguments(
            output_dir=str(kept or scratch),
            num_train_epochs=pace.epochs,
            per_device_train_batch_size=pace.batch,
            train_sampling_strategy="group_by_length",
            seed=seed,
            use_cpu=not torch.cuda.is_available(),
            bf16=has_fast_bf16(),
            save_strategy="epoch" if kept else "no",
            save_total_limit=2,  # the one before, should a training be killed while the last is written
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
            remove_unused_columns=False,
        )
        arguments._n_gpu = 1  # a batch of passages is not one tensor that could be parted
        steps = pace.epochs * -(-len(encoded) // pace.batch)
        optimizer = _optimizer(model, pace)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _learning_rate_factor(step, steps))
        items: Any = [{"encoded": item, "input_ids": item.input_ids} for item in encoded]
        trainer = SpanTrainer(
            model,
            arguments,
            train_dataset=items,
            data_collator=side_by_side,
            callbacks=[Told()],
            optimizers=(optimizer, schedule),
        )
        trainer.remove_callback(PrinterCallback)
        last = _last_complete_state(kept) if kept else None
        if last:
            average.load(last)
        trainer.train(resume_from_checkpoint=str(last) if last else None)
        average.copy_to_model()
        # else the model would go on computing in bfloat16, and say otherwise than what is saved of it
        trainer.accelerator.unwrap_model(model, keep_fp32_wrapper=False)
    model.to("cpu").eval()


def _last_complete_state(kept: Path) -> Path | None:
    """Return the last state that was written whole, which the mean says that lies in it; delete those that were not."""
    found = sorted(kept.glob("checkpoint-*"), key=lambda folder: int(folder.name.rpartition("-")[2]))
    for folder in found:
        if not (folder / _AVERAGE).is_file():
            shutil.rmtree(folder)
    return next((folder for folder in reversed(found) if folder.is_dir()), None)


def marked_words_loss(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return how badly the columns beyond the variables' (P, L, 0 or 1) tell which words coders marked.

    The mean over spans of the mean cross-entropy of their tokens; 0 where there is no such column. Marked words have a
    column of their own: most words of a span are not marked, which would drag down the span's mean in the codes' own.
    """
    if not logits.shape[-1]:
        return logits.new_zeros(())
    each = F.binary_cross_entropy_with_logits(logits[batch.passage, :, 0], batch.marked, reduction="none")
    return (each * batch.weights).sum() / len(batch.weights)


def _learning_rate_factor(step: int, steps: int) -> float:
    """Return the share of the learning rate at a step: up over a tenth, then down, but not so far that it stands still.

    >>> [round(_learning_rate_factor(step, 100), 2) for step in (0, 9, 10, 55, 99)]
    [0.1, 1.0, 1.0, 0.5, 0.3]
    """
    warm = max(1, steps // 10)
    return min((step + 1) / warm, max(MINIMUM_RATE, (steps - step) / max(1, steps - warm)))


class WeightAverage:
    """The mean of a model's trained weights over the later steps of its training.

    Izmailov, Podoprikhin, Garipov, Vetrov and Wilson (2018), Averaging weights leads to wider optima and better
    generalization. What it brings on outlets held out, benchmarks/ablation.py asks.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        self._model, self.n, self._means = model, 0, dict[str, torch.Tensor]()

    def _trained(self) -> dict[str, torch.Tensor]:
        return {name: p.detach() for name, p in self._model.named_parameters() if p.requires_grad}

    def add(self) -> None:
        """Take the weights as they are now into the mean."""
        self.n += 1
        for name, now in self._trained().items():
            if name in self._means:
                self._means[name] = self._means[name].to(now.device)
                self._means[name] += (now - self._means[name]) / self.n
            else:
                self._means[name] = now.clone()

    def copy_to_model(self) -> None:
        """Give the model the mean."""
        with torch.no_grad():
            for name, parameter in self._model.named_parameters():
                if name in self._means:
                    parameter.copy_(self._means[name])

    def save(self, folder: Path) -> None:
        """Keep the mean beside the state of a training; it is whole or not there."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        scratch = folder / f"{_AVERAGE}.part"
        save_file({**self._means, _COUNT: torch.tensor(self.n)}, scratch)
        scratch.replace(folder / _AVERAGE)

    def load(self, folder: Path) -> None:
        """Go on from a mean that was kept; without one, from nothing."""
        from safetensors.torch import load_file

        if not (folder / _AVERAGE).is_file():
            return
        self._means = load_file(folder / _AVERAGE)
        self.n = int(self._means.pop(_COUNT))


def _optimizer(model: Any, pace: TrainingSettings) -> torch.optim.Optimizer:
    """Return AdamW with a faster rate for the new head, and no update of the word embeddings.

    A few hundred spans hold a small part of the vocabulary: words that only other outlets use should keep their places
    relative to those that were trained on, and a step is a fifth faster.
    """
    for parameter in model.get_input_embeddings().parameters():
        parameter.requires_grad = False
    head: list[torch.nn.Parameter] = []
    body: list[torch.nn.Parameter] = []
    plain: list[torch.nn.Parameter] = []  # biases and norms, which are not pulled to zero
    own = set(classification_layer(model).parameters())
    for parameter in model.parameters():
        if parameter.requires_grad:
            (head if parameter in own else plain if parameter.ndim < 2 else body).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": head, "lr": pace.head_rate, "weight_decay": 0.0},
            {"params": body, "lr": pace.rate, "weight_decay": 0.01},
            {"params": plain, "lr": pace.rate, "weight_decay": 0.0},
        ],
        fused=True,  # one pass over the weights a step: 12 % of a step's time without it, 4 % with it
    )


def has_fast_bf16() -> bool:
    """Say whether the processor computes in bfloat16 by itself; there training takes half the time."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    known = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return bool(known and torch.ops.mkldnn._is_mkldnn_bf16_supported())
