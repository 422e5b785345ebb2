"""Read the paragraphs of RTF, as Word and news archives write it.

Hidden and deleted text, comments, pictures, headers and footers are left out. A footnote follows its paragraph.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace

from corpus.errors import BadFile
from corpus.text.decoding import by_letters, decode_as, standard_name

MAX_BYTES = 100_000_000
_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\"
)
_BREAKS = frozenset(("par", "sect", "page", "row", "cell", "nestcell", "nestrow", "line", "column"))
_CHARACTERS = {
    "tab": " ", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ", "zwj": "\u200d", "zwnj": "\u200c",
    "ltrmark": "\u200e", "rtlmark": "\u200f",
}  # fmt: skip
_SYMBOLS = {"~": "\u00a0", "_": "-", "\\": "\\", "{": "{", "}": "}", "-": "", ":": "", "|": ""}
_NOT_SHOWN = frozenset(
    (
        *("colortbl", "stylesheet", "info", "pict", "object", "objdata", "header", "headerl", "headerr", "headerf"),
        *("footer", "footerl", "footerr", "footerf", "fldinst", "annotation", "atnid", "atnauthor", "shppict", "sp"),
        *("nonshppict", "shprslt", "listtable", "listoverridetable", "revtbl", "themedata", "datastore", "xe", "tc"),
        *(
            "ftnsep",
            "ftnsepc",
            "ftncn",
            "aftnsep",
            "aftnsepc",
            "aftncn",
            "generator",
            "filetbl",
            "bkmkstart",
            "bkmkend",
        ),
    )
)
_SHOWN_THOUGH_IGNORABLE = frozenset(("shpinst", "shptxt", "footnote", "ud"))
_CODE_PAGES = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
    254: "cp437", 255: "cp850",
}  # fmt: skip
_SYMBOL_FONT = 2


@dataclass
class _Group:
    """What applies between two braces."""

    is_shown: bool = True
    is_hidden: bool = False
    is_deleted: bool = False
    font: int = 0
    skipped: int = 1  # characters that follow a Unicode character, for programs that do not know it
    is_font_table: bool = False
    is_note: bool = False


@dataclass
class _Reader:
    """The paragraphs read so far, and the state of the groups around the current place."""

    code_page: str = "cp1252"
    in_code_page: bytearray = field(default_factory=bytearray)  # what has been read in it
    default_font: int = 0
    charsets: dict[int, int] = field(default_factory=dict)
    groups: list[_Group] = field(default_factory=lambda: [_Group()])
    done: list[str] = field(default_factory=list)
    current: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    outer: list[list[str]] = field(default_factory=list)  # paragraphs around a footnote
    data: bytearray = field(default_factory=bytearray)  # characters of the current font that are not decoded yet
    to_skip: int = 0
    is_ignorable: bool = False
    fault: str | None = None
    is_corrected: bool = False  # the code page is not what the file declares, but what its letters show

    @property
    def group(self) -> _Group:
        return self.groups[-1]

    def decode(self) -> None:
        """Decode the characters of the current font; those outside its code page are a fault."""
        if self.data:
            charset = self.charsets.get(self.group.font)
            if charset != _SYMBOL_FONT:
                encoding = _CODE_PAGES.get(charset or 0, self.code_page)
                if (charset or 0) not in _CODE_PAGES:
                    self.in_code_page += self.data + b" "
                try:
                    self.current.append(self.data.decode(encoding))
                except (UnicodeDecodeError, LookupError):
                    self.fault = self.fault or f"the RTF has characters that are not {encoding}; save it as DOCX"
            self.data.clear()

    def write(self, text: str) -> None:
        if self.group.is_shown and not self.group.is_hidden and not self.group.is_deleted:
            self.decode()
            self.current.append(text)

    def write_bytes(self, data: bytes) -> None:
        if self.to_skip:
            cut = min(self.to_skip, len(data))
            self.to_skip -= cut
            data = data[cut:]
        if self.group.is_shown and not self.group.is_hidden and not self.group.is_deleted:
            self.data += data

    def end_paragraph(self) -> None:
        self.decode()
        text = "".join(self.current).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if text := " ".join(text.split()):
            (self.notes if self.outer else self.done).append(text)
        self.current.clear()
        if not self.outer:
            self.done += self.notes
            self.notes.clear()

    def open(self) -> None:
        self.decode()
        self.groups.append(replace(self.group, is_note=False))
        self.is_ignorable = False

    def close(self) -> None:
        self.decode()
        if self.group.is_note:
            self.end_paragraph()
            self.current = self.outer.pop()
        self.groups.pop()
        self.to_skip = 0

    def control(self, word: str, number: int | None) -> None:
        """Apply a control word."""
        group, ignorable = self.group, self.is_ignorable
        self.is_ignorable = False
        is_on = number != 0
        if word == "fonttbl":
            group.is_font_table, group.is_shown = True, False
        elif word in _NOT_SHOWN or (ignorable and word not in _SHOWN_THOUGH_IGNORABLE):
            group.is_shown = False
        elif word == "footnote" and group.is_shown:
            self.decode()
            self.outer.append(self.current)
            self.current, group.is_note = [], True
        elif word == "f" and number is not None:
            self.decode()
            group.font = number
        elif word == "fcharset" and group.is_font_table:
            self.charsets[group.font] = number or 0
        elif word == "ansicpg" and number and not self.is_corrected:
            self.code_page = "utf-8" if number == 65001 else f"cp{number}"
        elif word in ("mac", "pc", "pca") and not self.is_corrected:
            self.code_page = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
        elif word == "deff":
            self.default_font = group.font = number or 0
        elif word in ("v", "webhidden", "deleted", "plain"):
            self.decode()
            if word == "deleted":
                group.is_deleted = is_on
            else:
                group.is_hidden = is_on and word != "plain"
                group.font = self.default_font if word == "plain" else group.font
        elif word == "uc":
            group.skipped = max(0, number or 0)
        elif word == "u" and number is not None:
            self.write(chr(number % 65536))
            self.to_skip = group.skipped
        elif word in _BREAKS and group.is_shown:
            self.end_paragraph()
        elif word in _CHARACTERS:
            self.write(_CHARACTERS[word])


def paragraphs_of_rtf(data: bytes) -> tuple[list[str], str | None]:
    r"""Return the paragraphs of an RTF in order, with a warning if its letters contradict the code page it declares.

    Raises BadFile if it is damaged or too long.

    >>> paragraphs_of_rtf(rb"{\rtf1\ansi\ansicpg1251 \u8220?\'c2\'e5\'eb\'ee\u8221? {\v hidden}fell.\par It burned.}")
    (['“Вело” fell.', 'It burned.'], None)
    """
    if len(data) > MAX_BYTES:
        raise BadFile(f"the RTF has more than {MAX_BYTES:,} bytes; export fewer articles into one file")
    _read(data, reader := _Reader())
    written, declared = bytes(reader.in_code_page), standard_name(reader.code_page)
    found = None
    if declared and not written.isascii():
        found = ("", "utf-8") if decode_as(written, "utf-8") is not None else by_letters(written, None, declared)
    if found is None or found[1] == declared:
        return _whole(reader), None
    encoding = codecs.lookup(found[1]).name
    _read(data, corrected := _Reader(code_page=encoding, is_corrected=True))
    why = f"the RTF declares the code page {reader.code_page}, but its letters are {encoding}; it was read as that"
    return _whole(corrected), f"{why}; check it"


def _whole(reader: _Reader) -> list[str]:
    """Return the paragraphs that were read. Raises BadFile if some could not be decoded."""
    if reader.fault:
        raise BadFile(reader.fault)
    return reader.done


def _read(data: bytes, reader: _Reader) -> None:
    text, place = data.decode("latin-1"), 0
    while match := _TOKEN.match(text, place):
        place = match.end()
        word, number, code, symbol, brace, words = match.groups()
        if words is not None:
            reader.write_bytes(words.encode("latin-1"))
        elif code is not None:
            reader.write_bytes(bytes([int(code, 16)]))
        elif brace == "{":
            reader.open()
        elif brace == "}":
            reader.close()
            if len(reader.groups) == 1:
                break
        elif word == "bin":
            place += max(0, int(number or 0))
        elif word is not None:
            reader.control(word, int(number) if number else None)
        elif symbol == "*":
            reader.is_ignorable = True
        elif symbol in ("\n", "\r"):
            reader.control("par", None)
        elif symbol is not None:
            reader.write(_SYMBOLS.get(symbol, ""))
    if len(reader.groups) > 1:
        raise BadFile("the RTF ends within its text; download or save it again")
    reader.end_paragraph()
