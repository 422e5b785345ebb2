"""Back up a study into one file, and restore it: settings, codebook, store, models, reports and fetched pages."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import func, select

from corpus.errors import BadFile, BadStudy
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db
from corpus.study import settings as study_settings
from corpus.study.database import Store
from corpus.study.files import make_folder, scratch_beside
from corpus.study.keeping.file_digests import file_digest
from corpus.study.study import CHECKPOINTS, CODEBOOK, DATABASE, PAGES, REPORTS, SETTINGS
from corpus.study.upgrading.open_store import sqlite_url
from corpus.text.decoding import check_file

from .check import sqlite_file
from .copy import Progress, copy_rows, no_progress
from .database_checks import check_sqlite, read_only
from .findings import Finding, Look

FORMAT = 1
_ABOUT = "backup.json"  # in the file: what it holds, with a digest of each
_MOST_ABOUT = 100_000_000  # bytes of it: of a million files
_MOST_BYTES = 1 << 50  # of a backup
_NAMES = (SETTINGS, CODEBOOK, DATABASE)
_FOLDERS = (CHECKPOINTS, REPORTS, PAGES)


@dataclass(frozen=True)
class Backup(Result):
    """The result of `backup_study`: the file, its size in bytes, what it holds, and what is damaged in the database."""

    file: Path
    bytes: int
    files: int
    articles: int
    annotations: int
    models: int
    made_at: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class RestoredStudy(Result):
    """The result of `restore_study`: the study's new folder, and what it holds."""

    study: Path
    name: str
    files: int
    articles: int
    annotations: int
    made_at: str
    store: str  # that of the study when the backup was made; it is a file in the folder now


