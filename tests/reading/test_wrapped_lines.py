"""Hard-wrapped text is joined in any script, and lines that are paragraphs, verses or items stay apart."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from corpus import Study, add
from corpus.article import normalise
from corpus.readers.text import draft_of_text

CASES = Path(__file__).parents[1] / "data" / "cases"
PARAGRAPHS = {
    "en": (
        "Northland took the town of Velo at dawn on Monday, its ministry of defence said in the evening. The people of "
        "the old quarter had left weeks before, and nobody could say when they would return to their houses.",
        "The bridge remains closed until further notice. Engineers found that two of its pillars had been damaged by the "
        "shelling, and the council has asked the capital for help before the winter begins in the valley.",
        "Schools open again next week.",
    ),
    "de": (
        "Die Armee des Nordlands hat am Montag nach neun Tagen die Stadt Velo eingenommen, wie das Ministerium am Abend "
        "sagte. Die Bewohner der Altstadt waren schon Wochen zuvor geflohen, und niemand weiß, wann sie zurückkehren.",
        "Die Brücke bleibt bis auf Weiteres geschlossen. Fachleute fanden an zwei Pfeilern Schäden durch den Beschuss, "
        "und der Rat der Stadt hat die Hauptstadt um Hilfe gebeten, bevor im Tal der Winter beginnt.",
        "Die Schulen öffnen nächste Woche.",
    ),
    "uk": (
        "Армія Півночі взяла місто Вело на світанку в понеділок, повідомило ввечері міністерство оборони. Мешканці "
        "старого міста виїхали за кілька тижнів до того, і ніхто не знає, коли вони повернуться до своїх домівок.",
        "Міст залишається закритим до подальшого повідомлення. Інженери виявили, що дві його опори пошкоджено обстрілом, "
        "і міська рада попросила столицю про допомогу до початку зими в долині.",
        "Школи відкриються наступного тижня.",
    ),
    "el": (
        "Ο στρατός του Βορρά κατέλαβε την πόλη Βέλο τα ξημερώματα της Δευτέρας, ανακοίνωσε το βράδυ το υπουργείο άμυνας. "
        "Οι κάτοικοι της παλιάς πόλης είχαν φύγει εβδομάδες πριν και κανείς δεν ξέρει πότε θα γυρίσουν.",
        "Η γέφυρα παραμένει κλειστή μέχρι νεωτέρας. Οι μηχανικοί βρήκαν ζημιές σε δύο πυλώνες και το δημοτικό συμβούλιο "
        "ζήτησε βοήθεια από την πρωτεύουσα πριν αρχίσει ο χειμώνας στην κοιλάδα.",
        "Τα σχολεία ανοίγουν την άλλη εβδομάδα.",
    ),
    "ar": (
        "استولت القوات على مدينة فيلو يوم الاثنين بعد أسابيع من القصف العنيف الذي أفرغ البلدة القديمة من سكانها. وقال "
        "الرئيس إن المدينة تحررت أخيرا ووعد بإعادة بناء كل منزل قبل حلول الشتاء في الوادي كله.",
        "وقالت الوزارة إن الجسر سيبقى مغلقا حتى إشعار آخر بعد أن تضررت دعامتان من دعاماته في القصف وطلب مجلس المدينة "
        "المساعدة من العاصمة قبل بداية الشتاء لأن السكان يخشون البرد.",
        "تفتح المدارس الأسبوع المقبل.",
    ),
    "he": (
        "צבא הצפון כבש את העיר ולו עם שחר ביום שני, כך מסר בערב משרד הביטחון. תושבי העיר העתיקה עזבו שבועות קודם לכן "
        "ואיש אינו יודע מתי ישובו לבתיהם ומי יתקן את הגגות לפני החורף הקרב.",
        "הגשר יישאר סגור עד להודעה חדשה. מהנדסים מצאו כי שניים מעמודיו נפגעו בהפגזה ומועצת העיר ביקשה עזרה מן הבירה "
        "לפני תחילת החורף בעמק, משום שהתושבים חוששים מן הקור.",
        "בתי הספר ייפתחו בשבוע הבא.",
    ),
    "hi": (
        "उत्तरी सेना ने सोमवार की सुबह वेलो शहर पर कब्ज़ा कर लिया, रक्षा मंत्रालय ने शाम को यह बताया। पुराने शहर के लोग कई सप्ताह पहले ही "
        "जा चुके थे और कोई नहीं जानता कि वे अपने घर कब लौटेंगे और छतों की मरम्मत कौन करेगा।",
        "पुल अगली सूचना तक बंद रहेगा। इंजीनियरों ने पाया कि गोलाबारी से उसके दो खंभे टूट गए हैं और नगर परिषद ने घाटी में सर्दी शुरू होने से पहले "
        "राजधानी से मदद माँगी है क्योंकि लोग ठंड से डरते हैं।",
        "स्कूल अगले सप्ताह खुलेंगे।",
    ),
    "ka": (
        "ჩრდილოეთის არმიამ ორშაბათს გამთენიისას აიღო ქალაქი ველო, განაცხადა საღამოს თავდაცვის სამინისტრომ. ძველი უბნის "
        "მცხოვრებლებმა ქალაქი რამდენიმე კვირით ადრე დატოვეს და არავინ იცის, როდის დაბრუნდებიან სახლებში.",
        "ხიდი დახურული რჩება შემდეგ შეტყობინებამდე. ინჟინრებმა აღმოაჩინეს, რომ მისი ორი ბურჯი დაზიანებულია დაბომბვით და "
        "საკრებულომ დედაქალაქს დახმარება სთხოვა ზამთრის დაწყებამდე.",
        "სკოლები მომავალ კვირას გაიხსნება.",
    ),
    "zh": (
        "北国军队星期一黎明占领了维洛城，国防部当晚表示。老城区的居民几周前就已经离开，没有人知道他们什么时候能够回家，也没有人知道谁会在冬天到来之前"
        "修好屋顶。市长说，城里的水电供应已经中断了十天，医院只能靠发电机运转。",
        "桥梁仍然关闭，直到另行通知。工程师发现两个桥墩在炮击中受损，市议会请求首都在冬天开始之前提供帮助，因为居民害怕寒冷。记者在现场看到，士兵正在"
        "清理街道上的瓦砾，商店大多没有开门。",
        "学校下星期开学。",
    ),
    "th": (
        "กองทัพเหนือยึดเมืองเวโลได้ในเช้าวันจันทร์ กระทรวงกลาโหมแถลงเมื่อค่ำวันเดียวกัน ชาวเมืองเก่าอพยพออกไปหลายสัปดาห์ก่อนหน้านั้น "
        "และไม่มีใครรู้ว่าพวกเขาจะกลับบ้านเมื่อไร ใครจะซ่อมหลังคาก่อนฤดูหนาวจะมาถึง",
        "สะพานยังคงปิดจนกว่าจะมีประกาศต่อไป วิศวกรพบว่าเสาสะพานสองต้นเสียหายจากการยิงปืนใหญ่ และสภาเมืองได้ขอความช่วยเหลือจากเมืองหลวง "
        "ก่อนฤดูหนาวจะเริ่มขึ้นในหุบเขา เพราะชาวบ้านกลัวความหนาว",
        "โรงเรียนจะเปิดสัปดาห์หน้า",
    ),
    "capitals": (
        "NORTHLAND TOOK THE TOWN OF VELO AT DAWN ON MONDAY, ITS MINISTRY OF DEFENCE SAID IN THE EVENING. THE PEOPLE OF "
        "THE OLD QUARTER HAD LEFT WEEKS BEFORE, AND NOBODY COULD SAY WHEN THEY WOULD RETURN TO THEIR HOUSES.",
        "THE BRIDGE REMAINS CLOSED UNTIL FURTHER NOTICE. ENGINEERS FOUND THAT TWO OF ITS PILLARS HAD BEEN DAMAGED BY THE "
        "SHELLING, AND THE COUNCIL HAS ASKED THE CAPITAL FOR HELP BEFORE THE WINTER BEGINS.",
        "SCHOOLS OPEN NEXT WEEK.",
    ),
}
WIDTHS = (60, 72, 80)
LAYOUTS = {
    "empty lines": lambda paragraphs, width: "\n\n".join(textwrap.fill(p, width) for p in paragraphs),
    "indented first lines": lambda paragraphs, width: "\n".join(
        textwrap.fill(p, width, initial_indent="    ") for p in paragraphs
    ),
    "all indented": lambda paragraphs, width: "\n\n".join(
        textwrap.fill(p, width, initial_indent="  ", subsequent_indent="  ") for p in paragraphs
    ),
    "CRLF": lambda paragraphs, width: "\r\n\r\n".join(
        textwrap.fill(p, width).replace("\n", "\r\n") for p in paragraphs
    ),
}


def read(text: str) -> list[str]:
    return normalise(draft_of_text(text, "a.txt").text).split("\n\n")


def letters(paragraph: str) -> str:
    return "".join(paragraph.split())


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", PARAGRAPHS)
def test_wrapped_paragraphs_are_whole_again(language: str, width: int, layout: str) -> None:
    text = LAYOUTS[layout](PARAGRAPHS[language], width)
    assert [letters(p) for p in read(text)] == [letters(p) for p in PARAGRAPHS[language]]


@pytest.mark.parametrize("width", [22, 25, 30, 36, 40])
def test_a_word_across_lines_of_a_script_without_blanks_is_whole_again(width: int) -> None:
    lines = ["\n".join(textwrap.wrap(paragraph, width)) for paragraph in PARAGRAPHS["zh"]]
    assert read("\n\n".join(lines)) == list(PARAGRAPHS["zh"])


def test_a_name_in_latin_letters_keeps_its_blank_where_a_line_ends() -> None:
    lines = (
        "北国军队星期一黎明占领了维洛城，国防部当晚表示。老城区的居民几周前就已经离开，没有人知道\n"
        "他们什么时候能够回家，也没有人知道谁会修好屋顶。市长在首都的记者会上引用了通讯社 Reuters\n"
        "的报道说，城里的水电供应已经中断了十天，医院只能靠发电机运转，商店大多没有开门。"
    )
    assert read(lines) == ["".join(lines.split("\n")).replace("Reuters", "Reuters ")]


@pytest.mark.parametrize("width", [60, 72])
@pytest.mark.parametrize("language", ["en", "de", "uk"])
def test_words_that_are_hyphenated_at_line_ends_keep_their_hyphens(language: str, width: int) -> None:
    wrapped = []
    for paragraph in PARAGRAPHS[language]:
        lines, rest = [], paragraph
        while len(rest) > width:
            cut = width - 1 if rest[width - 2 : width].isalpha() else rest.rindex(" ", 0, width)
            lines.append((rest[:cut] + "-") if rest[cut : cut + 1].isalpha() else rest[:cut])
            rest = rest[cut:].lstrip()
        wrapped.append("\n".join([*lines, rest]))
    found = read("\n\n".join(wrapped))
    assert len(found) == 3 and "- " in " ".join(found)


def test_the_case_is_one_paragraph(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "study", "territorial-control")
    add(study, CASES / "19-wrapped-arabic" / "ar.txt", outlet="X")
    assert int((study.spans()["unit"] == "paragraph").sum()) == 1


@pytest.mark.parametrize(
    "lines",
    [
        "Velo\n\nצבא הצפון שחרר את העיר אחרי שבועות של מצור, כך אמר דובר משרד\nהביטחון ביום רביעי לרשת BBC. התושבים אומרים כי נשמעות יריות בין\n"
        "הבתים ההרוסים, ורבים מהם כבר עזבו.",
        "Velo\n\n北国军队经过数周围攻之后解放了这座城市，国防部发言\n人星期三表示。居民对BBC说，在被毁的房屋之间仍能听到\n枪声，许多人已经离开了家园。",
    ],
)  # fmt: skip
def test_a_name_in_latin_letters_makes_no_capitals_of_another_script(lines: str) -> None:
    assert len(read(lines)) == 2


def test_wrapped_paragraphs_without_empty_lines_end_where_a_line_is_short() -> None:
    text = "\n".join(textwrap.fill(p, 66) for p in PARAGRAPHS["en"])
    assert [letters(p) for p in read(text)] == [letters(p) for p in PARAGRAPHS["en"]]


@pytest.mark.parametrize(
    "lines",
    [
        # verses
        "The river carried all the winter's snow\nPast walls where no one waited any more,\nAnd in the fields the first of "
        "green would show\nWhat grew there, and for whom, before the war.\nWe counted windows lit along the hill",
        "над рікою стоїть туман\nі ніхто не приходить до нас\nтільки вітер старий мов обман\nперегортає забутий час",
        "大江东去浪淘尽\n千古风流人物\n故垒西边人道是\n三国周郎赤壁",
        # headlines
        "Northland takes Velo after a siege of nine days\nKarsk council asks for help\nBridge closed until further notice\n"
        "Schools to open next week, says mayor of Velo\nRefugees return to the old quarter",
        "القوات تستولي على مدينة فيلو بعد حصار دام تسعة أيام\nمجلس كارسك يطلب المساعدة\nالجسر مغلق حتى إشعار آخر\nالمدارس تفتح أبوابها",
        "北国军队占领维洛城，居民离开家园前往海岸避难\n卡斯克议会请求帮助\n桥梁关闭直到另行通知\n学校下周开学",
        # lists
        "- bread and water for three hundred people in the old town\n- blankets, before the first of the cold nights comes\n"
        "- glass for windows broken by the shelling of the town\n- doctors for the hospital that has no more electricity",
        # paragraphs, one a line
        "Northland took the town.\nThe people had left weeks before, and nobody could say when they would return to their "
        "houses in the old quarter, of which the shelling has left very little.\nThe bridge is closed.\nSchools open.",
        "Короткий рядок.\nЩе один рядок, що трохи довший за перший.\nТретій.",
        # two lines of the same length, each a sentence
        "Northland took the town of Velo on Monday morning at dawn.\nKarsk has asked the capital for help before winter comes.",
    ],
)
def test_verses_headlines_lists_and_paragraphs_stay_lines(lines: str) -> None:
    assert read(lines) == lines.split("\n")
