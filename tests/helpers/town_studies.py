"""A study of three outlets whose wording is known, with a drawn and coded round, for estimates."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
from stores import study_in, write

from annotate.rounds.draw import draw
from annotate.rounds.rounds import assignments
from corpus.annotation import Annotation, Design
from corpus.annotations.cross_fitted import coded_without_draw, copy_groups_of, fold_of, framed_spans
from corpus.annotations.record import record
from corpus.articles.ingest import add
from corpus.study import Study
from corpus.study import database as db
from models.suggestions.stored_suggestions import store_new, suggestion_rows

BOOK = """\
name: towns
version: "1"
unit: mention
mention:
  terms: [took, liberat*]
variables:
  - name: mention
    question: Is it about control?
    codes: [{name: none}, {name: change}]
  - name: wording
    question: Which wording?
    asked_when: {mention: [change]}
    codes: [{name: plain}, {name: liberation}]
  - name: attribution
    question: Whose words?
    asked_when: {mention: [change]}
    codes: [{name: outlet}, {name: quoted}]
focus: wording
"""
OUTLETS = {"Herald": 0.7, "Courier": 0.2, "Post": 0.45}  # the share of liberation
NAMES = ("Velo", "Karsk", "Ardun", "Marn", "Lantry", "Tessel", "Brod", "Orsk", "Senn", "Galt", "Pirra", "Dunmor")
SEED = 20

Truth = dict[str, tuple[str, ...]]  # of a span: its codes of mention, wording and attribution


def town_study(
    folder: Path,
    *,
    articles: int = 30,
    url: str = "sqlite",
    outlets: Mapping[str, float] = OUTLETS,
    other_numbers: Mapping[str, int] | None = None,
) -> Study:
    """Make a study of three outlets, or of these, each with so many articles of four mentions.

    `other_numbers` are the numbers of articles of outlets that have more or fewer.
    """
    study, rng = study_in(folder, BOOK, url=url), random.Random(SEED)
    for outlet, share in outlets.items():
        texts = {
            f"{outlet}/{number}.txt": _text(rng, min(max(rng.gauss(share, 0.15), 0.02), 0.98))
            for number in range((other_numbers or {}).get(outlet, articles))
        }
        rows = "".join(f"{file},{outlet},2024-{1 + n % 3:02}-1{n % 9}\n" for n, file in enumerate(texts))
        source = write(
            folder.with_name(f"{folder.name} {outlet}"), {**texts, "manifest.csv": "file,outlet,published\n" + rows}
        )
        assert add(study, [source]).refusals == []
    return study


def _text(rng: random.Random, share: float) -> str:
    """Four mentions, `liberated` with the probability of the article; each paragraph has words of its own."""
    paragraphs = []
    for _ in range(4):
        a, b = rng.sample(NAMES, 2)
        verb = "liberated" if rng.random() < share else "took"
        words = " ".join("".join(rng.choices("abdegiklmnoprstu", k=6)) for _ in range(18))
        paragraphs.append(f"Troops from {a} {verb} the town of {b} on day {rng.randrange(1, 400)}, {words}.")
    return "\n\n".join([f"News of {rng.randrange(10**6)}", *paragraphs])


def true_codes(study: Study) -> dict[str, Truth]:
    """Return the right codes of every mention: `liberated` is liberation, every tenth is none, a third is quoted."""
    codes: dict[str, Truth] = {}
    spans = study.spans()
    for span, text in spans[spans["unit"] == "mention"][["span", "text"]].itertuples(index=False, name=None):
        rng = random.Random(f"{SEED} {span}")
        if rng.random() < 0.1:
            codes[span] = {"mention": ("none",)}
            continue
        wording = "liberation" if text.startswith("liberat") else "plain"
        codes[span] = {
            "mention": ("change",),
            "wording": (wording,),
            "attribution": (rng.choice(("outlet", "outlet", "quoted")),),
        }
    return codes


def code_round(
    study: Study, round: str, *, slips: float = 0.0, only: Callable[[str], bool] = lambda span: True
) -> None:
    """Answer every blind assignment of a round rightly, but for a share of slips in the wording."""
    truth, version = true_codes(study), study.codebook.version

    def answers() -> Iterable[tuple[str, Annotation]]:
        for number, given in enumerate(assignments(study, round)):
            if given.arm != "blind" or not only(given.span):
                continue
            rng = random.Random(f"{given.coder} {given.span}")
            for variable, codes in truth[given.span].items():
                if variable == "wording" and rng.random() < slips:
                    codes = ("plain",) if codes == ("liberation",) else ("liberation",)
                made_at = f"2024-05-01T10:{number // 60 % 60:02}:{number % 60:02}+00:00"
                yield (
                    f"answer {number}",
                    Annotation(given.span, variable, codes, given.coder, version, round, made_at=made_at),
                )

    assert record(study, answers()).refusals == []


def drawn_and_coded(study: Study, spans: int = 120, **design: object) -> None:
    """Draw a main round for two coders and code it."""
    draw(study, "main", ["mira", "jon"], spans=spans, design=Design(**{"overlap": 0.6, "no_term": 0.0, **design}))  # type: ignore[arg-type]
    code_round(study, "main")


def plant_predictions(study: Study, *, right: float = 0.8, memorised: Iterable[str] = ()) -> None:
    """Store predictions as cross-fitting does; those of `memorised` spans are sure of the right code."""
    truth, rng, known = true_codes(study), np.random.default_rng(SEED), set(memorised)
    spans = sorted({*framed_spans(study), *coded_without_draw(study)})
    groups, seed = copy_groups_of(study, spans), study.settings.model.seed
    classes = {variable.name: variable.code_names for variable in study.codebook.variables}
    with study.store.writing() as connection:
        for span in spans:
            probabilities = {}
            for name, codes in classes.items():
                right_code = truth[span].get(name, (codes[0],))[0]
                sure = 0.999 if span in known else np.clip(rng.normal(right, 0.2), 0.02, 0.98)
                probabilities[name] = np.array(
                    [[sure if code == right_code else (1 - sure) / (len(codes) - 1) for code in codes]]
                )
            store_new(
                connection, suggestion_rows(classes, probabilities, [span], "x-test", fold_of(groups[span], seed))
            )
        db.set_meta(connection, db.CROSS_FITTED, "x-test")
