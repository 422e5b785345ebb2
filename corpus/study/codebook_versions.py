"""The versions of codebooks: bundled ones, files, and those that a study was used with."""

from __future__ import annotations

from pathlib import Path

from corpus import codebook as codebooks
from corpus.codebook import Codebook
from corpus.errors import BadCodebook

from .study import Study


def codebook_version(study: Study | None, which: str | Path) -> Codebook:
    """Return a codebook by its file, its name, or its version in a study, which keeps each version it was used with.

    Names and files need no study. Raises BadCodebook if there is no such codebook or version.
    """
    version = str(which)
    if not version.replace(".", "").isdigit() or Path(which).is_file():
        return codebooks.read_codebook(which)
    if study is None:
        raise BadCodebook(
            f"{version} is a version of a study's codebook, but no study is open; go into its folder, or give files"
        )
    if (known := study.codebook if version == study.codebook.version else study.remembered_codebook(version)) is None:
        raise BadCodebook(f"the study has never been opened with codebook version {version}; give its file instead")
    return known
