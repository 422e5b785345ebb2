"""Texts that end before their end: marked, warned of, and in no figure; prompts to subscribe are no text."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from command_line import slantwise
from newsroom import item, newsroom_study, rss
from servers import Site
from stores import code, spans_of, study_in, write

from annotate import draw
from corpus import Study, add, add_feed, list_cut_texts, mark_cut, poll_feeds, term_usage
from corpus.articles.cut import find_cut, is_prompt
from corpus.study.counting import select_answers

CASE = Path(__file__).parents[1] / "data" / "cases" / "25-live-blog-and-paywall"
STUB = "Northland took Velo on Monday after weeks of shelling that had emptied the old"
WHOLE = "Northland took Velo on Monday after weeks of shelling that had emptied the old town, its ministry said."


def texts_of(study: Study) -> list[tuple[str, str]]:
    return [(text.state, text.why) for text in list_cut_texts(study).texts]


def test_a_stub_behind_a_paywall_is_cut_and_its_prompts_are_furniture(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s", "territorial-control")
    added = add(study, CASE / "stub.html", outlet="X")
    assert study.articles()["cut"].tolist() == [True]
    assert spans_of(study, "furniture") == [
        "This article is for subscribers only. Subscribe now to continue reading.",
        "Already a subscriber? Log in.",
    ]
    assert [warning.where for warning in added.warnings] == ["1 cut text"]
    assert len(study.eligible()) == 0 and len(study.terms()) == 0


def test_a_newsletter_line_is_no_body_and_its_article_is_whole(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s", "territorial-control")
    add(study, CASE / "news.html", outlet="X")
    assert study.articles()["cut"].tolist() == [False]
    body = [text for text in spans_of(study, "paragraph")]
    assert len(body) == 2 and body[0].startswith("Northland captured") and body[1].startswith("It was occupied")


@pytest.mark.parametrize(
    ("end", "prompt", "state"),
    [("…", "", "cut"), (" […]", "", "cut"), (" [+1234 chars]", "", "cut"), ("… mehr", "", "cut"), ("...", "", "cut"),
     ("… Read more", "", "cut"), (" town.", "Dieser Artikel ist abonnentenpflichtig.", "cut"),
     (" town.", "Cet article est réservé aux abonnés", "cut"), (" town.", "Sólo para suscriptores", "cut"),
     (" town.", "Доступно лише для передплатників", "cut"), (" town.", "Jetzt abonnieren und weiterlesen", "cut")],
)  # fmt: skip
def test_what_says_that_a_text_is_cut(end: str, prompt: str, state: str) -> None:
    lines = [STUB + end, *([prompt] if prompt else [])]
    kinds = ["paragraph", *(["furniture"] if prompt else [])]
    found = find_cut(lines, kinds)
    assert found is not None and found.state == state
    assert not prompt or is_prompt(prompt)


@pytest.mark.parametrize(
    "lines",
    [[WHOLE], [WHOLE, "“Nobody replied,” she said"], ["Velo falls"], [WHOLE, "Then the roads … were closed."],
     ["The paper wrote that its subscribers could no longer read the site from Monday on.", WHOLE]],
)  # fmt: skip
def test_whole_texts_are_not_cut(lines: list[str]) -> None:
    assert find_cut(lines, ["paragraph"] * len(lines)) is None
    assert not any(map(is_prompt, lines))


def test_a_long_text_in_dots_or_without_a_full_stop_is_unsure_and_counted(tmp_path: Path) -> None:
    study = study_in(tmp_path / "s")
    texts = {"dots.txt": "\n\n".join([WHOLE] * 12 + [STUB + "…"]), "stop.txt": f"{WHOLE}\n\n{WHOLE}\n\n{STUB}"}
    added = add(study, write(tmp_path / "in", texts), outlet="Herald")
    assert [state for state, _ in texts_of(study)] == ["unsure", "unsure"] and added.warnings == []
    assert "2 texts may be cut, and were counted; see: slantwise article cut" in added.notes
    assert len(study.terms()) > 2 and not study.articles()["cut"].any()


def test_rows_of_a_table_that_are_cut_count_in_no_figure(tmp_path: Path) -> None:
    study = study_in(tmp_path / "s")
    rows = [{"id": "1", "text": STUB + "… [+812 chars]"}, {"id": "2", "text": WHOLE}]
    added = add(study, pd.DataFrame(rows), outlet="Herald")
    assert [warning.where for warning in added.warnings] == ["1 cut text"]
    (usage,) = term_usage(study, "took").terms
    assert (usage.articles, usage.hits) == (1, 1)
    assert len(study.eligible()) == 1


def test_text_files_and_the_command_warn_and_can_be_overruled(tmp_path: Path) -> None:
    study = study_in(tmp_path / "s")
    write(tmp_path / "in", {"a.txt": STUB + "…", "b.txt": WHOLE})
    said = slantwise("add", tmp_path / "in", "--outlet", "Herald", cwd=study.folder)
    assert said.returncode == 3 and "warning: 1 cut text: it ends before its end" in said.stderr
    article = list_cut_texts(study).texts[0].article
    assert "whole" in slantwise("article", "cut", article, "--whole", cwd=study.folder).stderr
    assert len(study.eligible()) == 2
    slantwise("add", tmp_path / "in", "--outlet", "Herald", cwd=study.folder)
    assert texts_of(study) == [("whole", "by hand")]


def test_a_feeds_summary_is_marked(tmp_path: Path, site: Site) -> None:
    study = newsroom_study(tmp_path / "study")
    summary = f"<description>{STUB}…</description>"
    site.put("/gone", "<html><body></body></html>")
    site.put("/feed", rss([item(site.url("/gone"), more=summary)]))
    add_feed(study, site.url("/feed"), outlet="Herald")
    polled = poll_feeds(study)
    assert [warning.where for warning in polled.warnings] == ["1 cut text"]


def test_drawn_spans_of_a_cut_text_keep_their_probability_and_leave_the_figures(tmp_path: Path) -> None:
    study = study_in(tmp_path / "s")
    add(study, write(tmp_path / "in", {"a.txt": WHOLE, "b.txt": f"Troops liberated Ardun, {WHOLE}"}), outlet="Herald")
    code(study, "liberated")
    draw(study, "main-1", "mira,jon", spans=2, seed=1)
    before = study.draws()[["span", "pi"]]
    for article in study.articles()["article"]:
        marked = mark_cut(study, article)
    assert marked.state == "cut" and sum(text.drawn for text in list_cut_texts(study).texts) == len(before)
    assert study.draws()[["span", "pi"]].equals(before)
    answers = select_answers(study)
    assert len(answers.frame) == 0 and answers.left_out == {"cut text": 1}


def test_no_article_of_the_example_is_cut(example_read_only: Study) -> None:
    assert list_cut_texts(example_read_only).texts == ()


STUDIES = {
    "a cut text": {"a.txt": STUB + " […]"},
    "a cut and a whole text": {"a.txt": STUB + " […]", "b.txt": WHOLE},
    "no text": {},
    "prompts only": {"a.txt": "Subscribe now to continue reading.\n\nAlready a subscriber? Log in."},
    "no term": {"a.txt": "Rain is expected in the south of the valley until the weekend, the weather office said."},
    "a language that nobody reads": {"a.txt": "Sotilaat ottivat kaupungin maanantaina haltuunsa, ja asukkaat olivat jo lähteneet."},
}  # fmt: skip
COMMANDS = (
    "status", "kwic took", "terms took", "copies list", "events list", "round plan", "round list", "agree", "adjudicate list",
    "doubtful", "evaluate", "suggest", "train", "report", "export out", "export out2 --format jsonl", "respan", "article furniture",
    "article cut", "feeds list", "codebook check", "codebook page", "round draw one --coders mira,jon --spans 2",
)  # fmt: skip


@pytest.mark.parametrize("kind", STUDIES)
def test_no_command_fails_on_a_study_of_odd_texts(tmp_path: Path, kind: str) -> None:
    """Each does its work or says what is missing: none ends as a fault of ours."""
    study = Study.create(tmp_path / "s", "territorial-control")
    if STUDIES[kind]:
        add(study, write(tmp_path / "in", STUDIES[kind]), outlet="The Herald")
    frames = (
        study.spans(),
        study.eligible(),
        study.terms(),
        study.annotations(),
        study.suggestions(),
        study.adjudicated(),
    )
    assert all("span" in frame.columns for frame in frames)
    study.store.close()
    for command in COMMANDS:
        said = slantwise(*command.split(), cwd=tmp_path / "s")
        assert said.returncode in (0, 2, 3) and "a bug in Slantwise" not in said.stderr, (command, said.stderr)


@pytest.mark.parametrize(
    "prompt",
    [
        "Jetzt weiterlesen mit HeraldPlus", "Lesen Sie den ganzen Artikel mit einem Abo", "Conteúdo exclusivo para assinantes",
        "Pozostało 85% tekstu. Artykuł dostępny tylko dla prenumeratorów", "Полный текст доступен только подписчикам",
        "Повний текст доступний лише передплатникам", "Dit artikel is exclusief voor abonnees", "Kun for abonnenter",
        "Den här artikeln är bara för prenumeranter", "Tento článek je pouze pro předplatitele", "订阅后阅读全文",
        "この記事は有料会員限定です。残り1200文字", "هذا المقال متاح للمشتركين فقط", "Bu içerik yalnızca abonelere özeldir",
        "להמשך קריאה", "केवल सदस्यों के लिए", "유료회원 전용",
    ],
)  # fmt: skip
def test_prompts_of_paywalls_in_other_languages(prompt: str) -> None:
    assert is_prompt(prompt)
    found = find_cut([f"{STUB} town.", prompt], ["paragraph", "furniture"])
    assert found is not None and found.state == "cut"


@pytest.mark.parametrize(
    "line",
    [
        "Read also: Karsk occupied again", "Lesen Sie auch: Karsk erneut besetzt", "À lire aussi : Karsk occupée",
        "Lea también: Karsk ocupada", "Leggi anche: Karsk occupata", "Leia também: Karsk ocupada", "Lees ook: Karsk bezet",
        "Czytaj także: Karsk pod okupacją", "Читайте также: Карск оккупирован", "Читайте також: Карськ окуповано",
        "اقرأ أيضا: احتلال كارسك", "延伸阅读：卡尔斯克被占领", "Ayrıca okuyun: Karsk işgal edildi", "Baca juga: Karsk diduduki",
    ],
)  # fmt: skip
def test_another_articles_headline_in_the_text_is_furniture(tmp_path: Path, line: str) -> None:
    study = Study.create(tmp_path / "s", "territorial-control")
    text = f"Velo falls\n\n{WHOLE}\n\n{line}\n\nThe mayor had fled to the coast, a witness said on Tuesday."
    add(study, write(tmp_path / "texts", {"a.txt": text}), outlet="X")
    assert spans_of(study, "furniture") == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Related parties denied it: they said no.", "Read also what he said: nothing.", "Mehr dazu sagte er nicht.",
        "Die Zeitung ist nur mit Abo zu lesen, sagte er.", "订阅这份报纸的人越来越少。", "He read more: nothing.",
    ],
)  # fmt: skip
def test_sentences_about_reading_and_subscribing_are_text(line: str) -> None:
    assert not is_prompt(line)


def test_who_trails_off_is_not_cut() -> None:
    said = find_cut([f"{STUB} town.", "“We waited, and waited…”"], ["paragraph"] * 2)
    closing = find_cut([f"{STUB} town.", "Nobody came.", "And so it goes…"], ["paragraph"] * 3)
    assert [one and one.state for one in (said, closing)] == ["unsure", "unsure"]


@pytest.mark.parametrize("order", [("stub", "whole", "late"), ("late", "stub", "whole"), ("whole", "late", "stub")])
def test_a_whole_text_counts_before_its_beginning(tmp_path: Path, order: tuple[str, ...]) -> None:
    """First behind a paywall, then whole: whichever comes first, the whole text counts, on the day of the beginning."""
    rows = {
        "stub": ("2025-01-03", f"{STUB}…"),
        "whole": ("2025-01-04", f"{WHOLE} The mayor fled."),
        "late": ("2025-01-05", f"{WHOLE} The mayor fled. Shops stayed shut."),
    }
    study = study_in(tmp_path / "s")
    for name in order:
        day, text = rows[name]
        table = f'outlet,url,title,text,published\nHerald,https://herald.example/velo,Velo falls,"{text}",{day}\n'
        add(study, write(tmp_path / name, {f"{name}.csv": table}) / f"{name}.csv")
    articles = study.articles()
    assert articles["cut"].tolist() == [False] and articles["date"].tolist() == ["2025-01-03"]
    assert articles["text"][0].endswith("The mayor fled.")


def test_a_prompt_may_be_followed_by_a_few_words() -> None:
    lines = [
        f"{STUB} town.",
        "Testen Sie unser Angebot. Jetzt weiterlesen.",
        "Alle Artikel auf FAZ.NET, 1. Monat gratis",
    ]
    found = find_cut(lines, ["paragraph", "furniture", "paragraph"])
    assert found is not None and found.state == "cut"
    assert find_cut([*lines[:2], f"{WHOLE} Nobody came."], ["paragraph", "furniture", "paragraph"]) is None


def test_a_counter_of_free_articles_says_nothing_of_the_text() -> None:
    line = "You have 2 free articles remaining this month."
    assert is_prompt(line) and find_cut([f"{STUB} town.", line], ["paragraph", "furniture"]) is None


def test_a_short_page_that_says_it_is_for_subscribers_may_be_cut(tmp_path: Path) -> None:
    head = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
    html = f"<html><head>{head}</head><body><article><h1>Velo</h1><p>{WHOLE}</p><p>{WHOLE[:-1]}, too.</p></article></body></html>"
    study = study_in(tmp_path / "s")
    add(study, write(tmp_path / "in", {"a.html": html, "b.html": html.replace("false", "true")}), outlet="Herald")
    assert [state for state, _ in texts_of(study)] == ["unsure"]
