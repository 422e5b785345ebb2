"""Explain what the machine refused (no room, no rights, a damaged file), and log faults of ours."""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import re
import sqlite3
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

from corpus.installed import installed_version

NO_ROOM = "there is no room left{where}; make room, then type the same command again"

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
_SENTENCES = {
    errno.ENAMETOOLONG: "a name is too long for this disk{where}; use a shorter one",
    errno.ELOOP: "links lead in a circle{where}; name the file itself",
    errno.ENOENT: "there is no such file or folder{where}; it was expected there",
    errno.EISDIR: "a folder is in the place of a file{where}; move it away or choose another name",
    errno.ENOTDIR: "a file is in the place of a folder{where}; move it away or choose another name",
    errno.EEXIST: "a file of this name is there already{where}; move it away or choose another name",
    errno.ESTALE: "the network drive has lost a file that was open{where}; connect it again and type the command again",
    errno.EIO: "the disk cannot be read or written{where}; check the disk, and copy the study to another one",
    errno.ENOTCONN: "the network drive is not connected{where}; connect it, then type the command again",
    errno.EHOSTDOWN: "the network drive does not answer{where}; connect it, then type the command again",
    errno.ETIMEDOUT: "the network drive does not answer{where}; connect it, then type the command again",
    errno.EMFILE: "too many files are open; close other programs, or raise the limit: ulimit -n 4096",
    errno.ENFILE: "too many files are open on this machine; close other programs",
    errno.ENOMEM: "this machine has too little free memory; close other programs, then type the command again",
    errno.EAGAIN: "this machine has no processes left; close other programs, then type the command again",
    errno.EADDRINUSE: "the port is in use by another program; choose another with --port",
    errno.EBUSY: "a file is in use by another program{where}; close it, then type the command again",
    errno.ETXTBSY: "a file is in use by another program{where}; close it, then type the command again",
    errno.EILSEQ: "a name has letters that this disk cannot store{where}; use another name",
}
# how libraries that write files themselves say what the machine refused
_IN_WORDS = re.compile(r"\(os error (\d+)\)|\[Errno (\d+)\]|errno[ =:]+(\d+)")
_BY_NAME = re.compile(r"\b(?:IO_)?(ENOSPC|EFBIG|EDQUOT|EIO|EACCES|EROFS)\b")


def explain(error: BaseException) -> str | None:
    """Return in a sentence what the machine or the disk refused and what to do; None for a fault of ours."""
    for one in _causes(error):
        if isinstance(one, OSError) and one.errno is not None:
            return _of_number(one.errno, one.filename2 or one.filename, one.strerror)
        if isinstance(one, sqlite3.Error):
            return _of_sqlite(one)
        if sentence := _of_postgres(one):
            return sentence
        if isinstance(one, MemoryError):
            return _SENTENCES[errno.ENOMEM]
        if isinstance(one, UnicodeEncodeError) and one.reason == "surrogates not allowed":
            return f"a name has letters that are not UTF-8: {ascii(one.object)[:120]}; use another name"
        if _is_foreign(one) and (match := _IN_WORDS.search(str(one))):
            return _of_number(int(next(filter(None, match.groups()))), None, None)
        if _is_foreign(one) and (match := _BY_NAME.search(str(one))):
            return _of_number(getattr(errno, match[1]), None, None)
        if isinstance(one, RuntimeError) and re.search("PytorchStreamWriter|unexpected pos|No space left", str(one)):
            return NO_ROOM.format(where="")
    return None


def _is_foreign(error: BaseException) -> bool:
    """Return whether a library raised an error of its own, or a plain one with nothing but words."""
    return type(error) is Exception or type(error).__module__.partition(".")[0] not in ("builtins", "sqlalchemy")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it was raised from, such as that of a database's driver."""
    one: BaseException | None = error
    while one is not None:
        yield one
        original = getattr(one, "orig", None)
        one = original if isinstance(original, BaseException) else one.__cause__


def _folder_is_gone() -> bool:
    try:
        os.getcwd()
    except OSError:
        return True
    return False


def _of_number(number: int, filename: object, words: str | None) -> str:
    path = None if filename is None or isinstance(filename, int) else Path(os.fsdecode(filename))  # type: ignore[arg-type]
    where = f" ({_printed(path)})" if path is not None else ""
    if number in _FULL:
        return NO_ROOM.format(where=where)
    if number in _DENIED:
        return _denied(path)
    if number == errno.ENOENT and path is None and _folder_is_gone():
        return "the folder that you are in was deleted; change into another one"
    known = _SENTENCES.get(number)
    return known.format(where=where) if known else f"the machine refused: {words or os.strerror(number)}{where}"


