"""Evaluation measures against adjudicated codes where there are any; training learns from all coders as before."""

from __future__ import annotations

import numpy as np

from annotate.adjudication.adjudicate import store_adjudications
from corpus import Study
from corpus.annotation import Adjudication
from models.data.classifier_protocol import coder_shares, correct_codes
from models.data.labelled import labelled_spans
from models.data.reference import reference_codes


def code(
    span: str, variable: str, answer: str, by: str = "lea", round: str = "", at: str = "2026-01-01"
) -> Adjudication:
    return Adjudication(round, span, variable, (answer,), by, "2.0", made_at=at)


def test_without_adjudication_the_reference_is_what_coders_answered(example_study: Study) -> None:
    data = labelled_spans(example_study)
    found = reference_codes(example_study, data)
    assert all(np.array_equal(found[v.name], correct_codes(data, v.name)) for v in example_study.codebook.variables)


def test_an_adjudicated_code_stands_alone(example_study: Study) -> None:
    """What it does not let be asked has no answer."""
    version = example_study.codebook.version
    data = labelled_spans(example_study)
    rows = {span: n for n, span in enumerate(data["span"])}
    asked = coder_shares(data, "wording").sum(axis=1) > 0
    spans = [span for span, n in rows.items() if asked[n]]
    book = example_study.codebook.by_name["wording"]

    def decide(*codes: Adjudication) -> None:
        for round in {one.round for one in codes}:
            mine = [Adjudication(**{**vars(one), "codebook_version": version}) for one in codes if one.round == round]
            store_adjudications(
                example_study, round, {one.span: [m for m in mine if m.span == one.span] for one in mine}
            )

    decide(
        code(spans[0], "mention", "change"), code(spans[0], "wording", "recovery"),
        code(spans[1], "mention", "none"),
        code(spans[2], "wording", "plain", by="majority", at="2026-03-01"),
        code(spans[2], "wording", "liberation", round="earlier"),
    )  # fmt: skip
    found = reference_codes(example_study, data)
    assert book.code_names[found["wording"][rows[spans[0]]]] == "recovery"
    assert found["mention"][rows[spans[1]]] >= 0 and found["wording"][rows[spans[1]]] == -1
    assert book.code_names[found["wording"][rows[spans[2]]]] == "liberation"  # a person's, not a method's
    others = [n for span, n in rows.items() if span not in spans[:3]]
    assert np.array_equal(found["wording"][others], correct_codes(data, "wording")[others])
    assert np.array_equal(coder_shares(labelled_spans(example_study), "wording"), coder_shares(data, "wording"))
