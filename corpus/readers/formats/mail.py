"""Read mails (EML, mbox) with a newsletter or an article, and the page in a web archive (MHTML, webarchive)."""

from __future__ import annotations

import email
import plistlib
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import NamedTuple, cast

from corpus.draft import Draft, ReadResult, Refusal
from corpus.errors import BadFile
from corpus.text.decoding import Decoded, decode_declared, standard_name
from corpus.text.markup import text_of_html
from corpus.text.wrapped_lines import paragraphs_of_lines

_MOST_PARTS = 300  # of one mail; few have more than ten
_DEEPEST = 20  # mails forwarded in mails
_LONGEST_HEADER = 20_000  # letters of a header that is decoded; longer ones are none, and no title is as long

_FROM_LINE = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From \S[^\n]*\d{4}[^\n]*\n")
_PREFIX = re.compile(r"(?:(?:re|aw|sv|antw|fwd?|wg|tr|rv|doorst|vs|enc|пересл)\s?:\s*)+", re.IGNORECASE)
_FORWARDED = re.compile(
    r"\W*(?:forwarded message|original message|weitergeleitete nachricht|ursprüngliche nachricht"
    r"|message (?:transféré|d.origine)|mensaje (?:reenviado|original)"
    r"|mensagem (?:encaminhada|original)|messaggio (?:inoltrato|originale)"
    r"|doorgestuurd bericht|oorspronkelijk bericht|begin forwarded message|anfang der weitergeleiteten nachricht"
    r"|début du message (?:transféré|réexpédié)|переадресованное сообщение|пересланное сообщение)\W*",
    re.IGNORECASE,
)
_HEADER = re.compile(r"[>\s]*\*?(?P<name>[^\W\d_][\w -]{0,14}?)\s?\*?\s?:\*?(?:\s+(?P<value>.*))?$")
_FIELDS = {
    "from": "from von de da van от",
    "to": "to an à para a aan кому",
    "date": "date sent datum gesendet envoyé fecha enviado data inviato verzonden дата",
    "subject": "subject betreff objet asunto assunto oggetto onderwerp тема",
    "other": "cc kopie reply-to antwort",
}
_FIELD = {word: name for name, words in _FIELDS.items() for word in words.split()}
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?\s*([\w.:-]+)""", re.IGNORECASE)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)


class WebPage(NamedTuple):
    """A page in a web archive: its bytes, its encoding as declared in the archive, and its address."""

    data: bytes
    charset: str | None
    address: str | None


def read_mails(data: bytes, name: str, where: str) -> ReadResult:
    """Read a file with mails one after the other (mbox); unusable ones are refused by their number. Raises BadFile."""
    starts = [match.span() for match in _FROM_LINE.finditer(data)]
    if not starts:
        raise BadFile("this is not a mailbox (mbox): no line begins with From; export the mails as EML")
    result = ReadResult()
    ends = [start for start, _ in starts[1:]] + [len(data)]
    for number, ((_, begin), end) in enumerate(zip(starts, ends, strict=True), 1):
        place = f"{where}, mail {number}"
        one = re.sub(rb"(?m)^>(>*From )", rb"\1", data[begin:end])
        try:
            found = read_mail(parse_mail(one), f"{name}:{number}", place)
        except BadFile as error:
            result.refusals.append(Refusal(place, str(error)))
            continue
        result.drafts.extend(found.drafts)
        result.refusals.extend(found.refusals)
        result.warnings.extend(found.warnings)
    return result


def parse_mail(data: bytes) -> Message:
    """Return a parsed mail. Raises BadFile if it has too many parts."""
    if match := re.match(rb"\s*(\d{1,10})\s*\n", data):  # Apple Mail (EMLX): its length, the mail, its settings
        data = data[match.end() : match.end() + int(match[1])]
    try:
        message = email.message_from_bytes(data.lstrip())
    except Exception as error:  # unpredictable input: any fault of the library is a refusal
        raise BadFile(f"the mail is damaged ({type(error).__name__}); save its text as a .txt file") from None
    if sum(1 for _ in zip(range(_MOST_PARTS + 1), message.walk(), strict=False)) > _MOST_PARTS:
        raise BadFile(f"the mail has more than {_MOST_PARTS} parts; save its text as a .txt file")
    return message


def read_mail(message: Message, name: str, where: str, depth: int = 0) -> ReadResult:
    """Read a mail's text without its headers; mails attached to it are read as well. Raises BadFile without a text."""
    result = ReadResult()
    text = _body(message)
    title, day, text = _without_forwarded_headers(_decoded(message, "subject"), _day(message), text)
    inner = [part for part in _leaves(message) if part.get_content_type() == "message/rfc822"]
    if text.strip() and (not inner or len(text.split()) > 60):  # else a note about the mail that it forwards
        identity = (_decoded(message, "message-id") or "").strip(" <>")
        result.drafts.append(
            Draft(text, f"mid:{identity}" if identity else name, _PREFIX.sub("", title or "", count=1) or None, day)
        )
    for number, part in enumerate(inner, 1):
        attached = part.get_payload()
        if depth < _DEEPEST and isinstance(attached, list) and attached:
            below = read_mail(cast(Message, attached[0]), f"{name}:{number}", where, depth + 1)
            result.drafts.extend(below.drafts)
            result.warnings.extend(below.warnings)
    if not result.drafts:
        raise BadFile(
            "the mail has no text; its pictures and attachments are not read; save and add them by themselves"
        )
    result.warnings.extend(Refusal(where, why) for why in _doubts(message))
    files = [file for part in _leaves(message) if (file := _attached_file(part))]
    if files:
        why = f"the mail's attachments were not read ({', '.join(files[:5]):.120}); save and add them by themselves"
        result.warnings.append(Refusal(where, why))
    return result


