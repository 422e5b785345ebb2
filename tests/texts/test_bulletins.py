"""Bulletins with one frame and another day, place and number are no copies; edited copies still are.

The first set of bulletins shaped the rule; the second, with its copies, was written afterwards and did not.
"""

from __future__ import annotations

from itertools import combinations

import pytest

from corpus.articles.identity import is_state_of
from corpus.copies.near_duplicates import copy_groups, similarity


def first_set() -> dict[str, str]:
    texts: dict[str, str] = {}
    for i, (v, p, d, n) in enumerate(
        [
            ("captured", "Velo", "Monday", 3),
            ("liberated", "Karsk", "Friday", 7),
            ("retook", "Marn", "Sunday", 12),
            ("took", "Tova", "Tuesday", 4),
        ]
    ):
        texts[f"s{i}"] = f"Northland troops {v} {p} on {d}."
        texts[f"m{i}"] = (
            f"Northland troops {v} the town of {p} on {d}, the ministry of defence said in its daily bulletin. The army lost no soldiers, it said, and the enemy lost {n} tanks and {n * 3} vehicles."
        )
        texts[f"de{i}"] = (
            f"Die Armee von Nordland hat am {['Montag', 'Freitag', 'Sonntag', 'Dienstag'][i]} die Ortschaft {p} eingenommen, teilte das Ministerium mit. Der Gegner verlor {n} Panzer."
        )
        texts[f"ru{i}"] = (
            f"Войска Нордланда {['взяли', 'освободили', 'отбили', 'заняли'][i]} посёлок {['Вело', 'Карск', 'Марн', 'Това'][i]} в {['понедельник', 'пятницу', 'воскресенье', 'вторник'][i]}, сообщило министерство обороны. Противник потерял {n} танков."
        )
        texts[f"d{i}"] = (
            f"War diary, {d}\n\nThe enemy captured no town over the past day.\n\nOn {d} our troops retook the hills above {p}, where the fighting had gone on for a week and nobody had slept.\n\nThe occupied south stays without light.\n\nGlory to those who liberated our land!"
        )
    return texts


def second_set() -> dict[str, str]:
    P = ["Orsen", "Lantry", "Hald", "Brenik", "Perrin"]
    D = ["3 June", "9 June", "17 June", "21 July", "30 July"]
    N = [41, 18, 77, 26, 95]
    W = ["lundi", "jeudi", "samedi", "mercredi", "mardi"]
    Q = ["lunes", "jueves", "sábado", "miércoles", "martes"]
    U = ["у понеділок", "у четвер", "у суботу", "у середу", "у вівторок"]
    UP = ["Орсен", "Лантрі", "Гальд", "Бренік", "Перрін"]
    texts: dict[str, str] = {}
    for i in range(5):
        p, d, n = P[i], D[i], N[i]
        texts[f"loss{i}"] = (
            f"Losses of the enemy on {d}\n\nThe General Staff counted {n * 10} soldiers, {n} tanks, {n + 12} armoured vehicles, {n + 3} guns and {n // 2} drones lost by the enemy in the past day. Fighting went on near {p}."
        )
        texts[f"shell{i}"] = (
            f"Shelling of {p}: {n} houses damaged\n\nThe enemy shelled {p} with artillery on {d}, the head of the region said. {n} houses and a school were damaged, and {i + 2} people were taken to hospital. Rescuers are at work."
        )
        texts[f"fr{i}"] = (
            f"L'armée du Nord a pris {W[i]} la localité de {p}, a annoncé le ministère de la défense dans un communiqué. L'ennemi aurait perdu {n} soldats."
        )
        texts[f"es{i}"] = (
            f"El ejército del norte tomó el {Q[i]} la localidad de {p}, informó el ministerio de defensa en un comunicado. El enemigo perdió {n} soldados."
        )
        texts[f"uk{i}"] = (
            f"Ворог обстріляв {UP[i]} {U[i]}. Пошкоджено {n} будинків, повідомив голова області. Рятувальники працюють на місці."
        )
        texts[f"de{i}"] = (
            f"Lagebericht vom {d.split()[0]}. Juni\n\nIm Raum {p} gab es {n} Gefechte, teilte der Generalstab am Abend mit. Die Truppen hielten ihre Stellungen und wehrten alle Angriffe ab. Aus der Stadt wurden {n // 3} Menschen gebracht."
        )
        texts[f"long{i}"] = (
            f"Operational report of {d}\n\nOver the past day {n} clashes were reported along the front, the General Staff of Sudmar said in its morning report. The enemy launched {n + 7} air strikes and shelled {n * 2} settlements, mostly in the direction of {p}. "
            f"In the direction of {p} our soldiers repelled {i + 4} attacks. In the direction of {P[(i + 2) % 5]} the enemy attacked {i + 9} times without success. "
            f"The air force struck {i + 11} places where soldiers and equipment of the enemy were gathered. Units of the missile forces hit {n // 4} command posts and an ammunition depot. The operational situation in the other directions did not change significantly, the report says. We thank all who defend the country and ask the population to follow the rules of curfew and to keep to the shelters."
        )
    return texts


