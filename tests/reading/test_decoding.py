"""Pages, tables, text files and feeds are decoded as browsers do, or by their letters; never quietly, never wrongly."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Study, add, kwic
from corpus.errors import BadFile
from corpus.feeds.formats import parse_feed
from corpus.readers import read_file
from corpus.readers.html import decode_page
from corpus.text.decoding import decode_declared, decode_file
from corpus.text.letters import letters_problem

CASES = Path(__file__).parents[1] / "data" / "cases"

TEXTS = {  # none of them shaped the rules
    "ru": ("windows-1251 koi8-r iso-8859-5 cp866", "Жители города рассказали журналистам, что мост взорвали ещё ночью, а утром в центр вошла бронетехника."),
    "uk": ("windows-1251 koi8-u", "Мешканці розповіли, що міст підірвали ще вночі, а вранці до центру зайшла їхня бронетехніка."),
    "bg": ("windows-1251", "Жителите разказват, че мостът е взривен през нощта, а сутринта в центъра е влязла военна техника."),
    "pl": ("windows-1250 iso-8859-2", "Mieszkańcy mówią, że most wysadzono w nocy, a rano do śródmieścia wjechały czołgi; nikt się nie bronił."),
    "cs": ("windows-1250", "Obyvatelé říkají, že most vyhodili do povětří v noci a ráno do středu města přijely tanky; nikdo se nebránil."),
    "hu": ("windows-1250 iso-8859-2", "A lakók szerint a hidat éjjel robbantották fel, reggel pedig páncélosok érkeztek a belvárosba, őrök nélkül."),
    "ro": ("windows-1250 iso-8859-2", "Locuitorii spun că podul a fost aruncat în aer noaptea, iar dimineaţa tancurile au intrat în oraş şi n-au tras."),
    "de": ("windows-1252 mac_roman cp850", "Anwohner erzählten, die Brücke sei nachts gesprengt worden; früh kamen Panzer ins Zentrum, später größere Fahrzeuge."),
    "fr": ("windows-1252 mac_roman", "Des habitants racontent que le pont a été détruit pendant la nuit ; à l’aube, des chars sont entrés sans être inquiétés."),
    "es": ("windows-1252", "Los vecinos contaron que el puente fue volado de noche; por la mañana llegó una columna de vehículos. ¿Qué pasó después?"),
    "pt": ("windows-1252", "Os moradores contaram que a ponte foi destruída à noite; de manhã entraram os tanques e a população não reagiu à operação."),
    "sv": ("windows-1252", "Invånarna berättade att bron sprängdes på natten; på morgonen körde stridsvagnar in i centrum och mötte inget motstånd där."),
    "tr": ("windows-1254", "Sakinler köprünün gece havaya uçurulduğunu, sabah ise tankların şehir merkezine girdiğini anlattı; kimse karşı çıkmadı."),
    "lt": ("windows-1257", "Gyventojai pasakojo, kad tiltas susprogdintas naktį, o rytą į centrą įvažiavo šarvuočiai; niekas nesipriešino, visi slėpėsi."),
    "el": ("windows-1253", "Κάτοικοι είπαν ότι η γέφυρα ανατινάχθηκε τη νύχτα και το πρωί μπήκαν στο κέντρο τεθωρακισμένα οχήματα."),
    "he": ("windows-1255", "תושבים סיפרו כי הגשר פוצץ בלילה, ובבוקר נכנסו למרכז העיר כלי רכב משוריינים ללא התנגדות."),
    "ar": ("windows-1256", "قال السكان إن الجسر فجر ليلا، وفي الصباح دخلت المدرعات إلى وسط المدينة دون مقاومة تذكر."),
    "th": ("cp874", "ชาวบ้านเล่าว่าสะพานถูกระเบิดในตอนกลางคืน และในตอนเช้ารถหุ้มเกราะก็เข้ามาในเมือง"),
    "ja": ("shift_jis euc-jp", "住民によると、橋は夜のうちに爆破され、朝には装甲車が中心部に入ったという。抵抗はなかった。"),
    "ko": ("euc-kr", "주민들은 다리가 밤사이 폭파되었고 아침에는 장갑차가 시내로 들어왔다고 말했다. 저항은 없었다."),
    "zh": ("gb18030", "居民说，大桥夜里被炸毁，早上装甲车开进市中心，没有遇到抵抗。军方没有说明原因。"),
}  # fmt: skip
ENCODED = [(language, name) for language, (names, _) in TEXTS.items() for name in names.split()]


def page(text: str, charset: str | None, language: str | None = None) -> str:
    meta = f'<meta charset="{charset}">' if charset else ""
    lang = f' lang="{language}"' if language else ""
    return f"<html{lang}><head>{meta}<title>Velo</title></head><body><article><p>{text}</p></article></body></html>"


@pytest.mark.parametrize("declared", [None, "right", "iso-8859-1", "utf-8", "x-klingon"])
@pytest.mark.parametrize(("language", "encoding"), ENCODED)
def test_a_page_is_read_whatever_it_declares(language: str, encoding: str, declared: str | None) -> None:
    right = {"mac_roman": "macintosh", "cp874": "windows-874", "cp850": None}.get(encoding, encoding)
    charset = right if declared == "right" else declared
    html = page(TEXTS[language][1] * 2, charset)
    decoded = decode_page(html.encode(encoding))
    assert decoded.text == html
    believed = charset == right is not None or (charset == "iso-8859-1" and encoding == "windows-1252")
    assert (decoded.warning is None) == believed


@pytest.mark.parametrize(("language", "encoding"), ENCODED)
def test_header_and_page_that_contradict_each_other_are_decided_by_the_letters(language: str, encoding: str) -> None:
    other = "windows-1251" if language not in ("ru", "uk", "bg") else "windows-1252"
    right = {"mac_roman": "macintosh", "cp874": "windows-874"}.get(encoding, encoding)
    html = page(TEXTS[language][1] * 2, right)
    assert decode_page(html.encode(encoding), other).text == html
    html = page(TEXTS[language][1] * 2, other)
    assert decode_page(html.encode(encoding), right).text == html


@pytest.mark.parametrize("language", TEXTS)
def test_utf8_is_utf8_whatever_is_declared(language: str) -> None:
    html = page(TEXTS[language][1], "windows-1251")
    assert decode_page(html.encode(), "iso-8859-9") == (html, None)


def test_declared_names_mean_what_browsers_take_them_for() -> None:
    text = "İstanbul’da “kurtarıldı” – dedi"
    assert decode_declared(text.encode("windows-1254"), "iso-8859-9") == (text, None)
    text = "It’s “liberated” – 5 € …"
    for label in ("iso-8859-1", "latin1", "us-ascii", "ISO_8859-1", " Windows-1252 "):
        assert decode_declared(text.encode("windows-1252"), label) == (text, None)
    assert decode_declared("①髙".encode("cp932"), "Shift_JIS") == ("①髙", None)


@pytest.mark.parametrize("name", ["iso-8859-1.html", "windows-1252.html"])
def test_quotation_marks_of_a_page_in_latin_1_are_kept(empty_study: Study, name: str) -> None:
    done = add(empty_study, next(CASES.glob("05*")) / name, outlet="Herald")
    (hit,) = kwic(empty_study, "liberat*").hits
    assert (hit.left, hit.match, hit.right[:17]) == ("Northland “", "liberated", "” Velo on Monday ")
    assert "general’s aide" in empty_study.articles()["text"][0] and "café" in empty_study.articles()["text"][0]
    assert done.warnings == []


def test_a_page_that_declares_another_alphabet_is_read_with_a_warning(empty_study: Study) -> None:
    done = add(empty_study, next(CASES.glob("23*")) / "cp1251.html", outlet="X")
    assert empty_study.articles()["text"][0].startswith("Город пал\n\nСеверяне захватили Вело")
    ((where, why),) = done.warnings
    assert where.endswith("cp1251.html") or "cp1251.html" in where
    assert "declared as windows-1252, was read as windows-1251 by its letters" in why
    assert "decoding_doubt" not in json.dumps(list(empty_study.articles().columns))


@pytest.mark.parametrize("served", ["", "text/xml; charset=iso-8859-1", "application/rss+xml; charset=utf-8"])
def test_a_feed_is_read_whatever_its_server_declares(served: str) -> None:
    data = (next(CASES.glob("23*")) / "feed.xml").read_bytes()
    feed = parse_feed(data, "https://h.example/feed", served)
    assert feed.entries[0].title == "Город пал" and (feed.doubt is None)


@pytest.mark.parametrize(
    ("text", "encoding", "declared", "language"),
    [  # one letter tells
        ("Mieszkancy mówią, ze most wysadzono w nocy, a rano do centrum wjechaly czolgi.", "iso-8859-2", "windows-1252", "pl"),
        ("Mieszkancy mówią, ze most wysadzono w nocy, a rano do centrum wjechaly czolgi.", "iso-8859-2", "windows-1250", "pl"),
        ("Gyventojai pasakojo, kad tiltas susprogdintas, o ryta į centra ivaziavo.", "windows-1257", "iso-8859-1", "lt"),
        ("Anwohner erzählten, sie sei nachts gesprengt worden.", "mac_roman", "iso-8859-1", "de"),
        ("Ο Άρης και η Άννα είπαν ότι η γέφυρα ανατινάχθηκε.", "windows-1253", "iso-8859-7", "el"),
        ("Ο Άρης και η Άννα είπαν ότι η γέφυρα ανατινάχθηκε.", "iso-8859-7", "windows-1253", "el"),
    ],
)  # fmt: skip
def test_a_single_letter_can_show_that_a_declaration_is_wrong(
    text: str, encoding: str, declared: str, language: str
) -> None:
    html = page(text, declared, language)
    decoded = decode_page(html.encode(encoding))
    assert decoded.text == html and decoded.warning and "by its letters" in decoded.warning


@pytest.mark.parametrize(("text", "encoding"), [("Η πόλη έπεσε", "windows-1253"), ("ΑΘΗΝΑ", "windows-1253"),
    ("Вело пал", "koi8-r"), ("都市陥落", "shift_jis"), ("Schüsse", "windows-1252")])  # fmt: skip
def test_a_few_letters_are_read_as_they_are_declared(text: str, encoding: str) -> None:
    assert decode_declared(f"<p>{text}</p>".encode(encoding), encoding) == (f"<p>{text}</p>", None)


def test_escapes_show_the_older_encoding_of_japanese() -> None:
    text = TEXTS["ja"][1]
    assert decode_declared(text.encode("iso2022_jp"), "iso-2022-jp") == (text, None)
    for decoded in (decode_declared(text.encode("iso2022_jp")), decode_file(text.encode("iso2022_jp"))):
        assert decoded and decoded.text == text and decoded.warning and "iso-2022-jp" in decoded.warning


def test_a_page_with_a_damaged_byte_is_read_and_what_is_lost_in_its_text_is_told(
    empty_study: Study, tmp_path: Path
) -> None:
    html = page(TEXTS["de"][1] * 2, "utf-8").encode()
    (tmp_path / "foot.html").write_bytes(html.replace(b"</article>", b"</article><footer>\xa9 Herald</footer>"))
    (tmp_path / "text.html").write_bytes(html.replace("größere".encode(), b"gr\xf6\xdfere", 1))
    done = add(empty_study, [tmp_path / "foot.html"], outlet="H")
    assert (len(done.new), done.warnings) == (1, []) and TEXTS["de"][1] in empty_study.articles()["text"][0]
    done = add(empty_study, [tmp_path / "text.html"], outlet="I")
    assert ["letters were lost" in why for _, why in done.warnings] == [True]


def test_a_feed_without_a_right_declaration_is_read_with_a_doubt() -> None:
    data = (next(CASES.glob("23*")) / "feed.xml").read_bytes().replace(b"windows-1251", b"iso-8859-1")
    feed = parse_feed(data, "https://h.example/feed")
    assert feed.entries[0].title == "Город пал" and feed.doubt and "windows-1251 by its letters" in feed.doubt


@pytest.mark.parametrize(
    ("language", "encoding"),
    [("de", "windows-1252"), ("ru", "windows-1251"), ("pl", "windows-1250"), ("fr", "mac_roman")],
)
@pytest.mark.parametrize("kind", ["txt", "csv", "tsv", "jsonl"])
def test_a_table_or_text_of_a_spreadsheet_is_read_by_its_letters_with_a_warning(
    tmp_path: Path, language: str, encoding: str, kind: str
) -> None:
    text = TEXTS[language][1]
    content = {
        "txt": f"Velo\n\n{text}\n",
        "csv": f'outlet,date,text\nHerald,2024-03-05,"{text}"\n',
        "tsv": f"outlet\tdate\ttext\nHerald\t2024-03-05\t{text}\n",
        "jsonl": json.dumps({"outlet": "Herald", "text": text}, ensure_ascii=False) + "\n",
    }[kind]
    file = tmp_path / f"a.{kind}"
    file.write_bytes(content.encode(encoding))
    reading = read_file(file)
    assert [text in draft.text for draft in reading.drafts] == [True] and reading.refusals == []
    ((where, why),) = reading.warnings
    assert where == str(file) and "by its letters; check them, or save it as UTF-8" in why


def test_a_manifest_saved_by_excel_is_read_with_a_warning(empty_study: Study, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Velo fell on Monday.", encoding="utf-8")
    (tmp_path / "manifest.csv").write_bytes(
        "file;outlet;title\na.txt;Süddeutsche Zeitung;Brücke zerstört, Bürger fliehen nach Österreich\n".encode(
            "windows-1252"
        )
    )
    done = add(empty_study, tmp_path)
    assert empty_study.articles()["outlet"].tolist() == ["Süddeutsche Zeitung"]
    assert [Path(where).name for where, _ in done.warnings] == ["manifest.csv"]


@pytest.mark.parametrize(
    "data",
    [
        b"Velo fell.\xff",
        "Вело".encode() + b"\xff",
        "Бои за Вело идут давно".encode()[:-1],
        bytes(range(128, 256)) * 3,
        "é".encode("cp1252"),
    ],
)
def test_what_no_letters_prove_is_refused_and_never_guessed(data: bytes) -> None:
    with pytest.raises(BadFile, match="UTF-8"):
        decode_file(data)


@given(st.binary(min_size=1, max_size=60).filter(lambda data: b"\x00" not in data))
def test_any_bytes_are_a_text_or_refused(data: bytes) -> None:
    for decode in (decode_file, decode_page):
        try:
            text, warning = decode(data)
        except BadFile:
            continue
        assert warning is None or not text.isascii()


# texts that were decoded wrongly before they came here


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Troops took ZÃ¼rich on Monday.", "ZÃ¼rich"),
        ("It was â€œliberatedâ€\x9d again.", "â€œliberated"),
        ("Itâ\x80\x99s over.", "Itâ"),
        ("ÃƒÂ¼ber die BrÃƒÂ¼cke", "BrÃƒÂ¼cke"),  # twice
        ("Ð¡Ð»Ð°Ð²Ð° Ð£ÐºÑ€Ð°Ñ—Ð½Ñ– Ð³ÐµÑ€Ð¾ÑÐ¼", "Ð¡Ð»"),
        ("РЎР»Р°РІР° РЈРєСЂР°С—РЅС– РіРµСЂРѕСЏРј", "РЎР»"),
        ("РђСЂРјРёСЏ вЂњРѕСЃРІРѕР±РѕРґРёР»Р°вЂќ РіРѕСЂРѕРґ", "РђСЂ"),
        ("Velo пїЅ fell", "пїЅ"),
        ("Ve\ufffdo fell", "Ve\ufffdo"),
        ("Ø§Ù„Ø¬ÙŠØ´", "Ø§Ù"),
        ("He said: ????? ???? ?????? to them.", "????"),
    ],
)
def test_letters_that_were_broken_before_are_told_with_their_place(text: str, shown: str) -> None:
    problem = letters_problem(text)
    assert problem is not None and shown.replace("\x80", "").replace("\x99", "") in problem.replace("\x80", "").replace(
        "\x99", ""
    )


@pytest.mark.parametrize("text", [
    *(text for _, text in TEXTS.values()), "Zürich – „Ä“, CAFÉ», NÃO, AMANHÃ”, MAÇÃ»", "À « l’été », à « Noël »", "Ångström £5 ©2024 ½ °C",
    "What??? Really???", "Ñandú, ÑANDÚ", "Ü – Ö – Ä", "Ђорђе и Љиља", "Сўз", "“É” — «Ö»", "Đà Nẵng, Việt Nam", "ΑΒΓ «Δ»",
])  # fmt: skip
def test_letters_that_are_right_are_not_suspected(text: str) -> None:
    assert letters_problem(text) is None


@pytest.mark.parametrize("kind", ["txt", "csv", "jsonl", "html"])
def test_broken_letters_are_warned_of_in_any_file_and_stored_as_they_are(
    empty_study: Study, tmp_path: Path, kind: str
) -> None:
    text = "Northlandâ€™s army took the town of Velo on Monday, and ZÃ¼rich was told about it in the evening."
    content = {
        "txt": text,
        "csv": f'outlet,text\nT,"{text}"\n',
        "jsonl": json.dumps({"outlet": "T", "text": text}),
        "html": page(text, "utf-8"),
    }[kind]
    (tmp_path / f"a.{kind}").write_text(content, encoding="utf-8")
    done = add(empty_study, tmp_path / f"a.{kind}", outlet="T")
    assert len(done.new) == 1 and text in empty_study.articles()["text"][0]
    assert ["look wrongly decoded" in why for _, why in done.warnings] == [True]


# real pages in their regional encodings


def test_real_pages_in_regional_encodings_give_the_same_text(shared: Path) -> None:
    found = recoded(shared / "data" / "extraction", every=18)
    assert found["wrong"] == [] and len(found["refused"]) <= 0.02 * found["tried"]


def recoded(folder: Path, every: int) -> dict[str, list[str]]:  # type: ignore[type-arg]
    """Encode pages in the encodings of their regions, with right, wrong and missing declarations, and decode them."""
    import re

    result: dict[str, list[str]] = {"wrong": [], "refused": [], "same": []}
    for file in sorted((folder / "html").glob("*.gz"))[::every]:
        html = gzip.decompress(file.read_bytes()).decode("utf-8")
        bare = re.sub(r"""(?i)(<meta[^>]{0,200}charset=["']?\s*)[\w.:-]+""", r"\1CHARSET", html[:4096]) + html[4096:]
        cyrillic = len(re.findall("[а-я]", html)) > 100
        for encoding in ("windows-1251", "koi8-r") if cyrillic else ("windows-1252", "macintosh"):
            codec = {"macintosh": "mac_roman"}.get(encoding, encoding)
            for declared in (encoding, "utf-8", "windows-1250", ""):
                text = bare.replace("CHARSET", declared or "x-none", 1)
                text = text.encode(codec, "xmlcharrefreplace").decode(codec)
                name = f"{file.name[:8]} {encoding} as {declared or 'nothing'}"
                try:
                    decoded = decode_page(text.encode(codec), declared or None).text
                except BadFile:
                    result["refused"].append(name)
                else:
                    result["same" if decoded == text else "wrong"].append(name)
    return {**result, "tried": sum(map(len, result.values()))}  # type: ignore[dict-item]