def page_of_mhtml(message: Message, name: str) -> WebPage | None:
    """Return the page of a web archive (MHTML), None if the message is a mail."""
    pages = [part for part in message.walk() if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    if not pages:
        return None
    wanted = (message.get_param("start") or "") if message.get_content_type() == "multipart/related" else ""
    page = next((part for part in pages if wanted and part.get("content-id") == wanted), pages[0])
    address = _decoded(message, "snapshot-content-location") or _decoded(page, "content-location")
    if not address and not name.lower().endswith((".mht", ".mhtml")):
        return None
    return WebPage(_payload(page), _charset(page), _web_address(address))


def page_of_webarchive(data: bytes) -> WebPage:
    """Return the page of a web archive of Safari. Raises BadFile."""
    try:
        main = plistlib.loads(data)["WebMainResource"]
        page = WebPage(
            bytes(main["WebResourceData"]),
            str(main.get("WebResourceTextEncodingName") or "") or None,
            _web_address(main.get("WebResourceURL")),
        )
    except Exception:  # unpredictable input: any fault of the library is a refusal
        raise BadFile("the web archive is damaged; save the page again, as HTML") from None
    return page


def _web_address(address: object) -> str | None:
    text = str(address or "").strip().strip("<>")
    return text if re.match(r"https?://\S+$", text) else None


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts of a mail that hold no others; a mail attached to it is one part."""
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload:
            yield from _leaves(cast(Message, part))
    else:
        yield message


def _attached_file(part: Message) -> str | None:
    """Return the name of an attached file that may hold words, None for other parts."""
    if part.get_content_type() == "message/rfc822" or part.get_content_maintype() in ("image", "audio", "video"):
        return None
    is_attached = part.get_content_disposition() == "attachment" or part.get_content_maintype() == "application"
    return (part.get_filename() or part.get_content_type()) if is_attached else None


def _body(message: Message) -> str:
    """Return the text that a mail program shows."""
    kind, payload = message.get_content_type(), message.get_payload()
    if isinstance(payload, list):
        if kind == "message/rfc822":
            return ""
        texts = [text for part in payload if (text := _body(cast(Message, part))).strip()]
        if kind == "multipart/alternative":  # the last is the richest, unless it holds a picture of the text
            longest = max((len(text.split()) for text in texts), default=0)
            return next((text for text in reversed(texts) if 2 * len(text.split()) >= longest), "")
        return "\n\n".join(texts[:1] if kind == "multipart/related" else texts)
    if message.get_content_disposition() == "attachment":
        return ""
    if kind == "text/html":
        return _text_of_html(_text(message))
    if kind != "text/plain":
        return ""
    text = _text(message).replace("\r\n", "\n")
    if str(message.get_param("format") or "").lower() == "flowed":
        gap = "" if str(message.get_param("delsp") or "").lower() == "yes" else " "
        text = re.sub(r"(?<!^--) \n(?=\S)", gap, re.sub(r"(?m)^ (?=\S)", "", text))
    return re.sub(r"\n\s*\n", "\n\n", paragraphs_of_lines(text)).strip()


def _text_of_html(html: str) -> str:
    """Return the visible text of a mail in HTML."""
    if "hid" in html or "none" in html:
        from corpus.text.markup import parse_fragment, text_of_element

        if (root := parse_fragment(html)) is not None:
            for element in [e for e in root.iter() if _HIDDEN_STYLE.search(e.get("style") or "")]:
                if element is not root and element.getparent() is not None:
                    element.drop_tree()
            return text_of_element(root)
    return text_of_html(html)


def _payload(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (LookupError, ValueError):
        return None


def _text(part: Message) -> str:
    """Return a part's text as its declaration and its letters say. Raises BadFile if neither is certain."""
    return _decoded_part(part).text


def _decoded_part(part: Message) -> Decoded:
    data, charset = _payload(part), _charset(part)
    page = _CHARSET.search(data[:2048]) if part.get_content_type() == "text/html" else None
    in_page = page[1].decode("ascii", "replace") if page else None
    if standard_name(charset) is None and charset:  # unknown to browsers, such as UTF-7
        with suppress(UnicodeError, LookupError):
            return Decoded(data.decode(charset))
    declared = None if charset == "us-ascii" else charset  # what mail programs declare of a text that they do not know
    found = decode_declared(data, declared, in_page) if data.strip() else Decoded("")
    if found is None:
        raise BadFile(
            f"the mail's text is not {(charset or 'utf-8').upper()}, which it declares; save it as a .txt file"
        )
    return found


def _doubts(message: Message) -> list[str]:
    """Return for each part with words that its letters decided on its encoding, not what it declares."""
    parts = [part for part in _leaves(message) if part.get_content_type() in ("text/plain", "text/html")]
    shown = [part for part in parts if part.get_content_disposition() != "attachment"]
    with suppress(BadFile):
        return list(dict.fromkeys(why for part in shown if (why := _decoded_part(part).warning)))
    return []


def _decoded(message: Message, name: str) -> str | None:
    """Return a header in words; bytes without a declared encoding are UTF-8, or as the mail's texts or letters say."""
    raw = next((value for header, value in message.raw_items() if header.lower() == name), None)
    if raw is None:
        return None
    data = str(raw).encode("utf-8", "surrogateescape")
    declared = [charset for part in message.walk() if (charset := _charset(part)) not in (None, "us-ascii")]
    found = decode_declared(data, *declared[:1])
    text = found.text if found else data.decode("cp1252", "replace")
    if len(text) > _LONGEST_HEADER:
        return " ".join(text.split())
    parts = []
    try:
        for part, charset in decode_header(" ".join(text.split())):
            known = standard_name(charset) or charset or "latin-1"  # as browsers take it: windows-1252 for latin-1
            parts.append(part.decode(known) if isinstance(part, bytes) else part)
    except (ValueError, LookupError):
        return " ".join(text.split())
    return "".join(parts).strip() or None


def _day(message: Message) -> date | None:
    return _parsed_day(_decoded(message, "date"))


def _parsed_day(text: str | None) -> date | None:
    try:
        return parsedate_to_datetime(text or "").date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _without_forwarded_headers(title: str | None, day: date | None, text: str) -> tuple[str | None, date | None, str]:
    r"""Return title, day and text of a forwarded mail, without the headers that mail programs put into its text.

    >>> text = "---- Forwarded message ----\nFrom: Herald\nTo: me\nSubject: Velo falls\n\nIt fell."
    >>> _without_forwarded_headers("Fwd: Velo falls", None, text)
    ('Velo falls', None, 'It fell.')
    """
    lines = text.split("\n")
    filled = [i for i, line in enumerate(lines) if line.strip()]
    fields: dict[str, str] = {}
    run: list[int] = []
    for place, i in enumerate([*filled, len(lines)]):
        match = _HEADER.match(lines[i][:500]) if i < len(lines) else None
        field = _FIELD.get(match["name"].strip().lower()) if match else None
        if match and field:
            run.append(place)
            fields.setdefault(field, (match["value"] or "").strip())
            continue
        if {"from", "subject"} <= fields.keys() and len(run) >= 3:
            first = run[0]
            if first and _FORWARDED.fullmatch(lines[filled[first - 1]].strip()):
                first -= 1
            kept = lines[: filled[first]] + lines[filled[run[-1]] + 1 :]
            return fields["subject"] or title, _parsed_day(fields.get("date")) or day, "\n".join(kept).strip()
        run, fields = [], {}
    return title, day, text.strip()
