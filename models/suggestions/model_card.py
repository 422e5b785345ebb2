"""The model card of a checkpoint: what it was trained on, what it is for, and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from corpus.result import Result


@dataclass(frozen=True, kw_only=True)
class ModelCard(Result):
    """What a model was trained on; `outlets` and `codes` (`variable=code`) have the numbers of coded spans."""

    version: str
    study: str
    codebook_name: str
    codebook_version: str
    codebook_digest: str
    data_digest: str
    encoder: str
    language: str
    context: str
    epochs: int
    seed: int
    spans: int
    annotations: int
    rounds: Mapping[str, int]
    left_out: Mapping[str, int]
    coders: tuple[str, ...]
    simulated_coders: tuple[str, ...]
    outlets: Mapping[str, int]
    codes: Mapping[str, int]
    codebook: Mapping[str, Any]


def card_text(about: ModelCard) -> str:
    """Return the README.md of a checkpoint, with the front matter that model hubs read."""
    outlets = "\n".join(f"| {name} | {n} |" for name, n in about.outlets.items())
    codes = "\n".join(f"| {name} | {n} |" for name, n in about.codes.items())
    rounds = ", ".join(f"{name or 'no round'} ({n} answers)" for name, n in about.rounds.items())
    left_out = ", ".join(f"{n} {reason}" for reason, n in about.left_out.items()) or "none"
    simulated = about.simulated_coders
    warning = (
        f"\n**Simulated answers.** {', '.join(simulated)} are simulated coders: their answers are random. "
        "Results computed from this model test the software and are not evidence.\n"
        if simulated
        else ""
    )
    return f"""---
library_name: transformers
pipeline_tag: token-classification
language: {about.language}
tags: [slantwise, lexical-framing]
---

# {about.study}: span classifier {about.version}

Suggests codes of the codebook {about.codebook_name} {about.codebook_version} for spans of news texts. It was
made with Slantwise: a plain token classifier, in which a span's score for a code is the mean of its tokens' logits; the
label columns read `variable=code`, with one softmax over the columns of each single-choice variable.
{warning}
## Trained on

- encoder: {about.encoder}; context read around a span: {about.context}
- {about.epochs} epochs, seed {about.seed}
- {about.spans} spans with {about.annotations} blind answers of {len(about.coders)} coders, under version
  {about.codebook_version} of the codebook, each coder's first to a span
- rounds: {rounds}; answers left out: {left_out}
- codebook sha256 {about.codebook_digest[:16]}…, data sha256 {about.data_digest[:16]}…

| outlet | coded spans |
|---|---|
{outlets}

| code | spans with it |
|---|---|
{codes}

## Use and limits

For suggestions to human coders, and for estimates that are corrected with blind codes of a random sample. Counting its
suggestions is not an estimate, because its errors differ between outlets. `slantwise evaluate`, run in its study,
measures how well it works on unseen outlets; a random split would overstate this. It shows which words an outlet chose,
never that an outlet is biased. It knows only the language of its codebook.
"""
