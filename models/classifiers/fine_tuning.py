"""Fine-tune an encoder on spans with transformers' Trainer."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from corpus.study.files import write_whole

from .encoder import classification_layer
from .tokenization import Batch, EncodedPassage, collate, mean_over_tokens

AVERAGED_FROM = 0.4  # of the steps; the weights are averaged from there on
MINIMUM_RATE = 0.3  # of the learning rate, so that averaged weights still differ
SEED_STEP = 1000  # between the seeds of two averaged trainings
_AVERAGE, _COUNT = "average.safetensors", "steps averaged"

Progress = Callable[[float], None]
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class TrainingData(NamedTuple):
    """Passages as tokens, and the targets (rows, C) of their spans, which have the rows' numbers.

    `pad` is the token that fills up shorter passages of a batch.
    """

    encoded: list[EncodedPassage]
    targets: torch.Tensor
    pad: int


class TrainingSettings(NamedTuple):
    """Epochs, passages per step, learning rates of the encoder and of its new head, the number of trainings (each in
    another order) that are averaged, and the random seed.

    The rates are higher than for large encoders: the bundled one has 22 million weights.
    """

    epochs: int
    batch: int
    rate: float
    head_rate: float
    trainings: int = 1
    seed: int = 1


def training_settings(passages: int) -> TrainingSettings:
    """Return the settings for a number of passages: more epochs, smaller batches and higher rates for few passages.

    >>> [training_settings(n).epochs for n in (50, 300, 2000, 5000, 50000)]
    [8, 6, 5, 3, 2]
    """
    if passages < 1000:
        return TrainingSettings(epochs=8 if passages < 100 else 6, batch=8, rate=2e-4, head_rate=2e-3)
    return TrainingSettings(
        epochs=5 if passages < 3000 else 3 if passages < 10_000 else 2, batch=16, rate=1e-4, head_rate=1e-3
    )


def no_progress(share: float) -> None:
    """Report no progress."""


def fine_tune(
    model: Any,
    data: TrainingData,
    loss: Loss,
    *,
    settings: TrainingSettings,
    progress: Progress = no_progress,
    state_folder: Path | None = None,
) -> None:
    """Fine-tune a token classifier in place.

    It is trained `settings.trainings` times from the same weights, each time in another order, and gets the mean of the
    weights (Wortsman et al. 2022, Model soups): as stable as an ensemble, at the cost of one model.

    `loss` takes the spans' logits and targets; `progress` receives the share of steps that is done. The state is
    written to `state_folder`, if given, after each epoch, and interrupted training resumes from there.
    """
    average = WeightAverage(model)
    initial = {name: p.detach().clone() for name, p in model.named_parameters()}
    if state_folder:
        average.load(state_folder)
    for number in range(average.n, settings.trainings):
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.copy_(initial[name])

        def report(share: float, number: int = number) -> None:
            progress((number + share) / settings.trainings)

        own_folder = state_folder / f"training-{number}" if state_folder else None
        once = settings._replace(trainings=1, seed=settings.seed + SEED_STEP * number)
        _train_once(model, data, loss, settings=once, progress=report, state_folder=own_folder)
        average.add()
        if state_folder:
            average.save(state_folder)
    average.copy_to_model()
    model.eval()


def _train_once(
    model: Any,
    data: TrainingData,
    loss: Loss,
    *,
    settings: TrainingSettings,
    progress: Progress,
    state_folder: Path | None,
) -> None:
    """Fine-tune the model once."""
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

    encoded, targets, pad = data
    average = WeightAverage(model)

    class TrainingCallback(TrainerCallback):
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
            span_loss = loss(
                mean_over_tokens(logits, batch.passage, batch.weights), targets[batch.rows].to(model.device)
            )
            return span_loss + marked_words_loss(logits[..., targets.shape[1] :], batch)

    def collate_items(items: list[dict[str, Any]]) -> dict[str, Batch]:
        return {"batch": collate([item["encoded"] for item in items], pad)}

    with tempfile.TemporaryDirectory(prefix="slantwise-") as scratch:
        arguments = TrainingArguments(
            output_dir=str(state_folder or scratch),
            num_train_epochs=settings.epochs,
            per_device_train_batch_size=settings.batch,
            train_sampling_strategy="group_by_length",
            seed=settings.seed,
            use_cpu=not torch.cuda.is_available(),
            bf16=has_fast_bf16(),
            save_strategy="epoch" if state_folder else "no",
            save_total_limit=2,  # in case training is killed while the last one is written
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
            remove_unused_columns=False,
        )
        arguments._n_gpu = 1  # a batch of passages cannot be split across devices
        steps = settings.epochs * -(-len(encoded) // settings.batch)
        optimizer = _optimizer(model, settings)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _learning_rate_factor(step, steps))
        items: Any = [{"encoded": item, "input_ids": item.input_ids} for item in encoded]
        trainer = SpanTrainer(
            model,
            arguments,
            train_dataset=items,
            data_collator=collate_items,
            callbacks=[TrainingCallback()],
            optimizers=(optimizer, schedule),
        )
        trainer.remove_callback(PrinterCallback)
        checkpoint = _last_complete_state(state_folder) if state_folder else None
        if checkpoint:
            average.load(checkpoint)
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        average.copy_to_model()
        # Otherwise the model would go on computing in bfloat16, unlike its saved copy; and a second training, which
        # takes the model for prepared, would compute without it: accelerate's unwrap_model leaves that mark.
        for attribute in ("forward", "_original_forward", "_is_accelerate_prepared"):
            model.__dict__.pop(attribute, None)
    model.to("cpu").eval()


def _last_complete_state(state_folder: Path) -> Path | None:
    """Return the last completely written state, which has a file of averaged weights; delete incomplete ones."""
    folders = sorted(state_folder.glob("checkpoint-*"), key=lambda folder: int(folder.name.rpartition("-")[2]))
    for folder in folders:
        if not (folder / _AVERAGE).is_file():
            shutil.rmtree(folder)
    return next((folder for folder in reversed(folders) if folder.is_dir()), None)


def marked_words_loss(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the loss of predicting marked words by the column after those of the variables' codes (P, L, 0 or 1).

    The mean over spans of the mean cross-entropy of their tokens; 0 where there is no such column. Marked words have a
    column of their own: most words of a span are not marked, which would lower the span's mean in the codes' columns.
    """
    if not logits.shape[-1]:
        return logits.new_zeros(())
    by_token = F.binary_cross_entropy_with_logits(logits[batch.passage, :, 0], batch.marked, reduction="none")
    return (by_token * batch.weights).sum() / len(batch.weights)


