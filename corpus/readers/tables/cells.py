"""Judge the cells of a table: missing values, markup, and values that are not what their column holds."""

from __future__ import annotations

import html
import re
from typing import Any

from corpus.text.markup import text_of_html

# as R, Python, spreadsheets and databases write a value that is missing
_MISSING = frozenset(
    ["na", "n/a", "nan", "nat", "none", "null", "nil", "<na>", "#n/a", "#na", "n.a.", "-", "--", "–", "—", "."]
) | {""}
_LONGEST_MISSING = 6
_FORMULA_ERRORS = {"#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"}

_LIST = re.compile(  # as Python, R and JSON write lists, objects and bytes
    r"\[\s*['\"].*['\"]\s*,?\s*\]|c\(\s*\".*\"\s*\)|list\(\s*\".*\"\s*\)|\{\s*['\"][^'\"]*['\"]\s*:.*\}|b'.*'|b\".*\"",
    re.DOTALL,
)
_NUMBER = re.compile(r"[-+]?[\d.,]+(?:[eE][-+]?\d+)?%?")
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E[+-]?\d{1,3}", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:p|br|div|span|a|b|i|u|em|strong|h[1-6]|ul|ol|li|blockquote|img|figure|figcaption|script|style|table|tr|td|th"
    r"|section|article|font|sup|sub|small|iframe|hr|center|tbody|video|body|html)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"<(?:p|br|div|h[1-6]|li|blockquote|tr)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|[a-z]{2,8}\d{0,2});", re.IGNORECASE)
_LARGEST_EXACT = 2**53  # larger whole numbers are rounded where a program keeps numbers as floats

# characters as JSON and Excel's XML write them, and line ends as JSON writes them, left in a text by another program
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|_x([0-9A-F]{4})_")
_LINE_END = re.compile(r"(?:\\r)?\\n")
_CERTAIN_LINE_END = re.compile(r"(?:(?:\\r)?\\n){2}|[.!?…\"'”’»“)\]](?:\\r)?\\n(?=[\s\"'“„«]|[^\W\d_]|\Z)|\\r\\n")

EXCEL_CELL = 32_767  # UTF-16 units that fit into a cell of Excel


# what may be a formula, with apostrophes before it, or what programs leave out when they read a cell
_FORMULA = re.compile(r"'*(?:[\s\u200b-\u200f\u2060-\u2064\ufeff\u00ad]*[=+\-@＝＋－＠﹢﹣﹦﹫]|[\t\r\n])")
OWN_COLUMN = "span"  # of every table that Slantwise exports


def escape_formula(value: Any) -> Any:
    """Return a cell for a table that spreadsheets open: what they could take for a formula gets an apostrophe.

    >>> [escape_formula(cell) for cell in ("=1+1", "'=1+1", "Velo – fell", 17)]
    ["'=1+1", "''=1+1", 'Velo – fell', 17]
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def without_escape(cell: str) -> str:
    """Return a cell as it was before `escape_formula`.

    >>> [without_escape(cell) for cell in ("'=1+1", "''=1+1", "'tis")]
    ['=1+1', "'=1+1", "'tis"]
    """
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


def is_missing(value: Any) -> bool:
    """Return whether a cell holds no value: it is empty, or NA, nan, None, null, or a dash alone.

    >>> [is_missing(value) for value in (None, " ", "NA", "n/a", float("nan"), "Nancy", 0)]
    [True, True, True, True, True, False, False]
    """
    if type(value) is str:
        return value.isspace() if len(value) > _LONGEST_MISSING else value.strip().casefold() in _MISSING
    return value is None or type(value).__name__ in ("NAType", "NaTType") or bool(value != value)


def is_formula_error(value: Any) -> bool:
    """Return whether a cell is an error of a spreadsheet's formula, such as #NAME?."""
    return isinstance(value, str) and value[:1] == "#" and value.strip() in _FORMULA_ERRORS


