"""Recognise what a page prints in place of the rest of an article, and texts that end before their end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

SHORT = 150  # words: where a text ends in "…", a longer one may do so for style
_LONGEST_PROMPT = 250  # characters

# a line that says that the rest is for subscribers, or asks to subscribe for it
_PAYWALL = re.compile(
    r"""(?:subscribe|register|sign\ (?:in|up)|log\ in)\b.{0,40}\bto\ (?:read|continue|keep\ reading|unlock)
    | \bcontinue\ reading | \bkeep\ reading\b | \bsubscribers?[ -]only\b | \b(?:for|to)\ (?:our\ )?subscribers\ only\b
    | \b(?:exclusive|available|reserved)\b.{0,20}\bsubscribers\b | ^already\ (?:a\ subscriber|subscribed)
    | \bread\ the\ (?:full|whole|rest\ of\ the)\ (?:article|story)\b
    | ^(?:unlock|you\ have\ reached)\b.{0,60}\barticles?\b
    | abonnentenpflichtig | \b(?:nur|exklusiv)\ für\ (?:unsere\ )?abonnent | \babonn\w+.{0,60}\bweiter(?:zu)?lesen
    | \bum\ weiterzulesen\b | ^(?:hier\ |jetzt\ )?weiterlesen\b | ^(?:sie\ sind\ )?(?:bereits|schon)\ abonnent
    | \bréservée?s?\ (?:à\ nos\ |aux\ )abonnés | \babonnez-vous\ pour\ (?:lire|continuer|accéder) | ^déjà\ abonné
    | \bil\ vous\ reste\ .{1,12}\ de\ cet\ article | ^lire\ la\ suite
    | \b(?:exclusiv[oa]s?|sólo|solo)\ para\ (?:nuestros\ )?suscriptores | \bsuscr[ií]b(?:ete|ase)\ para\ (?:seguir|leer)
    | ^(?:para\ )?seguir?\ leyendo | ^¿?ya\ (?:eres|es)\ suscriptor
    | \briservat[oa]\ agli\ abbonati | \babbonati\ per\ (?:leggere|continuare) | ^continua\ a\ leggere
    | ^sei\ già\ abbonato
    | (?:лише|тільки)\ для\ передплатників | передплат\w+,?\ щоб | ^читати\ (?:далі|повністю)
    | только\ для\ подписчиков | доступ\w+\ (?:только\ )?по\ подписке | ^читать\ (?:далее|полностью)""",
    re.IGNORECASE | re.VERBOSE,
)
_NEWSLETTER = re.compile(
    r"""^(?:please\ )?(?:sign\ up|subscribe)\b.{0,80}\b(?:newsletters?|briefings?|alerts|podcast|channel)\b
    | ^(?:join|follow)\ us\ on\b
    | ^(?:abonnieren\ sie|melden\ sie\ sich|bestellen\ sie)\b.{0,80}\b(?:newsletter|kanal|whatsapp)\b
    | ^(?:folgen\ sie|folge)\ uns\b
    | ^(?:inscrivez-vous|abonnez-vous|recevez)\b.{0,80}\b(?:newsletters?|lettre|infolettre)\b | ^suivez-nous\b
    | ^(?:suscr[ií]b(?:ete|ase)|apúntate|recibe)\b.{0,80}\b(?:newsletter|boletín|boletines)\b | ^síguenos\b
    | ^iscriviti\b.{0,80}\bnewsletter\b
    | ^(?:підпи\w+|подпи\w+|читайте\ нас)\b.{0,80}(?:канал|телеграм|telegram|розсилк|рассылк|facebook|viber)""",
    re.IGNORECASE | re.VERBOSE,
)
_OMITTED = re.compile(r"(?:\[\s*(?:…|\.\.\.)\s*\]|\[\+\d+ (?:chars|characters)\]|\(\s*(?:…|\.\.\.)\s*\))\W*$")
_MORE = re.compile(
    r"(?:…|\.\.\.|\[…\])\s*(?:\W*(?:read more|more|mehr|weiterlesen|weiter|lire la suite|leer más|continua|далі|далее"
    r"|читати далі|читать далее))\W*$",
    re.IGNORECASE,
)
_DOTS = re.compile(r"(?:…|\.\.\.)[\"'”’»“)\]]*\s*$")
_ENDED = re.compile(r"[.!?。！？؟।۔:;*][\"'”’»«“)\]\s]*(?:\[\d+\])*$|[\"”»“)\]]$")
_LETTERS = re.compile(r"\w")

State = Literal["cut", "unsure"]


class Cut(NamedTuple):
    """Whether a text is "cut" or one may be "unsure", and the evidence in words."""

    state: State
    why: str


def is_prompt(line: str) -> bool:
    """Return whether a line asks to subscribe, to log in or to follow, or says that the rest is for subscribers.

    >>> is_prompt("This article is for subscribers only. Subscribe now to continue reading.")
    True
    >>> is_prompt("The paper has 40,000 subscribers."), is_prompt("Sign up for our Morning Briefing newsletter.")
    (False, True)
    """
    line = line.strip()
    return len(line) <= _LONGEST_PROMPT and bool(_PAYWALL.search(line) or _NEWSLETTER.search(line))


def find_cut(lines: Sequence[str], kinds: Sequence[str], *, from_feed: bool = False) -> Cut | None:
    """Return why a text seems to end before its end, by its paragraphs and their kinds; None if it does not.

    `from_feed` says that the text is the feed's own, which is often a summary.

    >>> find_cut(["Velo fell after weeks of shelling that had emptied the old…"], ["paragraph"])
    Cut(state='cut', why='it ends in “…”')
    """
    body = [i for i, kind in enumerate(kinds) if kind == "paragraph"]
    if not body:
        return None
    last, words = lines[body[-1]].strip(), sum(len(lines[i].split()) for i in body)
    end = last[-80:]
    asked = [line for line in lines[body[-1] + 1 :] if len(line) <= _LONGEST_PROMPT and _PAYWALL.search(line.strip())]
    if _OMITTED.search(end) or _MORE.search(end):
        return Cut("cut", f"it ends in “{end[-20:].strip()}”")
    unfinished = bool(_DOTS.search(end)) or not _ended(last)
    if asked:
        why = f"after its text the page says “{asked[0].strip()[:60]}”"
        return Cut("cut" if unfinished or words < SHORT else "unsure", why)
    if _DOTS.search(end):
        return Cut("cut" if words < SHORT else "unsure", "it ends in “…”")
    if from_feed and words < SHORT:
        return Cut("unsure", f"its page gave no text, and the {words} words of the feed may be a summary")
    whole = sum(_ended(lines[i]) for i in body[:-1])
    if not _ended(last) and len(last.split()) >= 8 and whole and whole >= len(body) - 2:
        return Cut("unsure", f"it ends without a full stop: “… {end[-40:].strip()}”")
    return None


def _ended(line: str) -> bool:
    return (bool(_ENDED.search(line.strip()[-40:])) and not _DOTS.search(line[-10:])) or not _LETTERS.search(line)
