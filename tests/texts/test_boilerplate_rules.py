"""Each rule for headlines, teasers and furniture, on pages of outlets that do not exist."""

from __future__ import annotations

import pytest

from corpus.text.boilerplate import classify_paragraphs

BODY = "Northland's army entered the town of Velo at dawn on Monday, its ministry of defence said in a statement."
MORE = "Officials in Karsk denied it and spoke of fighting in the northern suburbs, where shops stayed closed."
LAST = "Neither account could be checked, since telephone lines to the valley have been cut for a week."


def page(text: str) -> tuple[list[str], list[str]]:
    """Read a hand-made page: `kind| line`, one a line; return its lines and their kinds."""
    rows = [row.strip().partition("| ") for row in text.strip().splitlines()]
    return [line.format(BODY=BODY, MORE=MORE, LAST=LAST) for _, _, line in rows], [kind for kind, _, _ in rows]


# headlines


def test_the_title_says_what_the_headline_is() -> None:
    assert classify_paragraphs(["Velo falls!", BODY], title="Velo Falls") == ["headline", "paragraph"]
    assert classify_paragraphs([BODY], title=BODY[:40]) == ["paragraph"]


def test_a_headline_may_go_on_where_the_title_stops_or_stop_before_the_outlets_name() -> None:
    longer = ["From siege to truce: how Velo got its bridge back", BODY]
    assert classify_paragraphs(longer, title="From siege to truce") == ["headline", "paragraph"]
    assert classify_paragraphs(
        ["How Velo got its bridge back", BODY], title="How Velo got its bridge back | The Harbour Post"
    ) == [
        "headline",
        "paragraph",
    ]


def test_without_a_title_a_first_line_that_looks_like_a_headline_is_one() -> None:
    assert classify_paragraphs(["Velo falls", BODY]) == ["headline", "paragraph"]
    assert classify_paragraphs(["Nordland nimmt Velo ein – Karsk dementiert", BODY]) == ["headline", "paragraph"]
    assert classify_paragraphs(["Velo fell on Monday.", BODY]) == ["paragraph", "paragraph"]


def test_the_browsers_title_is_furniture_beside_the_headline() -> None:
    assert classify_paragraphs(["Velo falls to Northland | Harbour Post", "Velo falls to Northland", BODY])[:2] == [
        "furniture",
        "headline",
    ]


def test_headings_over_the_posts_of_a_live_blog_are_headlines() -> None:
    blocks, marked = page("""
        headline| The siege of Velo: what we know on day nine
        furniture| 12 Posts
        headline| Northland says that the bridge is mined
        furniture| 11:42
        paragraph| {BODY}
        paragraph| {MORE}
        headline| Karsk: mayor leaves the town hall
        furniture| 10:07
        paragraph| {LAST}
        headline| Talks about the dam are to go on tonight, envoys say
        paragraph| {MORE}""")
    assert classify_paragraphs(blocks) == marked


def test_captions_under_a_live_blogs_headings_are_furniture() -> None:
    posts = []
    for place in ("Velo", "Karsk", "Brenik"):
        posts += [
            f"Northland says that it holds {place}",
            f"Smoke rises over the mill of {place}, Northland, on May 3.",
            f"{BODY} In {place} it rained.",
            f"{MORE} In {place} it snowed.",
        ]
    assert classify_paragraphs(posts) == ["headline", "furniture", "paragraph", "paragraph"] * 3
    assert classify_paragraphs(posts[:4])[1] == "paragraph"  # one alone may as well be the post's first sentence


def test_standfirsts_of_an_archive_page_are_paragraphs() -> None:
    openings = [
        "The ministry of defence says that the whole of the valley has been taken, while Karsk speaks of "
        "a truce in all but name",
        "Farmers who went back to their fields found the irrigation works in ruins, with no money "
        "to build them up by the spring",
        "Talks about the dam went on into the night",
    ]
    blocks = [line for n, start in enumerate(openings) for line in (start, f"{n}. {BODY}", f"{n}. {MORE}")]
    assert set(classify_paragraphs(blocks)) == {"paragraph"}


# teasers


def test_sentences_before_the_headline_are_teasers() -> None:
    blocks, marked = page("""
        teaser| A court in Brenik has sentenced two traders for smuggling diesel over the pass.
        teaser| "There will be no second winter," the president of Northland said on Sunday.
        furniture| Videos
        teaser| Karsk's harbour, closed since March, is to open again for grain ships this summer.
        headline| Velo falls to Northland after nine days
        paragraph| {BODY}
        paragraph| {MORE}
        paragraph| {LAST}
        paragraph| The valley has changed hands three times, and each time the mill burned.""")
    assert classify_paragraphs(blocks, title="Velo falls to Northland after nine days") == marked
    blocks[1] = MORE  # without a title: what recurs below shows that the lines above are summaries
    assert classify_paragraphs(blocks) == marked


def test_text_above_a_heading_is_no_teaser_without_reason() -> None:
    assert classify_paragraphs([BODY, MORE, "What happens now in Velo", LAST]) == [
        "paragraph",
        "paragraph",
        "headline",
        "paragraph",
    ]


def test_a_title_printed_again_below_its_article_takes_no_body() -> None:
    blocks = [BODY, MORE, LAST, BODY + " It rained.", "Velo falls to Northland", "It burned."]
    assert "teaser" not in classify_paragraphs(blocks, title="Velo falls to Northland")


