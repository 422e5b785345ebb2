"""The forms in which one article's address is written: with tracking parameters, www, a slash at the end."""

from __future__ import annotations

import re

_TRACKING = re.compile(
    r"(?:utm_\w+|at_\w+|fbclid|gclid|dclid|msclkid|yclid|ysclid|igshid|igsh|mc_cid|mc_eid|cmpid|wt_z?mc|xtor|ocid|_ga"
    r"|ns_mchannel|ns_campaign|phpsessid|jsessionid|aspsessionid\w*)(?:=|$)",
    re.IGNORECASE,
)
_PATH_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_PLACE_IN_PAGE = re.compile(
    r"(?:comments?|kommentare|commentaires|respond|top|content|main|disqus_thread|:~:text=.*"
    r"|(?:echobox|xtor|ref|utm_\w+|at_\w+)=.*)?",
    re.IGNORECASE,
)
_PARTS = re.compile(r"(https?)://((?:www\.|m\.|mobile\.|amp\.)?)([^/?#]+)([^?#]*)(.*)", re.IGNORECASE | re.DOTALL)


def without_tracking(url: str) -> str:
    """Return an address without its fragment, tracking parameters and session ids.

    >>> without_tracking("https://herald.example/velo?utm_source=rss&id=7&fbclid=x#top")
    'https://herald.example/velo?id=7'
    """
    base, mark, query = _PATH_SESSION.sub("", url.partition("#")[0]).partition("?")
    parameters = [part for part in query.split("&") if part and not _TRACKING.match(part)]
    return base + (mark + "&".join(parameters) if parameters else "")


def untracked_key(key: str) -> str:
    """Return a key without tracking parameters, if it is a web address.

    A fragment stays, since it may name a text, unless it is a known place in a page.

    >>> untracked_key("https://herald.example/velo?fbclid=x#14"), untracked_key("herald-1.txt?fbclid=x")
    ('https://herald.example/velo#14', 'herald-1.txt?fbclid=x')
    """
    if _PARTS.fullmatch(key) is None:
        return key
    fragment = key.partition("#")[2]
    return without_tracking(key) + ("" if _PLACE_IN_PAGE.fullmatch(fragment) else f"#{fragment}")


def other_forms(key: str) -> list[str]:
    """Return the other forms of a key that is a web address, by which an article may be known; none for other keys.

    The text decides whether it is the same article.

    >>> other_forms("https://www.herald.example/velo?utm_source=rss")[:3]
    ['https://www.herald.example/velo', 'https://www.herald.example/velo/', 'https://herald.example/velo']
    >>> other_forms("herald-1.txt")
    []
    """
    match = _PARTS.fullmatch(without_tracking(key))
    if match is None:
        return []
    _, prefix, host, path, query = match.groups()
    prefixes = dict.fromkeys((prefix.lower(), "", "www.", "m.", "amp."))
    paths = dict.fromkeys((path, path.rstrip("/"), f"{path.rstrip('/')}/"))
    schemes = ("https", "http") if match[1].lower() == "https" else ("http", "https")
    forms = (f"{scheme}://{p}{host.lower()}{end}{query}" for scheme in schemes for p in prefixes for end in paths)
    return [form for form in dict.fromkeys(forms) if form != key]