def _learning_rate_factor(step: int, steps: int) -> float:
    """Return the factor of the learning rate at a step: a warm-up over a tenth, then linear decay to MINIMUM_RATE.

    >>> [round(_learning_rate_factor(step, 100), 2) for step in (0, 9, 10, 55, 99)]
    [0.1, 1.0, 1.0, 0.5, 0.3]
    """
    warm = max(1, steps // 10)
    return min((step + 1) / warm, max(MINIMUM_RATE, (steps - step) / max(1, steps - warm)))


class WeightAverage:
    """The mean of a model's trained weights over the later steps of its training.

    Izmailov, Podoprikhin, Garipov, Vetrov and Wilson (2018), Averaging weights leads to wider optima and better
    generalization. Its effect on held-out outlets is measured by benchmarks/ablation.py.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        self._model, self.n, self._means = model, 0, dict[str, torch.Tensor]()

    def _trained(self) -> dict[str, torch.Tensor]:
        return {name: p.detach() for name, p in self._model.named_parameters() if p.requires_grad}

    def add(self) -> None:
        """Add the current weights to the mean."""
        self.n += 1
        for name, now in self._trained().items():
            if name in self._means:
                self._means[name] = self._means[name].to(now.device)
                self._means[name] += (now - self._means[name]) / self.n
            else:
                self._means[name] = now.clone()

    def copy_to_model(self) -> None:
        """Set the model's weights to the mean."""
        with torch.no_grad():
            for name, parameter in self._model.named_parameters():
                if name in self._means:
                    parameter.copy_(self._means[name])

    def save(self, folder: Path) -> None:
        """Write the mean to a state's folder, completely or not at all."""
        from safetensors.torch import save

        write_whole(folder / _AVERAGE, save({**self._means, _COUNT: torch.tensor(self.n)}))

    def load(self, folder: Path) -> None:
        """Load a mean that was saved, if there is one."""
        from safetensors.torch import load_file

        if not (folder / _AVERAGE).is_file():
            return
        self._means = load_file(folder / _AVERAGE)
        self.n = int(self._means.pop(_COUNT))


def _optimizer(model: Any, settings: TrainingSettings) -> torch.optim.Optimizer:
    """Return AdamW with a higher rate for the new head, and with the word embeddings frozen.

    A few hundred spans contain a small part of the vocabulary: words that only other outlets use should keep their
    positions relative to those that were trained on. It also makes a step a fifth faster.
    """
    for parameter in model.get_input_embeddings().parameters():
        parameter.requires_grad = False
    head: list[torch.nn.Parameter] = []
    body: list[torch.nn.Parameter] = []
    undecayed: list[torch.nn.Parameter] = []  # biases and norms, without weight decay
    head_parameters = set(classification_layer(model).parameters())
    for parameter in model.parameters():
        if parameter.requires_grad:
            (head if parameter in head_parameters else undecayed if parameter.ndim < 2 else body).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": head, "lr": settings.head_rate, "weight_decay": 0.0},
            {"params": body, "lr": settings.rate, "weight_decay": 0.01},
            {"params": undecayed, "lr": settings.rate, "weight_decay": 0.0},
        ],
        fused=True,  # takes 4 % of a step's time instead of 12 %
    )


def has_fast_bf16() -> bool:
    """Return whether the processor supports bfloat16, which halves the training time."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    available = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return bool(available and torch.ops.mkldnn._is_mkldnn_bf16_supported())
