"""Digests of the files of a folder, so that one that was changed or lost is found before it is used."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from ..files import write_whole

DIGESTS = "digests.json"  # in the folder whose files it lists
ABOUT = "slantwise.json"  # what a model says of itself
_NOT_READ = (DIGESTS, "README.md")  # a model's card is for people, who may write into it


def file_digest(path: Path) -> str:
    """Return a file's sha256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_digests(folder: Path) -> None:
    """Write the digest of each file of a folder, but its README.md, into it, as `digests.json`."""
    found = {
        path.relative_to(folder).as_posix(): file_digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in _NOT_READ
    }
    write_whole(folder / DIGESTS, json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def add_digest(folder: Path, name: str) -> None:
    """Add a file to the digests of its folder, if that has any."""
    if (folder / DIGESTS).is_file():
        known = _read(folder)
        write_whole(
            folder / DIGESTS,
            json.dumps({**known, name: file_digest(folder / name)}, indent=1, ensure_ascii=False) + "\n",
        )


def changed_files(folder: Path) -> list[str] | None:
    """Return the files of a folder that are not as they were written, with why; None without digests. Raises OSError.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("a.txt", "b.txt"):
    ...     _ = (folder / name).write_text("took")
    >>> changed_files(folder)
    >>> write_digests(folder)
    >>> changed_files(folder)
    []
    >>> _ = (folder / "a.txt").write_text("tool")
    >>> (folder / "b.txt").unlink()
    >>> changed_files(folder)
    ['a.txt was changed', 'b.txt is missing']
    """
    if not (folder / DIGESTS).is_file():
        return [f"{DIGESTS} is missing"] if _says_that_it_has_digests(folder) else None
    try:
        known = _read(folder)
    except ValueError:
        return [f"{DIGESTS} was changed"]
    return [wrong for name, digest in known.items() if (wrong := _wrong(folder, name, digest))]


def _says_that_it_has_digests(folder: Path) -> bool:
    """Return whether the folder is a model's that was stored with digests; those of earlier versions had none."""
    try:
        return DIGESTS in json.loads((folder / ABOUT).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _read(folder: Path) -> dict[str, str]:
    known = json.loads((folder / DIGESTS).read_text(encoding="utf-8"))
    if not isinstance(known, dict) or not known:
        raise ValueError("expected the digests of files by their names")
    return {str(name): str(digest) for name, digest in known.items()}


def _wrong(folder: Path, name: str, digest: str) -> str | None:
    path = folder / name
    if not path.is_file():
        return f"{name} is missing"
    return None if file_digest(path) == digest else f"{name} was changed"