@pytest.mark.parametrize("bulletins", [first_set(), second_set()], ids=["shaped the rule", "written afterwards"])
def test_bulletins_of_another_day_and_place_are_no_copies(bulletins: dict[str, str]) -> None:
    groups = copy_groups(bulletins)
    assert [(a, b) for a, b in combinations(bulletins, 2) if groups[a] == groups[b]] == []


def edited_wires() -> dict[str, str]:
    wire = "KARSK, May 3 (Agency) - Northland took the town of Velo at dawn on Monday, its ministry of defence said. Officials in Karsk denied it and spoke of fighting in the suburbs."
    copies = {
        "w": wire,
        "liberated": wire.replace("took", "liberated"),
        "cut": wire.split(" - ")[1],
        "staff": "By Mira Stahl\n\n" + wire + " The Herald could not check it.",
        "spelled": wire.replace("May 3", "3 May").replace("Monday", "Monday evening"),
        "edit": wire.replace("ministry of defence", "defence ministry").replace("at dawn", "early"),
    }
    return copies


def edited_stories() -> dict[str, str]:
    story = "Northland says it has taken Orsen\n\nNorthland's army entered the town of Orsen on Tuesday, its ministry of defence said, after nine days of fighting that left 40 houses in ruins. Mayor Lena Harn said from Hald that 300 people were still in the cellars. Sudmar's general staff denied that the town had fallen."
    copies = {
        "o": story,
        "term": story.replace("taken", "liberated").replace("entered", "freed"),
        "agency": "HALD, 17 June (AP) — " + story,
        "update": story.replace("40 houses", "52 houses"),
        "day": story.replace("on Tuesday", "on 17 June"),
        "trans": story.replace("Harn", "Hahrn"),
        "cutoff": story[:260],
        "extra": story + " The Herald could not check either account. Roads to Hald are closed.",
        "low": story.replace("Mayor Lena Harn", "The mayor, Lena Harn,").replace(
            "its ministry of defence", "the defence ministry"
        ),
    }
    return copies


@pytest.mark.parametrize("copies", [edited_wires(), edited_stories()], ids=["shaped the rule", "written afterwards"])
def test_copies_that_were_edited_credited_cut_or_corrected_stay_copies(copies: dict[str, str]) -> None:
    assert len(set(copy_groups(copies).values())) == 1


def test_one_other_place_in_one_sentence_is_another_report() -> None:
    assert similarity("Northland troops captured Velo on Monday.", "Northland troops captured Karsk on Monday.") == 0


def test_a_corrected_number_is_no_other_report() -> None:
    report = "Northland took Velo on Monday, and 12 houses burned near the bridge, its mayor Lena Harn told the Herald."
    assert similarity(report, report.replace("12", "14")) > 0.9


DAILY = {  # in scripts without capitals
    "ar": ("أعلنت وزارة الدفاع يوم {1} أن قواتها {2} بلدة {0} بعد معارك عنيفة استمرت 3 أيام، وأن العدو خسر 12 آلية. "
           "وأضافت الوزارة أن الوضع في بقية الجبهة هادئ وأن المدنيين غادروا المنطقة.",
           [("فيلو", "الاثنين", "حررت"), ("كارسك", "الجمعة", "احتلت"), ("مارن", "الأحد", "استعادت")]),
    "he": ("משרד הביטחון הודיע ביום {1} כי כוחות הצפון {2} את העיירה {0} לאחר קרבות קשים. האויב איבד שנים עשר טנקים. "
           "במשרד אמרו כי המצב בשאר החזית שקט וכי האזרחים עזבו את האזור.",
           [("ולו", "שני", "שחררו"), ("קארסק", "שישי", "כבשו"), ("מארן", "ראשון", "השיבו")]),
    "hi": ("रक्षा मंत्रालय ने {1} को कहा कि उत्तरी सेना ने भीषण लड़ाई के बाद {0} कस्बे को {2} कर लिया। दुश्मन ने बारह टैंक खोए। "
           "मंत्रालय ने कहा कि मोर्चे के बाकी हिस्सों में स्थिति शांत है और नागरिक इलाका छोड़ चुके हैं।",
           [("वेलो", "सोमवार", "मुक्त"), ("कार्स्क", "शुक्रवार", "कब्ज़ा"), ("मार्न", "रविवार", "वापस")]),
    "zh": ("国防部{1}表示，北方军队经过激烈战斗{2}了{0}镇。敌军损失坦克十二辆。国防部说，前线其他地区局势平静，平民已经撤离该地区，"
           "救援物资将在三天内运到。",
           [("维洛", "星期一", "解放"), ("卡尔斯克", "星期五", "占领"), ("马恩", "星期日", "夺回")]),
}  # fmt: skip


@pytest.mark.parametrize("script", DAILY)
def test_bulletins_in_scripts_without_capitals(script: str) -> None:
    """Neither copies of each other nor states of one article; a copy with another verb stays one."""
    frame, days = DAILY[script]
    bulletins = {f"{n}": frame.format(*day) for n, day in enumerate(days)}
    assert len(set(copy_groups(bulletins).values())) == 3
    assert not any(is_state_of(a, b) for a, b in combinations(bulletins.values(), 2))
    first, second = days[0], days[1]
    reworded = frame.format(first[0], first[1], second[2])
    assert len(set(copy_groups({"a": bulletins["0"], "b": reworded}).values())) == 1
    assert is_state_of(bulletins["0"], reworded)
