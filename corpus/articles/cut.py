"""Recognise what a page prints in place of the rest of an article, and texts that end before their end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

SHORT = 150  # words: where a text ends in "…", a longer one may do so for style
_LONGEST_PROMPT = 250  # characters
_FEW_WORDS = 12  # after a prompt: "Free for the first month"
_SHORT_LINE = 6  # words: "And so it goes…"

# a line that says that the rest is for subscribers, or asks to subscribe for it
_PAYWALL = re.compile(
    r"""(?:subscribe|register|sign\ (?:in|up)|log\ in)\b.{0,40}\bto\ (?:read|continue|keep\ reading|unlock)
    | \bcontinue\ reading | \bkeep\ reading\b | \bsubscribers?[ -]only\b | \b(?:for|to)\ (?:our\ )?subscribers\ only\b
    | \b(?:exclusive|available|reserved)\b.{0,20}\bsubscribers\b | ^already\ (?:a\ subscriber|subscribed)
    | \bread\ the\ (?:full|whole|rest\ of\ the)\ (?:article|story)\b
    | ^(?:unlock|you\ have\ reached)\b.{0,60}\barticles?\b
    | abonnentenpflichtig | \b(?:nur|exklusiv)\ für\ (?:unsere\ )?abonnent | \babonn\w+.{0,60}\bweiter(?:zu)?lesen
    | \bum\ weiterzulesen\b | ^(?:(?:diesen|den\ ganzen)\ artikel\ |hier\ |jetzt\ )?weiterlesen\b
    | \bjetzt\ weiterlesen\b | ^sie\ haben\ (?:bereits|schon)\ ein\b.{0,20}abo
    | ^(?:sie\ sind\ )?(?:bereits|schon)\ abonnent
    | \bréservée?s?\ (?:à\ nos\ |aux\ )abonnés | \babonnez-vous\ pour\ (?:lire|continuer|accéder) | ^déjà\ abonné
    | \bil\ vous\ reste\ .{1,12}\ de\ cet\ article | ^lire\ la\ suite
    | \b(?:exclusiv[oa]s?|sólo|solo)\ para\ (?:nuestros\ )?suscriptores
    | \bsuscr[ií]b(?:ete|ase)\ para\ (?:seguir|leer)
    | ^(?:para\ )?seguir?\ leyendo | ^¿?ya\ (?:eres|es)\ suscriptor
    | \briservat[oa]\ agli\ abbonati | \babbonati\ per\ (?:leggere|continuare) | ^continua\ a\ leggere
    | ^sei\ già\ abbonato
    | (?:лише|тільки)\ для\ передплатників | передплат\w+,?\ щоб | ^читати\ (?:далі|повністю)
    | только\ (?:для\ )?(?:подписчик|платн\w+\ подписчик)\w* | доступ\w+\ (?:только\ )?по\ подписке
    | ^читать\ (?:далее|полностью) | (?:лише|тільки)\ передплатник\w*
    | ^(?:jetzt\ )?mit\ (?:einem\ )?\w*abo\b.{0,20}\bweiterlesen\b
    | ^(?:jetzt\ )?lesen\ sie\b.{0,60}\bmit\ (?:einem\ |ihrem\ )?\w*abo\b
    | ^sie\ haben\ noch\ keinen\ zugang | \bexclusivo\ para\ assinantes\b | \b(?:só|apenas)\ para\ assinantes\b
    | \bassine\ para\ (?:ler|continuar|ter\ acesso) | ^já\ é\ assinante | ^continue\ (?:a\ ler|lendo)
    | \b(?:tylko|wyłącznie)\ dla\ (?:naszych\ )?(?:prenumerator|subskrybent)\w*
    | \bpozostało\ \d+\s?%\ (?:tekstu|artykułu)
    | ^(?:masz\ już|kup)\ (?:prenumeratę|subskrypcję|dostęp)
    | \b(?:exclusief|alleen)\ voor\ (?:onze\ )?(?:abonnees|leden)\b
    | ^(?:verder\ lezen|lees\ verder)\b | ^al\ abonnee\b | \b(?:för|bara\ för|endast\ för)\ (?:våra\ )?prenumeranter\b
    | ^redan\ prenumerant | \b(?:kun|bare)\ for\ (?:vores\ |våre\ )?abonnenter\b | ^allerede\ abonnent
    | \bvain\ tilaajille\b
    | \b(?:jen|pouze)\ pro\ (?:naše\ )?(?:předplatitele|předplatné)\b | ^pokračování\ pouze\ pro
    | \b(?:len|iba)\ pre\ predplatiteľov\b | \b(?:csak|kizárólag)\ előfizetőink?(?:nek)?\b
    | \b(?:doar|numai|exclusiv)\ pentru\ abonați
    | \b(?:samo|isključivo)\ za\ pretplatnike\b | само\ за\ (?:абонат|претплатни)\w+ | μόνο\ για\ συνδρομητές
    | \b(?:yalnızca|sadece)\ abonelere\b | \babone\ (?:ol(?:un)?|girişi)\b.{0,40}\boku
    | \bkhusus\ (?:untuk\ )?pelanggan\b
    | (?:للمشتركين|لمشتركينا|للأعضاء)\ (?:فقط|حصر) | اشترك\ (?:الآن\ )?(?:لقراءة|لمتابعة|لتقرأ)
    | ^(?:تابع|أكمل|لمتابعة)\ القراءة
    | (?:ויژه|ویژه)\ (?:مشترکین|مشترکان) | (?:למנויים|למינויים)\ בלבד | להמשך\ (?:ה)?קריאה
    | केवल\ (?:सदस्यों|ग्राहकों|सब्सक्राइबर)\w*
    | ^.{0,10}(?:订阅|訂閱|付费|付費|会员|會員).{0,8}(?:后|後|才|方)?.{0,4}(?:阅读|閱讀|查看|解锁|解鎖)(?:全文|更多)?
    | (?:仅限|僅限|限)(?:订阅|訂閱|付费|付費)?(?:会员|會員|用户|用戶|订户|訂戶)
    | 阅读全文 | 閱讀全文 | 有料会員(?:限定|の方|記事)
    | 会員限定(?:記事|です)?
    | 残り\d+文字 | 続きを読むには | 유료\ ?(?:회원|구독자)\ ?(?:전용|만) | 구독(?:자)?\ ?(?:전용|하고\ 계속)""",
    re.IGNORECASE | re.VERBOSE,
)
_NEWSLETTER = re.compile(
    r"""^you\ have\ (?:\d+|one|two|three|four|five|no)\ (?:more\ )?(?:free\ )?articles?\ (?:left|remaining)\b
    | ^(?:please\ )?(?:sign\ up|subscribe)\b.{0,80}\b(?:newsletters?|briefings?|alerts|podcast|channel)\b
    | ^(?:join|follow)\ us\ on\b
    | ^(?:abonnieren\ sie|melden\ sie\ sich|bestellen\ sie)\b.{0,80}\b(?:newsletter|kanal|whatsapp)\b
    | ^(?:folgen\ sie|folge)\ uns\b
    | ^(?:inscrivez-vous|abonnez-vous|recevez)\b.{0,80}\b(?:newsletters?|lettre|infolettre)\b | ^suivez-nous\b
    | ^(?:suscr[ií]b(?:ete|ase)|apúntate|recibe)\b.{0,80}\b(?:newsletter|boletín|boletines)\b | ^síguenos\b
    | ^iscriviti\b.{0,80}\bnewsletter\b
    | ^(?:підпи\w+|подпи\w+|читайте\ нас)\b.{0,80}(?:канал|телеграм|telegram|розсилк|рассылк|facebook|viber)""",
    re.IGNORECASE | re.VERBOSE,
)
# a line that names another article: "Read also: …"
_POINTER = re.compile(
    r"""^\W*(?:
      (?:read|see|watch|listen)\ (?:also|more|next|too)|also\ (?:read|see)|more\ on\ this|recommended(?:\ reading)?
      |you\ may\ also\ like
    | related(?:\ (?:articles?|stor(?:y|ies)|reading|news|coverage))?|don[’']t\ miss
    | lesen\ sie\ (?:auch|mehr|dazu|hierzu)|lies\ auch|mehr\ (?:zum\ thema|dazu|lesen)|auch\ interessant|siehe\ auch
    |das\ könnte\ sie\ auch\ interessieren
    | (?:à\ )?lire\ (?:aussi|également)|(?:à\ )?(?:re)?lire|à\ voir(?:\ aussi)?|voir\ aussi|sur\ le\ même\ sujet
    | l(?:ea|ee|eer)\ (?:también|más)|te\ puede\ interesar|(?:vea|ver)\ también|también\ te\ puede\ interesar
    |noticias?\ relacionadas?
    | legg[ia]\ anche|per\ approfondire|(?:leia|veja|saiba)\ (?:também|mais)
    | (?:czytaj|przeczytaj|zobacz|sprawdź)\ (?:także|też|również|więcej)|lees\ (?:ook|meer)|zie\ ook
    |läs\ (?:även|också|mer)|les\ også|læs\ også|lue\ myös
    | (?:čtěte|přečtěte\ si)\ (?:také|též|více)|(?:čítajte|prečítajte\ si)\ (?:aj|tiež)|citește\ și
    |olvassa?\ (?:el\ )?(?:ezt\ )?is
    | чита(?:йте|ть)\ (?:также|ещё|еще|по\ теме)|смотрите\ также|по\ теме|читайте\ (?:також|ще)|дивіться\ також
    |прочете?те\ (?:още|също)|прочитајте\ и
    | διαβάστε\ (?:επίσης|ακόμη)|ayrıca\ okuyun|ilgili\ haber(?:ler)?|baca\ juga
    | اقرأ(?:وا|ي)?\ (?:أيض(?:ا|ًا|اً)|المزيد|كذلك)|إقرأ\ أيضا|شاهد\ أيضا|بیشتر\ بخوانید|קראו?\ (?:גם|עוד)
    |यह\ भी\ पढ़ें|ये\ भी\ पढ़ें
    | 延伸阅读|延伸閱讀|相关阅读|相關閱讀|相关新闻|相關新聞|关联阅读|関連記事|あわせて読みたい|관련\ ?기사
    )\s*(?:[:：>»|–—]|[-]\s|$)""",
    re.IGNORECASE | re.VERBOSE,
)
_OMITTED = re.compile(r"(?:\[\s*(?:…|\.\.\.)\s*\]|\[\+\d+ (?:chars|characters)\]|\(\s*(?:…|\.\.\.)\s*\))\W*$")
_MORE = re.compile(
    r"(?:…|\.\.\.|\[…\])\s*(?:\W*(?:read more|more|mehr|weiterlesen|weiter|lire la suite|leer más|continua|далі|далее"
    r"|читати далі|читать далее))\W*$",
    re.IGNORECASE,
)
_DOTS = re.compile(r"(?:…|\.\.\.)[\"'”’»“)\]]*\s*$")
_QUOTED_DOTS = re.compile(r"(?:…|\.\.\.)[\"'”’»“]\s*$")  # a speaker trails off
_ENDED = re.compile(r"[.!?。！？؟।۔:;*][\"'”’»«“)\]\s]*(?:\[\d+\])*$|[\"”»“)\]]$")
_LETTERS = re.compile(r"\w")

State = Literal["cut", "unsure"]


class Cut(NamedTuple):
    """Whether a text is "cut" or one may be "unsure", and the evidence in words."""

    state: State
    why: str


def is_prompt(line: str) -> bool:
    """Return whether a line does not belong to the article: a prompt to subscribe or follow, or another's headline.

    Prompts also say that the rest is for subscribers; another article's headline follows words like "Read also:".

    >>> is_prompt("This article is for subscribers only. Subscribe now to continue reading.")
    True
    >>> is_prompt("Lesen Sie auch: Karsk befreit"), is_prompt("Read also what he said: nothing.")
    (True, False)
    >>> is_prompt("The paper has 40,000 subscribers."), is_prompt("Sign up for our Morning Briefing newsletter.")
    (False, True)
    """
    line = line.strip()
    return len(line) <= _LONGEST_PROMPT and bool(
        _PAYWALL.search(line) or _NEWSLETTER.search(line) or _POINTER.search(line)
    )


def find_cut(
    lines: Sequence[str], kinds: Sequence[str], *, from_feed: bool = False, for_subscribers: bool = False
) -> Cut | None:
    """Return why a text seems to end before its end, by its paragraphs and their kinds; None if it does not.

    `from_feed` says that the text is the feed's own, which is often a summary, `for_subscribers` that its page states
    that it is not accessible for free.

    >>> find_cut(["Velo fell after weeks of shelling that had emptied the old…"], ["paragraph"])
    Cut(state='cut', why='it ends in “…”')
    """
    body = [i for i, kind in enumerate(kinds) if kind == "paragraph"]
    if not body:
        return None
    last, words = lines[body[-1]].strip(), sum(len(lines[i].split()) for i in body)
    end = last[-80:]
    asked = [
        line
        for i, line in enumerate(lines)
        if i > body[0] and len(line) <= _LONGEST_PROMPT and _PAYWALL.search(line.strip()) and kinds[i] != "paragraph"
        if sum(len(lines[after].split()) for after in body if after > i) <= _FEW_WORDS
    ]
    if _OMITTED.search(end) or _MORE.search(end):
        return Cut("cut", f"it ends in “{end[-20:].strip()}”")
    unfinished = bool(_DOTS.search(end)) or not _ended(last)
    if asked:
        why = f"after its text the page says “{asked[0].strip()[:60]}”"
        return Cut("cut" if unfinished or words < SHORT else "unsure", why)
    if _DOTS.search(end):
        whole = sum(_ended(lines[i]) for i in body[:-1])
        for_style = bool(_QUOTED_DOTS.search(end)) or (whole > 1 and len(last.split()) <= _SHORT_LINE)
        return Cut("cut" if words < SHORT and not for_style else "unsure", "it ends in “…”")
    if from_feed and words < SHORT:
        return Cut("unsure", f"its page gave no text, and the {words} words of the feed may be a summary")
    if for_subscribers and words < SHORT:
        return Cut("unsure", f"its page says that it is for subscribers, and {words} words were read")
    whole = sum(_ended(lines[i]) for i in body[:-1])
    if not _ended(last) and len(last.split()) >= 8 and whole and whole >= len(body) - 2:
        return Cut("unsure", f"it ends without a full stop: “… {end[-40:].strip()}”")
    return None


def _ended(line: str) -> bool:
    return (bool(_ENDED.search(line.strip()[-40:])) and not _DOTS.search(line[-10:])) or not _LETTERS.search(line)
