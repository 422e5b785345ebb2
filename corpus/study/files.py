"""Write a file so that it is either complete or not there."""

import os
from pathlib import Path

from corpus.errors import BadFile


def write_whole(path: Path, content: str | bytes, *, private: bool = False) -> None:
    r"""Write a file through a temporary file in its folder; a stopped command leaves the old file or none.

    Its folder is made if it is missing. Only the user can read a `private` file, from its first byte.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder) / "reports" / "page.html", "<p>Velo\n")
    ...     [(file.name, file.read_bytes()) for file in Path(folder).rglob("*.*")]
    [('page.html', b'<p>Velo\n')]
    """
    make_folder(path.parent, mode=0o700 if private else 0o777)
    if path.is_dir():
        raise BadFile(f"{path} is a folder; expected the name of a file")
    scratch = path.with_name(f".{path.name}.{os.getpid()}.part")
    scratch.unlink(missing_ok=True)
    mode = 0o600 if private else 0o666
    try:
        with open(scratch, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as out:
            out.write(content.encode() if isinstance(content, str) else content)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def make_folder(folder: Path, *, mode: int = 0o777) -> None:
    """Make a folder and its parent folders, if missing. Raises BadFile if a file has the folder's name."""
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise BadFile(f"{folder} cannot be a folder, since a file is in its place; choose another one") from None
