"""Decode files, pages and feeds: as they declare, as browsers read that, and by their letters where it is wrong."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import NamedTuple

from corpus.errors import BadFile

from .letters import ENCODINGS, RARE, plausibility
from .markup import without_scripts

MOST_BYTES = 2_000_000_000  # of a file that is read as a whole
_MARGIN = 6.0  # by which one encoding must be more plausible than others (log-likelihood)
_WORST = -6.2  # mean log-likelihood of a character beyond ASCII; below it no encoding is believed
_OVERRULING = -5.0  # below it, it overrules no declaration
_NEVER, _FEW = -8.5, 20  # below it a declared encoding is not believed either, if there are more characters than a few
_SHORTEST = 80  # characters show a language
_BYTES = 3_000  # beyond ASCII are judged
_UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_ISO_2022_JP = re.compile(rb"\x1b\$[@B](?:[!-~]{2})+\x1b\([BJ]")
_HIGH = re.compile(rb"[\x80-\xff]")


class Decoded(NamedTuple):
    """A decoded text, with a warning if its letters decided on the encoding and not what was declared."""

    text: str
    warning: str | None = None


def check_file(path: Path, most: int = MOST_BYTES) -> None:
    """Raise BadFile for what is not a file, or one that is too large to be read; OSError if it cannot be opened.

    A pipe is waited for and a device read without end; a sparse file claims more bytes than are on the disk.
    """
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise BadFile("this is a folder; expected a file")
    if not stat.S_ISREG(status.st_mode):
        raise BadFile("this is not a file but a device, a pipe or a socket; expected a file")
    size, stored = status.st_size, getattr(status, "st_blocks", 0) * 512
    if size > most:
        raise BadFile(f"the file has {size:,} bytes; expected at most {most:,}; divide it into several")
    if size > 10_000_000 and stored * 100 < size and hasattr(status, "st_blocks"):
        raise BadFile(f"nearly all of the file's {size:,} bytes are missing on the disk; copy or download it again")


def decode_text(data: bytes) -> str:
    """Return the text of a file's bytes.

    Raises BadFile if it is empty, binary or neither UTF-8 nor UTF-16: undecodable bytes are refused, never replaced.
    """
    _check_text(data)
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadFile(_not_utf8(error, encoding)) from None


def decode_file(data: bytes) -> Decoded:
    """Return a file's text: UTF-8, UTF-16, or in the encoding that its letters show, with a warning. Raises BadFile."""
    if japanese := _by_escapes(data):
        return japanese
    try:
        return Decoded(decode_text(data))
    except BadFile:
        _check_text(data)
        found = None if data.startswith((b"\xff\xfe", b"\xfe\xff")) else by_letters(data, None)
        if found is None:
            raise
    text, encoding = found
    return Decoded(text, f"it is not UTF-8; it was read as {encoding} by its letters; check them, or save it as UTF-8")


def _check_text(data: bytes) -> None:
    if not data.strip():
        raise BadFile("the file is empty; expected an article's text")
    if b"\x00" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadFile(
            "this is a binary file; expected text, HTML, CSV, JSON lines or Parquet with the matching file extension"
        )


def _not_utf8(error: UnicodeDecodeError, encoding: str) -> str:
    name = encoding.removesuffix("-sig").upper()
    return f"byte {error.start} is not {name}; open the file in an editor and save it as UTF-8"


def standard_name(label: str | None) -> str | None:
    """Return the encoding that browsers take a declared name for; None for an unknown one.

    >>> standard_name("ISO-8859-1"), standard_name("latin5"), standard_name("x-klingon")
    ('windows-1252', 'windows-1254', None)
    """
    import webencodings

    found = webencodings.lookup(label or "")
    return found.name if found else None


def decode_as(data: bytes, encoding: str) -> str | None:
    """Return a text decoded in an encoding of the standard's names, None if it is not in it."""
    import webencodings

    codecs = {"shift_jis": "cp932", "euc-kr": "cp949", "big5": "big5hkscs", "gbk": "gb18030", "cp850": "cp850"}
    name = codecs.get(encoding)
    if name is None:
        found = webencodings.lookup(encoding)
        name = found.codec_info.name if found else "utf-8"
    try:
        return data.decode(name)
    except UnicodeError:
        return None


