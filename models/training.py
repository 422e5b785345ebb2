"""Training: fine-tuning an encoder on spans with transformers' Trainer."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch

from corpus.errors import BadEncoder

from .encoding import Batch, Encoded, collate, pooled

Progress = Callable[[float], None]
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class Pace(NamedTuple):
    """How fast to learn: rounds over the data, passages a step, and the rates of the encoder and of its new head.

    The rates are higher than for large encoders: the bundled one has 22 million weights.
    """

    epochs: int
    batch: int
    rate: float
    head_rate: float


def pace_for(passages: int) -> Pace:
    """Return the pace for so many passages: few are gone over often in small steps, many seldom and more gently.

    >>> [pace_for(n).epochs for n in (50, 300, 2000, 50000)]
    [8, 6, 3, 2]
    """
    if passages < 1000:
        return Pace(epochs=8 if passages < 100 else 6, batch=8, rate=2e-4, head_rate=2e-3)
    return Pace(epochs=3 if passages < 10_000 else 2, batch=16, rate=1e-4, head_rate=1e-3)


def silent(share: float) -> None:
    """Report to nobody."""


def train(
    model: Any,
    encoded: list[Encoded],
    targets: torch.Tensor,
    loss: Loss,
    *,
    pace: Pace,
    seed: int,
    pad: int,
    progress: Progress = silent,
    kept: Path | None = None,
) -> None:
    """Fine-tune a token classifier in place on passages, whose spans' targets (rows, C) are found by their row.

    `loss` takes the spans' logits and targets; `progress` hears the share of steps that is done. With a folder `kept`
    the state is written there after each epoch, and a training that was stopped goes on from the last.
    """
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments
    from transformers.trainer_utils import get_last_checkpoint

    class Told(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            progress(state.global_step / max(1, state.max_steps))

    class SpanTrainer(Trainer):
        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            batch: Batch = inputs["batch"].to(model.device)
            logits = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask).logits.float()
            return loss(pooled(logits, batch.passage, batch.weights), targets[batch.rows].to(model.device))

    def together(items: list[dict[str, Any]]) -> dict[str, Batch]:
        return {"batch": collate([item["encoded"] for item in items], pad)}

    with tempfile.TemporaryDirectory() as scratch:
        arguments = TrainingArguments(
            output_dir=str(kept or scratch),
            num_train_epochs=pace.epochs,
            per_device_train_batch_size=pace.batch,
            warmup_steps=0.1,
            train_sampling_strategy="group_by_length",
            seed=seed,
            use_cpu=not torch.cuda.is_available(),
            bf16=fast_bf16(),
            save_strategy="epoch" if kept else "no",
            save_total_limit=1,
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
            remove_unused_columns=False,
        )
        items: Any = [{"encoded": item, "input_ids": item.input_ids} for item in encoded]
        trainer = SpanTrainer(
            model,
            arguments,
            train_dataset=items,
            data_collator=together,
            callbacks=[Told()],
            optimizers=(_optimizer(model, pace), None),
        )
        trainer.remove_callback(PrinterCallback)
        last = get_last_checkpoint(str(kept)) if kept and kept.is_dir() else None  # type: ignore[no-untyped-call]
        trainer.train(resume_from_checkpoint=last)
        # else the model would go on computing in bfloat16, and say otherwise than what is saved of it
        trainer.accelerator.unwrap_model(model, keep_fp32_wrapper=False)
    model.to("cpu").eval()


def head_of(model: Any) -> torch.nn.Linear:
    """Return the linear layer that makes the label columns, whatever the architecture calls it. Raises BadEncoder."""
    found = [layer for layer in model.children() if isinstance(layer, torch.nn.Linear)]
    if [layer.out_features for layer in found] != [model.config.num_labels]:
        raise BadEncoder(f"{type(model).__name__} has no one linear head, which spans need; name another encoder")
    return found[0]


def _optimizer(model: Any, pace: Pace) -> torch.optim.Optimizer:
    """Return AdamW with a faster rate for the new head, and no update of the word embeddings.

    A few hundred spans hold a small part of the vocabulary: words that only other outlets use should keep their places
    relative to those that were trained on, and a step is a fifth faster.
    """
    for parameter in model.get_input_embeddings().parameters():
        parameter.requires_grad = False
    head: list[torch.nn.Parameter] = []
    body: list[torch.nn.Parameter] = []
    plain: list[torch.nn.Parameter] = []  # biases and norms, which are not pulled to zero
    own = set(head_of(model).parameters())
    for parameter in model.parameters():
        if parameter.requires_grad:
            (head if parameter in own else plain if parameter.ndim < 2 else body).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": head, "lr": pace.head_rate, "weight_decay": 0.0},
            {"params": body, "lr": pace.rate, "weight_decay": 0.01},
            {"params": plain, "lr": pace.rate, "weight_decay": 0.0},
        ]
    )


def fast_bf16() -> bool:
    """Say whether the processor computes in bfloat16 by itself; there training takes half the time."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