def _denied(path: Path | None) -> str:
    """Return why a file or folder cannot be used, and whose it is."""
    if path is None:
        return "this is not permitted here; check your rights in the study's folder"
    from corpus.study.files import whose

    where = _printed(path)
    if os.path.isfile(path) and not os.access(path, os.R_OK):
        return f"{where} cannot be read; it {whose(path, 'read')}"
    for place in (path, *path.absolute().parents):
        with contextlib.suppress(OSError):
            subject = "it" if place.absolute() == path.absolute() else _printed(place)
            return f"{where} cannot be written; {subject} {whose(place)}"
    return f"{where} cannot be used; check your rights there"


def _of_sqlite(error: sqlite3.Error) -> str | None:
    name = getattr(error, "sqlite_errorname", "") or ""
    text = str(error)
    if name == "SQLITE_FULL" or "disk is full" in text:
        return NO_ROOM.format(where=" for the study's store")
    if name.startswith("SQLITE_READONLY") or "readonly database" in text:
        return (
            "the study's store (study.db) cannot be written: you have no right to write the file or its folder, or the "
            "disk is read-only; ask whose study it is, or work on a copy"
        )
    if name.startswith("SQLITE_IOERR"):
        return "the disk failed while the study's store was read or written; check the disk and that it has room"
    if name.startswith("SQLITE_CANTOPEN"):
        return "the study's store (study.db) cannot be opened; check your rights in its folder, and the room left"
    if name.startswith("SQLITE_NOMEM"):
        return _SENTENCES[errno.ENOMEM]
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return "the study's store (study.db) is damaged; keep a copy of it, and see: slantwise study check"
    return None


def _of_postgres(error: BaseException) -> str | None:
    """Return what a PostgreSQL server refused; its states are the same in every language."""
    if type(error).__module__.partition(".")[0] != "psycopg":
        return None
    state = getattr(error, "sqlstate", None) or ""
    if state in ("53100", "53200"):
        return "the database server has no room left; make room there, then type the same command again"
    if state == "53300":
        return "the database server has no connection left; try again in a moment"
    if state in ("25006", "42501"):
        return "the database cannot be written with your rights there; ask whose study it is"
    if state == "57014":
        return "the database server ended a query that took longer than it allows (statement_timeout); ask who runs it"
    if state in ("40001", "40P01", "55P03"):
        return "another program uses the same rows of the database; type the same command again"
    if state in ("42P01", "42703", "42883", "XX001", "XX002"):
        return f"the study's store on the database server is damaged ({_first_line(error)}); see: slantwise study check"
    if state.startswith("58"):
        return f"the disk of the database server failed ({_first_line(error)}); ask who runs it"
    if state.startswith(("57P", "08", "25P")) or (not state and type(error).__name__ == "OperationalError"):
        return "the connection to the database server was lost; check that it runs, then type the same command again"
    return None


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def _printed(path: Path) -> str:
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def write_log(error: BaseException, words: Sequence[str]) -> str:
    """Write a log of a fault, with the version and the command; return where it is, or its last line if it cannot be.

    Only the user can read it, and tokens and passwords in the command are left out.
    """
    lines = traceback.format_exception(error)
    program = installed_version() or "from a checkout"
    head = f"slantwise {program}, Python {platform.python_version()}, {platform.platform()}\n"
    text = f"{head}command: slantwise {' '.join(without_secrets(words))}\n\n{''.join(lines)}"
    try:
        with tempfile.NamedTemporaryFile("w", prefix="slantwise-", suffix=".log", delete=False, encoding="utf-8",
                                         errors="backslashreplace") as log:  # fmt: skip
            log.write(text)
        return f"the file {log.name}, which shows where it happened"
    except OSError:
        last = traceback.extract_tb(error.__traceback__)[-1:]
        place = f"{Path(last[0].filename).name}, line {last[0].lineno}" if last else "an unknown place"
        return f"this line (no log can be written): {type(error).__name__} in {place}"


def without_secrets(words: Sequence[str]) -> list[str]:
    """Return the words of a command without tokens and passwords.

    >>> without_secrets(["studio", "push", "pilot", "--token", "abc", "--url=http://me:secret@host/"])
    ['studio', 'push', 'pilot', '--token', '…', '--url=http://me:…@host/']
    """
    shown, hidden = [], False
    for word in words:
        if hidden:
            word = "…"
        hidden = word == "--token"
        word = re.sub(r"^--token=.*", "--token=…", word, flags=re.S)
        shown.append(re.sub(r"(://[^/\s:@]*):[^/\s]*@", r"\1:…@", word))
    return shown


def given_words() -> list[str]:
    """Return the words of the command that runs."""
    return sys.argv[1:]
