"""Find the files of a folder, and list what is passed over in it or cannot be opened."""

from __future__ import annotations

import filecmp
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from corpus.draft import Refusal

from .manifest import MANIFEST_NAME

_PAGES = (".html", ".htm", ".xhtml", ".shtml")
# what browsers append to a page's name for the folder with its pictures and scripts, in their languages
_OF_PAGE = re.compile(
    r"[_.-](files|dateien|fichiers|archivos|ficheros|arquivos|ficheiros|file|bestanden|filer|tiedostot|pliki|soubory|"
    r"súbory|fájlok|elemei|fișiere|fisiere|dosyalar|datoteke|failid|faili|bylos|файлы|файли|файлове|датотеке|αρχεία|ファイル|文件|"
    r"檔案|파일|ملفات|files_1)",
    re.IGNORECASE,
)


# what browsers and file managers append to the name of a copy, in their languages
_COPY = re.compile(
    r"(?P<name>.+?)(?: ?\(\d{1,3}\)"
    r"|(?: -| –|_)? ?(?:copy|kopie|copie|copia|cópia|kopia|kopi|копия|копія)(?: ?\(?\d{1,3}\)?)?)",
    re.IGNORECASE,
)


@dataclass
class FolderListing:
    """A folder's files in the order of their names, what is passed over, and what cannot be opened."""

    files: list[Path] = field(default_factory=list)
    passed_over: list[Refusal] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def list_folder(folder: Path) -> FolderListing:
    """List a folder with its subfolders; a file that several links lead to is listed once.

    Links that lead out of the folder are refused: a folder from somebody else could hold one to any file.
    """
    listing = FolderListing()
    files: list[Path] = []
    for path in _walk(folder, folder.resolve(), listing, {_identity(folder)}):
        if not path.exists():
            listing.refusals.append(Refusal(shown(path), "this link leads to no file; remove it or correct it"))
        elif not path.is_file():
            listing.passed_over.append(Refusal(shown(path), "this is not a file but a device or a pipe"))
        else:
            files.append(path)
    known: dict[Path, Path] = {}
    for path in sorted(files, key=lambda path: (path.is_symlink(), path)):
        if not path.resolve().is_relative_to(folder.resolve()):
            why = f"this link leads out of the folder, to {shown(path.resolve())}; to read it, add that file itself"
            listing.refusals.append(Refusal(shown(path), why))
            continue
        first = known.setdefault(path.resolve(), path)
        if first is not path:
            listing.passed_over.append(Refusal(shown(path), f"this is a link to {shown(first)}, which is read"))
    has_manifest = any(
        path.parent == folder and path.name.lower() == MANIFEST_NAME for path in files
    )  # it says of each file what it is
    for path in sorted(known.values()):
        if not has_manifest and (original := _copied(path)):
            listing.passed_over.append(Refusal(shown(path), f"this is a copy of {shown(original.name)}, which is read"))
        else:
            listing.files.append(path)
    return listing


def shown(path: Path | str) -> str:
    r"""Return a path as text; bytes of a name that are not UTF-8 are read as Latin-1, as old archives write them.

    >>> shown(os.fsdecode(b"Z\xfcrich.txt")), shown("Zürich.txt")
    ('Zürich.txt', 'Zürich.txt')
    """
    try:
        data = os.fsencode(path)
    except UnicodeEncodeError:  # it is shown already, and the system's own letters are few
        return str(path)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _copied(path: Path) -> Path | None:
    """Return the file of which a file is a copy, by its name and by its bytes; None if it is not a copy."""
    if not (match := _COPY.fullmatch(path.stem)):
        return None
    original = path.with_name(f"{match['name']}{path.suffix}")
    try:
        if original.is_file() and original.stat().st_size == path.stat().st_size:
            return original if filecmp.cmp(original, path, shallow=False) else None
    except OSError:  # its reader says why
        pass
    return None


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def _walk(folder: Path, top: Path, listing: FolderListing, seen: set[tuple[int, int]]) -> Iterator[Path]:
    """Yield what is in a folder and below it, except for what is passed over."""
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        why = f"this folder cannot be opened ({error.strerror}); check your permissions"
        listing.refusals.append(Refusal(shown(folder), why))
        return
    if inside and not os.access(folder, os.X_OK):
        why = "this folder can be listed but its files cannot be opened; check your permissions"
        listing.refusals.append(Refusal(shown(folder), why))
        return
    pages = [path for path in inside if path.suffix.lower() in _PAGES]
    for path in inside:
        is_folder = path.is_dir()
        if path.name.startswith(".") or path.name == "__MACOSX":
            kind = "a hidden folder" if is_folder else "a hidden file"
            listing.passed_over.append(Refusal(shown(path), f"this is {kind}"))
        elif not is_folder:
            yield path
        elif page := _page_of(path, pages):
            why = f"these are the pictures and scripts of the saved page {shown(page.name)}"
            listing.passed_over.append(Refusal(shown(path), why))
        elif all(os.path.isfile(path / name) for name in ("study.toml", "codebook.yaml")):  # False where not permitted
            listing.passed_over.append(Refusal(shown(path), "this is the folder of a study, with its codebook"))
        elif path.is_symlink() and not path.resolve().is_relative_to(top):
            why = f"this link leads out of the folder, to {shown(path.resolve())}; to read it, add that folder itself"
            listing.refusals.append(Refusal(shown(path), why))
        elif (identity := _identity(path)) in seen:
            listing.passed_over.append(Refusal(shown(path), "this is a link to a folder that is read"))
        else:
            seen.add(identity)
            yield from _walk(path, top, listing, seen)


def _page_of(folder: Path, pages: list[Path]) -> Path | None:
    """Return the saved page that a folder was saved with: next to it, and of the same name or referring to it."""
    for page in pages:
        if folder.name.startswith(page.stem):
            rest = folder.name[len(page.stem) :]
            if _OF_PAGE.fullmatch(rest) or (re.fullmatch(r"[_.-]\w{3,20}", rest) and _refers_to(page, folder.name)):
                return page
    return None


def _refers_to(page: Path, folder: str) -> bool:
    try:
        text = page.read_bytes()[:2_000_000].decode("utf-8", "replace")
    except OSError:
        return False
    return any(
        f"{mark}{prefix}{name}/" in text for mark in "\"'(" for prefix in ("", "./") for name in (folder, quote(folder))
    )