@pytest.mark.parametrize(
    ("label", "first", "second"),
    [
        ("Read more", "Karsk closes its schools for the winter", "Why the dam matters to Brenik’s farmers"),
        ("Lesen Sie auch", "Karsk schließt die Schulen bis zum Frühling", "Was der Damm für Brenik bedeutet"),
        ("À lire aussi", "Karsk ferme ses écoles jusqu’au printemps", "Ce que le barrage change pour Brenik"),
        ("Читайте также", "Карск закрывает школы до самой весны", "Почему плотина так важна для Бреника"),
    ],
)
def test_a_recurring_label_leads_to_teasers_in_any_language(label: str, first: str, second: str) -> None:
    blocks, marked = page(f"""
        headline| Velo falls to Northland after nine days
        paragraph| {BODY}
        furniture| {label}
        teaser| {first}
        paragraph| {MORE}
        paragraph| {BODY} It rained.
        furniture| {label}
        furniture| The harbour of Karsk.
        teaser| {second}
        paragraph| {LAST}""")
    assert classify_paragraphs(blocks) == marked


def test_a_list_of_other_headlines_at_the_foot_is_teasers() -> None:
    blocks, marked = page("""
        paragraph| {BODY}
        paragraph| {MORE}
        furniture| Most read
        teaser| Karsk closes its schools for the winter
        teaser| Why the dam matters to Brenik’s farmers
        furniture| SHARE""")
    assert classify_paragraphs(blocks) == marked


def test_another_page_by_its_browser_title_is_a_teaser() -> None:
    blocks, marked = page("""
        paragraph| {BODY}
        paragraph| {MORE}
        furniture| The whole report from the valley:
        furniture| Women carry water past the burned mill of Velo.
        teaser| Nine days under fire in the valley of Velo | Harbour Post
        paragraph| {LAST}""")
    assert classify_paragraphs(blocks) == marked


def test_a_whole_headline_in_capitals_amid_the_text_is_a_teaser() -> None:
    blocks = ["Velo falls to Northland", BODY, "KARSK CLOSES ITS SCHOOLS FOR THE WHOLE WINTER", MORE, LAST]
    assert classify_paragraphs(blocks) == ["headline", "paragraph", "teaser", "paragraph", "paragraph"]


def test_a_videos_title_with_its_duration_is_a_teaser() -> None:
    blocks = ["Velo falls to Northland after nine days", "Watch the bridge of Karsk go down", "01:17", BODY, MORE]
    assert classify_paragraphs(blocks) == ["headline", "teaser", "furniture", "paragraph", "paragraph"]


# furniture


@pytest.mark.parametrize(
    "line",
    [
        "READ MORE: Karsk in flames after siege [PICTURES]",
        "LESEN SIE AUCH: Karsk schließt seine Schulen",
        "DON'T MISS: Why did Karsk close its schools?",
        "Related: Karsk closes its schools for the winter",
        "[Related: Karsk closes its schools for the winter]",
        "© Mira Stahl / Harbour Post",
        "A girl looks out of a cellar in Velo © Mira Stahl",
        "A girl looks out of a cellar in Velo on May 3, 2025. (Photo by Mira Stahl/Harbour Agency)",
        "Foto: Mira Stahl/dpa",
        "Source: Harbour Agency",
        "31 Posts",
        "3 min read",
        "01:17 • Source: HPN",
        "3 May 2025",
        "3. Mai 2025, 12:30 Uhr",
        "Werbung",
        "***",
    ],
)
def test_a_lines_shape_and_its_place_in_the_text_make_it_furniture(line: str) -> None:
    assert classify_paragraphs(["Velo falls", BODY, MORE, line, LAST])[3] == "furniture"


def test_a_prefix_that_recurs_is_a_label() -> None:
    blocks = [BODY, "Lesen Sie auch: Karsk schließt die Schulen", MORE, "Lesen Sie auch: Was der Damm bedeutet", LAST]
    assert classify_paragraphs(blocks) == ["paragraph", "furniture", "paragraph", "furniture", "paragraph"]


def test_a_short_line_that_recurs_is_furniture() -> None:
    blocks = [BODY, "Share this post", MORE, "Share this post", LAST]
    assert classify_paragraphs(blocks) == ["paragraph", "furniture", "paragraph", "furniture", "paragraph"]


def test_bylines_and_dates_under_the_headline_are_furniture() -> None:
    blocks, marked = page("""
        furniture| Politics
        headline| Velo falls to Northland after nine days
        paragraph| The valley has changed hands for the third time.
        furniture| By Mira Stahl and Jon Okafor
        furniture| 3 May 2025
        paragraph| {BODY}
        paragraph| {MORE}""")
    assert classify_paragraphs(blocks) == marked
    french = ["Velo tombe aux mains du Nord après neuf jours", "Par Mira Stahl", "Publié le 3 mai 2025", BODY, MORE]
    assert classify_paragraphs(french)[1:3] == ["furniture", "furniture"]


def test_what_the_outlet_prints_in_other_articles_is_furniture() -> None:
    prompt = "Write to our valley desk if you have seen something."
    about = "The Harbour Post has reported from the valley since 1921. " * 4
    blocks = ["Velo falls to Northland", BODY, MORE, prompt, LAST, BODY * 2, about.strip()]
    found = classify_paragraphs(blocks, repeated={prompt, about.strip()}.__contains__)
    assert found == ["headline", "paragraph", "paragraph", "furniture", "paragraph", "paragraph", "furniture"]


def test_a_long_background_paragraph_that_recurs_across_articles_stays_body() -> None:
    background = "The war began when Northland crossed the river in 2019. " * 4
    assert classify_paragraphs([BODY, background, MORE, LAST], repeated=background.__eq__)[1] == "paragraph"


def test_a_second_copy_of_an_article_keeps_its_body() -> None:
    assert set(classify_paragraphs([BODY, MORE, LAST], repeated=lambda paragraph: True)) == {"paragraph"}