def decode_declared(data: bytes, *labels: str | None, language: str | None = None) -> Decoded | None:
    """Return a text as the declared encodings, the most trusted first, or its letters say; None if neither is certain.

    A mark at its beginning decides. A text that is valid UTF-8 is UTF-8, whatever its source declares. Of UTF-8 with
    a few damaged bytes the rest is read, as browsers do; U+FFFD replaces these bytes, which `letters_problem` reports.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            text = decode_as_python(data, encoding)
            return None if text is None else Decoded(text)
    declared = list(dict.fromkeys(name for label in labels if (name := standard_name(label))))
    if japanese := _by_escapes(data):
        return Decoded(japanese.text) if "iso-2022-jp" in declared else japanese
    if (text := decode_as_python(data, "utf-8")) is not None:
        return Decoded(text)
    found = by_letters(data, language, *declared)
    if found is None:
        return Decoded(data.decode("utf-8", "replace")) if _is_mostly_utf8(data, 0.8) else None
    text, encoding = found
    if encoding in declared:
        return Decoded(text)
    named = f"declared as {' and as '.join(declared)}" if declared else "without a declared encoding"
    return Decoded(text, f"the text, {named}, was read as {encoding} by its letters; check them, or save it as UTF-8")


def decode_as_python(data: bytes, encoding: str) -> str | None:
    """Return a text decoded with a codec of Python, None if it is not in this encoding."""
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None


def by_letters(data: bytes, language: str | None, *declared: str) -> tuple[str, str] | None:
    """Return a text and its encoding, as its letters show; None if no encoding or more than one is plausible.

    Those that are declared, the most trusted first, hold unless another is clearly more plausible.
    """
    if _is_mostly_utf8(data, 0.7):
        return None
    shown = without_scripts(data)  # a script may hold a table of all letters
    sample = _sample(shown if _HIGH.search(shown) else data)
    scores: dict[str, tuple[float, list[str]]] = {}  # by the sample's text, since many encodings agree on it
    for encoding in dict.fromkeys([*declared, *ENCODINGS]):
        text = decode_as(sample, encoding)
        if text is None or decode_as(data, encoding) is None:
            continue
        score = plausibility(text, encoding if encoding in ENCODINGS else _like(encoding), _languages(text, language))
        before, names = scores.get(text, (score, []))
        # of those that agree on the sample, the one whose languages fit best is named first
        names = [encoding, *names] if score > before else [*names, encoding]
        scores[text] = (max(score, before), names)
    if not scores:
        return None
    by_encoding = {name: score for score, names in scores.values() for name in names}
    texts = {name: text for text, (_, names) in scores.items() for name in names}
    best, encoding = max((score, names[0]) for score, names in scores.values())
    length = max(1, len(_HIGH.findall(sample)))
    mean = (best + RARE.get(encoding, 0)) / length
    credible = mean > _WORST
    for name in declared:  # they hold unless another is clearly more plausible
        if name in by_encoding:
            score = by_encoding[name]
            if not credible and score / length < _NEVER and length > _FEW:
                return None
            differ = _differences(texts[name], texts[encoding])
            doubtful = mean < _OVERRULING or best - score < _margin(differ) + differ / 2
            better = best - score if credible else 0.0
            if doubtful and not _only_one_has_the_language(name, encoding, texts[encoding], language, better):
                return _whole(data, name)
    certain = all(
        best - score >= _margin(_differences(text, texts[encoding]))
        for text, (score, names) in scores.items()
        if encoding not in names
    )
    return _whole(data, encoding) if credible and certain else None


def _is_mostly_utf8(data: bytes, share: float) -> bool:
    """Return whether a text is UTF-8 with damaged places: over this share of its bytes beyond ASCII are letters."""
    letters = sum(map(len, _UTF8_LETTER.findall(data)))
    return letters > max(2, share * len(_HIGH.findall(data)))


def _by_escapes(data: bytes) -> Decoded | None:
    """Return a text in the older encoding of Japanese mails and pages, which its escapes show; None for any other."""
    if not _ISO_2022_JP.search(data) or (text := decode_as(data, "iso-2022-jp")) is None:
        return None
    return Decoded(text, "it was read as iso-2022-jp by its escapes; check its letters, or save it as UTF-8")


def _only_one_has_the_language(declared: str, other: str, text: str, language: str | None, better: float) -> bool:
    """Return whether a text's language is written in the other encoding and never in the declared one.

    The language is the one that is stated, or that its words without letters beyond ASCII show.
    """
    plain = " ".join(word for word in re.sub(r"<[^<>]*>", " ", text[:100_000]).split() if word.isascii())
    languages = _languages(plain, language) if len(plain) > _SHORTEST else {(language or "")[:2].lower()}
    return better > 1 and bool(languages & _written(other)) and not languages & _written(declared)


def _written(encoding: str) -> set[str]:
    return set(ENCODINGS[encoding if encoding in ENCODINGS else _like(encoding)].split())


def _margin(differences: int) -> float:
    return min(_MARGIN, 2.0 + differences)  # one letter cannot say more


def _differences(text: str, other: str) -> int:
    """Return how many characters of two texts differ, as many as all beyond ASCII if one is longer."""
    if len(text) != len(other):
        return max(len(text), len(other)) - sum(map(str.isascii, text))
    return sum(a != b for a, b in zip(text, other, strict=True))


def _whole(data: bytes, encoding: str) -> tuple[str, str] | None:
    text = decode_as(data, encoding)
    return None if text is None else (text, encoding)


def _like(encoding: str) -> str:
    """Return an encoding with the same languages, for those that are read only where they are declared."""
    pairs = {"iso-8859-8": "windows-1255", "iso-8859-8-i": "windows-1255", "gbk": "gb18030",
             "iso-8859-3": "windows-1254", "iso-8859-4": "windows-1257", "iso-8859-10": "windows-1257",
             "iso-8859-16": "windows-1250"}  # fmt: skip
    return pairs.get(encoding, "windows-1252")


def _sample(data: bytes) -> bytes:
    """Return the beginning of a text, with enough characters beyond ASCII, up to the end of a word or a tag."""
    places = [match.start() for match, _ in zip(_HIGH.finditer(data), range(_BYTES + 1), strict=False)]
    if len(places) <= _BYTES:
        return data
    ends = [place for place in (data.find(mark, places[-1]) for mark in (b"<", b" ", b"\n")) if place >= 0]
    return data[: min(ends, default=len(data))]


def _languages(text: str, declared: str | None) -> frozenset[str]:
    from .language import detect_language

    words = re.sub(r"<[^<>]*>|[\x00-\x1f]", " ", text[:100_000])
    return frozenset({detect_language(words)[0], (declared or "")[:2].lower()})