def wrong_type(field: str, value: Any) -> str | None:
    """Return in words what a value is that should be text, such as a list; None if it is right.

    >>> wrong_type("text", ["Velo fell."]), wrong_type("title", "['Velo', 'fell']"), wrong_type("outlet", "Herald")
    ('a list', 'a list, written as text', None)
    """
    if isinstance(value, str):
        first = value.lstrip()[:5]
        if first[:1] in "[{cbl" and _LIST.fullmatch(value.strip()):
            return (
                "bytes, written as text"
                if first[0] == "b"
                else ("an object, written as text" if first[0] == "{" else "a list, written as text")
            )
        if field == "text" and len(value) < 40 and (value.strip().casefold() in ("true", "false")):
            return "true or false"
        return "a number" if field == "text" and len(value) < 40 and _NUMBER.fullmatch(value.strip()) else None
    if isinstance(value, list | tuple | set) or type(value).__name__ == "ndarray":
        return "a list"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, bytes):
        return "bytes"
    if field not in ("text", "title", "outlet"):
        return None
    if isinstance(value, bool):
        return "true or false"
    return "a number" if field == "text" and isinstance(value, int | float) else None


def wrong_key(value: Any) -> str | None:
    """Return why a value cannot be the key of an article, None if it can.

    >>> wrong_key("1.23E+15"), wrong_key(17), wrong_key("a-17")
    ('is 1.23E+15; a spreadsheet has shortened it; export this column as text', None, None)
    """
    if isinstance(value, str):
        if len(value) < 30 and _SHORTENED.fullmatch(value.strip()):
            return f"is {value.strip()}; a spreadsheet has shortened it; export this column as text"
        return None
    if isinstance(value, bool):
        return f"is {str(value).lower()}; expected a number or text"
    if isinstance(value, float) and (value in (float("inf"), float("-inf")) or abs(value) >= _LARGEST_EXACT):
        return f"is {value:g}; a program has rounded it; export this column as text"
    return None


def without_markup(text: str) -> str | None:
    r"""Return a text without the tags and entities in it, None if it has none.

    >>> without_markup("<p>Velo fell.</p><p>It was &quot;liberated&quot;.</p>"), without_markup("a < b & c")
    ('Velo fell.\n\nIt was "liberated".', None)
    """
    if ("<" not in text or not _TAG.search(text)) and ("&" not in text or not _ENTITY.search(text)):
        return None
    if not _TAG.search(text):
        clean = html.unescape(text)
        if _TAG.search(clean):  # markup that was escaped: &lt;p&gt;
            return without_markup(clean)
        return html.unescape(clean) if "&amp;" in text else clean
    if _BLOCK.search(text):
        clean = text_of_html(re.sub(r"(?:\r?\n[ \t]*){2,}", "<br><br>", text))
    else:  # paragraphs that are separated by line ends
        clean = "\n".join(text_of_html(line) if line.strip() else "" for line in text.splitlines())
    return html.unescape(clean) if "&amp;" in text else clean


def without_escapes(text: str) -> str | None:
    r"""Return a text with the characters that its escapes mean, None if it has none.

    >>> without_escapes(r"It was \u201cfree\u201d.\n\nKarsk fell."), without_escapes(r"C:\news")
    ('It was “free”.\n\nKarsk fell.', None)
    """
    clean = _ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text) if _ESCAPE.search(text) else text
    if _CERTAIN_LINE_END.search(clean):
        clean = _LINE_END.sub("\n", clean)
    clean = clean.replace("\r\n", "\n").replace("\r", "\n") if clean is not text else clean
    return None if clean is text else clean.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def is_cut(text: str) -> bool:
    """Return whether a text fills a cell of Excel to its last character, so that its end is probably missing."""
    return EXCEL_CELL // 2 < len(text) <= EXCEL_CELL and len(text.encode("utf-16-le")) // 2 == EXCEL_CELL
