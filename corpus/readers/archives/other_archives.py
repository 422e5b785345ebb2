"""Recognise exports of archives that are not read, whose labels and several articles would be taken for one text."""

from __future__ import annotations

import re
from collections.abc import Mapping

# a line that each article of an export has, and hardly any other text
_MARKS: Mapping[str, str] = {
    "ProQuest": r"[^\w\n]{0,80}ProQuest document ID\s*:",
    "wiso": r"[^\w\n]{0,80}Dauerhafte Adresse des Dokuments\s*:",
    "Gale": r"[^\w\n]{0,80}Gale Document Number\s*:",
    "EBSCOhost": r"[^\w\n]{0,80}Persistent link to this record(?: \(Permalink\))?\s*:",
    "NewsBank": r"[^\n]{0,200}\bSection: [^\n|]{1,80} \| [\d,.]+ Words\b",
}
_MARK = re.compile("|".join(f"(?P<{name}>^{mark})" for name, mark in _MARKS.items()), re.MULTILINE | re.IGNORECASE)


def other_archive(text: str) -> str | None:
    r"""Return the archive of which a text is an export, None if it is not an export of one that is known.

    >>> other_archive("Full text: It fell.\nProQuest document ID: 29\n"), other_archive("ProQuest ended.")
    ('ProQuest', None)
    """
    found = _MARK.search(text)
    return found.lastgroup if found else None