def backup_study(
    study: Study, file: str | Path, *, without_models: bool = False, progress: Progress = no_progress
) -> Backup:
    """Write a study into one new file: one state of its store, also while others write, and all its other files.

    The file has a digest of each thing in it. A store in PostgreSQL is written as a SQLite file, so that a backup can
    be restored anywhere. Label Studio's own files are not in it. Raises BadFile if there is a file of that name.
    """
    target = Path(file).expanduser()
    if target.exists():
        raise BadFile(f"{target} is there already and was not replaced; choose another name")
    make_folder(target.parent)
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    with scratch_beside(target) as folder:
        store, scratch = folder / DATABASE, folder / "backup"
        _snapshot(study, store, progress)
        articles, annotations, version = _counts(store)
        look = Look(study)
        check_sqlite(look, store)
        files = dict(_files(study, without_models=without_models))
        files[DATABASE] = store
        about = {
            "format": FORMAT, "made_at": made_at, "name": study.settings.name, "schema": version,
            "store": "sqlite" if sqlite_file(study) else "postgresql", "articles": articles,
            "annotations": annotations, "without_models": without_models, "files": {},
        }  # fmt: skip
        with open(scratch, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as pack:
                for number, (name, path) in enumerate(sorted(files.items())):
                    about["files"][name] = _write(pack, name, path)  # type: ignore[index]
                    progress(0.5 + (number + 1) / (2 * len(files)))
                pack.writestr(_ABOUT, json.dumps(about, indent=1, ensure_ascii=False))
            out.flush()
            os.fsync(out.fileno())
        _name_new(scratch, target)
    models = len({name.split("/")[1] for name in files if name.startswith(f"{CHECKPOINTS}/v-")})
    size = target.stat().st_size
    return Backup(target, size, len(files), articles, annotations, models, made_at, tuple(look.findings))


def _name_new(scratch: Path, target: Path) -> None:
    """Give a file its name, unless somebody has written a file of that name meanwhile."""
    try:
        os.link(scratch, target)
    except OSError:  # also where files have only one name, as on a memory stick
        if target.exists():
            raise BadFile(f"{target} is there already and was not replaced; choose another name") from None
        scratch.rename(target)


def _snapshot(study: Study, target: Path, progress: Progress) -> None:
    """Write one state of a study's store into a SQLite file."""
    source = sqlite_file(study)
    if source is None:
        with closing(Store(sqlite_url(target))) as store:
            with study.store.reading() as connection:
                copy_rows(connection, store, lambda share: progress(share / 2))
            store.keep_sums()
    else:
        _ = study.store  # brought up to date, or refused if it is missing or no database
        study.close()
        with read_only(source) as old, closing(sqlite3.connect(target)) as new:
            old.execute("BEGIN")
            old.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it is one state of the store
            old.backup(new, pages=-1)
            old.execute("ROLLBACK")
            new.execute("PRAGMA journal_mode=DELETE")  # one file, without one beside it
    progress(0.5)


def _counts(path: Path) -> tuple[int, int, str]:
    with closing(sqlite3.connect(path)) as connection:

        def number(query: str) -> Any:
            return connection.execute(query).fetchone()[0]

        version = number("SELECT value FROM meta WHERE key = 'schema'")
        return number("SELECT count(*) FROM articles"), number("SELECT count(*) FROM annotations"), str(version)


def _files(study: Study, *, without_models: bool) -> Iterator[tuple[str, Path]]:
    """Yield the other files of a study by their names in it; unfinished ones begin with a dot and are left out."""
    for name in (SETTINGS, CODEBOOK):
        if (study.folder / name).is_file():
            yield name, study.folder / name
    for folder in _FOLDERS:
        if folder == CHECKPOINTS and without_models:
            continue
        for path in sorted((study.folder / folder).rglob("*")):
            inside = path.relative_to(study.folder)
            if path.is_file() and not path.is_symlink() and not any(part.startswith(".") for part in inside.parts):
                yield inside.as_posix(), path


def _write(pack: zipfile.ZipFile, name: str, path: Path) -> dict[str, Any]:
    """Write a file into the backup; return its size and digest, taken as it is written."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file, pack.open(zipfile.ZipInfo.from_file(path, name), "w", force_zip64=True) as out:
        while data := file.read(1 << 20):
            digest.update(data)
            size += len(data)
            out.write(data)
    return {"bytes": size, "sha256": digest.hexdigest()}


def restore_study(file: str | Path, folder: str | Path) -> RestoredStudy:
    """Make a study from a backup, in a new folder; every digest is compared before anything is written.

    Its store is a SQLite file in the folder, wherever it was before. Raises BadFile if the backup is damaged, and
    BadStudy if the folder is there already, unless it is empty.
    """
    source, target = Path(file).expanduser(), Path(folder).expanduser()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadStudy(f"{target} is there already and is not empty; name a new folder, nothing is ever replaced")
    with _opened(source) as (pack, about):
        names = _verified(source, pack, about)
        make_folder(target.parent)
        with scratch_beside(target) as folder_beside:
            scratch = folder_beside / "study"
            scratch.mkdir()
            for name in names:
                _extract(pack, name, scratch / name, about["files"][name]["sha256"])
            settings = scratch / SETTINGS
            text = settings.read_text(encoding="utf-8-sig")
            if study_settings.read(settings, text).store.url != "sqlite":
                settings.write_text(study_settings.with_store_url(text, "sqlite"), encoding="utf-8")
            _place(scratch, target)
    study = Study.open(target)
    with closing(study.store) as store, store.reading() as connection:
        articles = connection.execute(select(func.count()).select_from(db.articles)).scalar_one()
        annotations = connection.execute(select(func.count()).select_from(db.annotations)).scalar_one()
    return RestoredStudy(
        target, study.settings.name, len(names), articles, annotations, about["made_at"], about["store"]
    )


def _place(scratch: Path, target: Path) -> None:
    """Give a restored study its name, unless somebody has made a folder of that name meanwhile."""
    try:
        scratch.rename(target)  # in the place of an empty folder, too
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise
        raise BadStudy(
            f"{target} is there already and is not empty; name a new folder, nothing is ever replaced"
        ) from None


@contextmanager
def _opened(file: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    """Open a backup and read what it says of itself."""
    damaged = f"{file} is no whole backup of Slantwise: it is cut off, damaged or another kind of file"
    try:
        check_file(file, _MOST_BYTES)
        pack = zipfile.ZipFile(file)
    except FileNotFoundError:
        raise BadFile(f"there is no file {file}") from None
    except BadFile as error:
        raise BadFile(f"{file}: {error}") from None
    except (OSError, zipfile.BadZipFile) as error:
        raise BadFile(f"{damaged} ({error}); use another backup") from None
    with pack:
        try:
            if pack.getinfo(_ABOUT).file_size > _MOST_ABOUT:
                raise ValueError("its list of files is too long")
            about = json.loads(pack.read(_ABOUT))
            listed = {name: str(entry["sha256"]) for name, entry in about["files"].items()}
            if not listed or any(not isinstance(about[key], str) for key in ("made_at", "name", "store")):
                raise ValueError("it does not list its files")
            newer = int(about["format"]) > FORMAT
        except (KeyError, ValueError, TypeError, AttributeError, NotImplementedError, *_DAMAGE) as error:
            raise BadFile(f"{damaged} ({error}); use another backup") from None
        if newer:
            raise BadFile(f"{file} was made by a newer Slantwise; update this one")
        yield pack, about


_DAMAGE = (OSError, EOFError, zipfile.BadZipFile, zipfile.zlib.error)  # type: ignore[attr-defined]


def _verified(file: Path, pack: zipfile.ZipFile, about: dict[str, Any]) -> list[str]:
    """Return the names in a backup, each of which is what it was when the backup was made. Raises BadFile."""
    names = sorted(about["files"])
    if odd := [name for name in names if not _is_ours(name)]:
        raise BadFile(f"{file} holds {odd[0]!r}, which does not belong to a study; nothing was written")
    there = set(pack.namelist()) - {_ABOUT}
    if missing := {*_NAMES[::2]} - set(names) | (set(names) ^ there):
        raise BadFile(f"{file} is damaged: {sorted(missing)[0]} is missing in it or was added; use another backup")
    for name in names:
        digest = hashlib.sha256()
        try:
            with pack.open(name) as part:
                while data := part.read(1 << 20):
                    digest.update(data)
            wrong = digest.hexdigest() != about["files"][name]["sha256"]
        except (*_DAMAGE, NotImplementedError, RuntimeError):
            wrong = True
        if wrong:
            raise BadFile(
                f"{file} is damaged: {name} is not what was backed up; nothing was written, use another backup"
            )
    return names


def _is_ours(name: str) -> bool:
    path = PurePosixPath(name)
    inside = bool(path.parts) and ".." not in path.parts and not path.is_absolute() and "\\" not in name
    return inside and (name in _NAMES or (path.parts[0] in _FOLDERS and len(path.parts) > 1))


def _extract(pack: zipfile.ZipFile, name: str, path: Path, digest: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    private = name == SETTINGS  # it may hold a token or a password
    with (
        pack.open(name) as part,
        open(path, "xb", opener=lambda n, f: os.open(n, f, 0o600 if private else 0o666)) as out,
    ):
        shutil.copyfileobj(part, out, 1 << 20)
    if file_digest(path) != digest:
        raise BadFile(f"{path} could not be written faithfully; the disk may be full or damaged")
