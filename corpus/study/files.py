"""Write files whole, let one command at a time work in a folder, open a database that may only be read."""

from __future__ import annotations

import contextlib
import fcntl
import glob
import logging
import os
import re
import shutil
import sqlite3
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from corpus.errors import BadFile

_logger = logging.getLogger(__name__)

ROOM = 100_000  # bytes
UNFINISHED = ".unfinished"  # a file in a folder in which the example or a data set's study is being made
OLD = 3600.0  # seconds after which a file that was being written is no longer: its command was killed

_swept: set[Path] = set()  # folders in which this process has looked for files left by killed commands


def write_whole(path: Path, content: str | bytes, *, private: bool = False) -> None:
    r"""Write a file through a temporary file in its folder; a stopped command leaves the old file or none.

    Its folder is made if it is missing. Only the user can read a `private` file, from its first byte; a file that is
    there already keeps its rights.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder) / "reports" / "page.html", "<p>Velo\n")
    ...     [(file.name, file.read_bytes()) for file in Path(folder).rglob("*.*")]
    [('page.html', b'<p>Velo\n')]
    """
    make_folder(path.parent, mode=0o700 if private else 0o777)
    if path.is_dir():
        raise BadFile(f"{path} is a folder; expected the name of a file")
    if path.is_symlink():  # the file that the link leads to is written, not the link replaced
        path = path.resolve()
    sweep(path.parent)
    mode = 0o600 if private else stat.S_IMODE(path.stat().st_mode) if path.exists() else None
    scratch = path.with_name(f".{path.name[:200]}.{os.getpid()}.{threading.get_ident()}.part")
    scratch.unlink(missing_ok=True)
    creating = 0o666 if mode is None else 0o600
    try:
        with open(scratch, "xb", opener=lambda name, flags: os.open(name, flags, creating)) as out:
            out.write(content.encode() if isinstance(content, str) else content)
            if mode is not None:
                os.chmod(scratch, mode)
            out.flush()
            os.fsync(out.fileno())  # before the old file is replaced, as the power may fail
        scratch.replace(path)
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)


@contextlib.contextmanager
def being_made(folder: Path, what: str) -> Iterator[bool]:
    """Mark a folder while a study is made in it; yield whether a stopped command had begun to make the same one."""
    mark, is_study = folder / UNFINISHED, (folder / "study.toml").exists()
    continues = is_study and is_unfinished(folder, what)
    if not is_study and not folder.is_file():
        write_whole(mark, what)
    yield continues
    mark.unlink(missing_ok=True)


def is_unfinished(folder: Path, what: str) -> bool:
    """Return whether a stopped command has begun to make this study in a folder."""
    mark = folder / UNFINISHED
    return mark.is_file() and mark.read_text(encoding="utf-8") == what


def sweep(folder: Path) -> None:
    """Delete what killed commands left half written in a folder, if it is old; once a process and folder."""
    if folder in _swept:
        return
    _swept.add(folder)
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if re.fullmatch(r"\..+\.\d+\.part", entry.name) and is_old(Path(entry.path)):
                with contextlib.suppress(OSError):
                    shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)


def is_old(path: Path) -> bool:
    """Return whether nobody has written a file for an hour, or its time is in the future, which is not believed."""
    return abs(time.time() - path.lstat().st_mtime) > OLD


def make_folder(folder: Path, *, mode: int = 0o777) -> None:
    """Make a folder and its parent folders, if missing. Raises BadFile if a file has the folder's name."""
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise BadFile(f"{folder} cannot be a folder, since a file is in its place; choose another one") from None


def why_not_writable(file: Path) -> str | None:
    """Return in a sentence why a file of a study cannot be written, and whose it is; None if it can be, or is missing.

    A database needs a writable folder too.
    """
    if not file.exists():
        return None
    if os.access(file, os.W_OK) and os.access(file.parent, os.W_OK):
        return None if _has_room(file.parent) else f"there is no room left on the disk of {file}; make room"
    place = file if not os.access(file, os.W_OK) else file.parent
    return f"{place} {whose(place)}; or work on a copy of the study"


def _has_room(folder: Path) -> bool:
    """Return whether a disk has room for the files that a database needs to be opened for writing."""
    if not hasattr(os, "statvfs"):
        return True
    disk = os.statvfs(folder)
    free = disk.f_bavail if os.getuid() else disk.f_bfree
    return not disk.f_blocks or free * disk.f_frsize >= ROOM


def whose(path: Path, right: str = "write") -> str:
    """Return in words whose a file or folder is that cannot be written, or read, and what to do."""
    if hasattr(os, "statvfs") and os.statvfs(path).f_flag & os.ST_RDONLY:
        return "is on a disk that can only be read; choose another place"
    number = path.stat().st_uid
    if hasattr(os, "getuid") and number == os.getuid():
        return f"is yours but protected; give yourself the right to {right} (chmod u+{right[0]})"
    try:
        import pwd

        name = pwd.getpwuid(number).pw_name
    except (ImportError, KeyError):
        name = f"the user with number {number}"
    return f"belongs to {name}, who can give you the right to {right}"


def connect_to_read(file: Path, **options: object) -> sqlite3.Connection:
    """Open a SQLite database that may only be read; nothing is written into its folder.

    Changes that are not in the file yet (in its -wal) need a third file of SQLite's; where that is missing, a copy
    of both is read. Raises BadFile if it may not even be read, sqlite3.Error, OSError.
    """
    if not os.access(file, os.R_OK):
        raise BadFile(f"{file} cannot be read; it {whose(file, 'read')}")
    log = file.with_name(file.name + "-wal")
    if not log.exists() or not log.stat().st_size:
        # without others' changes and without a file beside it: the next connection looks again
        return _connect(file, "mode=ro&immutable=1", options)
    if file.with_name(file.name + "-shm").exists():
        with contextlib.suppress(sqlite3.Error):
            connection = _connect(file, "mode=ro", options)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return connection
    with tempfile.TemporaryDirectory(prefix="slantwise-") as folder:
        copy = Path(shutil.copyfile(file, Path(folder) / file.name))
        shutil.copyfile(log, copy.with_name(log.name))
        source = sqlite3.connect(copy)
        connection = sqlite3.connect(":memory:", **options)  # type: ignore[call-overload]
        try:
            source.backup(connection)
        finally:
            source.close()
        return connection  # type: ignore[no-any-return]


def _connect(file: Path, how: str, options: dict[str, object]) -> sqlite3.Connection:
    address = f"file:{quote(str(file.absolute()))}?{how}"
    return sqlite3.connect(address, uri=True, **options)  # type: ignore[call-overload, no-any-return]


@contextlib.contextmanager
def alone_in(folder: Path, waiting: str) -> Iterator[None]:
    """Let one process at a time do what follows in a folder; others wait, after a word on what for.

    The system ends it when the process ends, however that happens. Where a file system has no locks nobody waits.
    """
    make_folder(folder)
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _logger.warning(waiting)
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            pass
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def scratch_beside(target: Path) -> Iterator[Path]:
    """A new private folder for making a file or folder in, in the same place; it is deleted in the end.

    Folders of killed commands that were making the same one go first: nobody holds their locks any more.
    """
    for old in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        if _is_abandoned(old):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield folder
    finally:
        os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    """Return whether the process that made a folder of `scratch_beside` has ended."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return time.time() - folder.stat().st_mtime > _A_MOMENT  # not one that is about to be locked
    except OSError:
        return False
    finally:
        os.close(handle)


_A_MOMENT = 1.0  # seconds
