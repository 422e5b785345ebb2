"""The SpanClassifier is a plain token classifier: its checkpoint, its scores and its seeds are what they seem."""

import json
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import Dataset
from transformers import AutoModelForTokenClassification, AutoTokenizer, pipeline

from corpus import Study
from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.codebook import load
from corpus.errors import BadEncoder, BadRound, NoModel, NothingToLearn
from corpus.study import database as db
from models.classifiers.span_classifier import SpanClassifier
from models.classifiers.tokenization import LENGTH, encode_passages
from models.data.labelled import labelled_spans, shorten_passage, spans_by_id, uncoded_spans
from models.suggestions.checkpoint import Checkpoint, current_checkpoint, train
from models.suggestions.suggest import suggest
from models.suggestions.word_shares import row_word_shares, span_word_shares, word_shares

TEXT = "Town falls\n\nNorthland liberated Velo. Southland says Karsk, which it lost, was never taken."


def rows(*spans: tuple[str, int, int]) -> Dataset:
    """A dataset of spans without answers: (passage, start, end)."""
    return Dataset.from_list(
        [{"span": str(i), "passage": t, "start": a, "end": b} for i, (t, a, b) in enumerate(spans)]
    )


@pytest.fixture(scope="module")
def classifier(trained_folder: Path) -> SpanClassifier:
    """What the session has trained, to be asked."""
    study = Study.open(trained_folder)
    found = current_checkpoint(study).load()
    study.store.close()
    return found


def test_the_checkpoint_loads_in_a_plain_token_classification_pipeline(checkpoint: Checkpoint) -> None:
    assert {f.name for f in checkpoint.folder.iterdir()} >= {
        "model.safetensors",
        "config.json",
        "tokenizer.json",
        "README.md",
    }
    found = pipeline("token-classification", model=str(checkpoint.folder), device="cpu")("Northland liberated Velo.")
    book = load("territorial-control")
    columns = {f"{v.name}={c}" for v in book.variables for c in v.code_names}
    assert {one["entity"] for one in found} <= columns
    assert json.loads((checkpoint.folder / "config.json").read_text())["architectures"] == [
        "BertForTokenClassification"
    ]


def test_a_spans_score_is_the_mean_of_its_tokens_logits(checkpoint: Checkpoint, classifier: SpanClassifier) -> None:
    model = AutoModelForTokenClassification.from_pretrained(checkpoint.folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(checkpoint.folder)
    spans = [(22, 31), (39, 43), (12, 38)]
    tokens = tokenizer(TEXT, return_offsets_mapping=True, return_tensors="pt")
    offsets = tokens.pop("offset_mapping")[0].tolist()
    with torch.inference_mode():
        logits = model(**tokens).logits[0]
    ours = classifier.predict_proba(rows(*((TEXT, a, b) for a, b in spans)))
    for i, (start, end) in enumerate(spans):
        inside = [t for t, (a, b) in enumerate(offsets) if a < end and start < b and b > a]
        mean = logits[inside].mean(dim=0)
        first = 0
        for variable, codes in classifier.classes_.items():
            expected = torch.softmax(mean[first : first + len(codes)], dim=0).numpy()
            np.testing.assert_allclose(ours[variable][i], expected, atol=2e-5)
            first += len(codes)


def test_passages_of_other_lengths_in_the_batch_change_no_score(classifier: SpanClassifier) -> None:
    long = "The ministry said on Monday that talks would go on. " * 12 + "Northland took Velo."
    together = classifier.predict_proba(rows((TEXT, 22, 31), (long, len(long) - 10, len(long) - 6), (TEXT, 39, 43)))
    alone = classifier.predict_proba(rows((TEXT, 22, 31)))
    np.testing.assert_allclose(together["wording"][0], alone["wording"][0], atol=2e-5)


def test_a_span_at_the_end_of_an_endless_passage_is_read_in_its_window(classifier: SpanClassifier) -> None:
    for text in ("Talks went on in Casmere that day. " * 400, "talks went on and " * 900):
        passage = text + "Northland liberated Velo."
        start = len(text) + 10
        data = rows((passage, start, start + 9))
        (item,) = encode_passages(data, classifier.tokenizer)
        assert len(item.input_ids) <= LENGTH
        assert next(passage[slice(*item.offsets[t])] for t in item.spans[0]).lower().startswith("lib")
        assert classifier.predict_proba(data)["wording"][0].sum() == pytest.approx(1)


def test_a_window_never_cuts_the_span() -> None:
    text = " ".join(f"Sentence number {n} stands here." for n in range(200))
    for start in range(0, len(text) - 40, 97):
        left, right = shorten_passage(text, start, start + 40, 300)
        assert left <= start and start + 40 <= right and right - left <= 300


def test_spans_that_the_tokenizer_drops_still_get_a_distribution(classifier: SpanClassifier) -> None:
    found = classifier.predict_proba(rows(("a \u200d\u200d b", 2, 4), ("🇺🇦", 0, 2), ("x", 0, 1)))
    assert np.isfinite(found["wording"]).all()


def test_the_shares_of_the_words_sum_to_the_spans_score(classifier: SpanClassifier) -> None:
    data = rows((TEXT, 12, 38))
    ((*shares,),) = row_word_shares(classifier, data, "wording")
    assert [TEXT[a:b] for a, b, _ in shares] == ["Northland", "liberated", "Velo", "."]
    logits = np.log(classifier.predict_proba(data)["wording"][0])
    assert sum(share for _, _, share in shares) == pytest.approx(logits.max() - logits.mean(), abs=1e-4)


def test_the_shares_of_a_studys_spans_lie_in_its_texts(trained_study: Study, checkpoint: Checkpoint) -> None:
    spans = trained_study.spans()
    wanted = spans[spans["unit"] == "mention"].iloc[:20]
    found = span_word_shares(trained_study, checkpoint.load(), list(wanted["span"]))
    shares = word_shares(trained_study)
    assert shares is not None and shares(list(wanted["span"])) == found
    assert set(found) == set(wanted["span"])
    for span, start, end in wanted[["span", "start", "end"]].itertuples(index=False):
        assert all(start <= a and b <= end for a, b, _ in found[span])


def test_the_same_study_trains_the_same_weights_and_another_seed_others(trained_study: Study) -> None:
    few = labelled_spans(trained_study).select(range(24))
    book = trained_study.codebook

    def fitted(seed: int) -> dict[str, torch.Tensor]:
        return SpanClassifier(book, epochs=1, seed=seed).fine_tune(few).model.state_dict()

    first, again, other = fitted(1), fitted(1), fitted(2)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["classifier.weight"], other["classifier.weight"])


def marked_rows() -> Dataset:
    """Sentences of which half have a loaded word, which coders marked."""
    said = [("shamelessly squeezed", 1.0), ("raised", 0.0)] * 16
    texts = [f"Council {n} {words} the water fee of Velo." for n, (words, _) in enumerate(said)]
    found = {
        "span": [f"s{n}" for n in range(len(texts))], "outlet": ["Herald", "Herald", "Courier", "Courier"] * 8,
        "article": [f"a{n}" for n in range(32)], "copy_group": [f"a{n}" for n in range(32)],
        "passage": texts, "start": [0] * len(texts), "end": list(map(len, texts)),
        "bias": [[1 - biased, biased] for _, biased in said],
        "marked": [[[t.index("sh"), t.index(" sq")]] if "sh" in t else [] for t in texts],
    }  # fmt: skip
    return Dataset.from_dict(found)


def test_words_that_coders_marked_are_learned_in_a_column_of_their_own(tmp_path: Path) -> None:
    data = marked_rows()
    fitted = SpanClassifier(load("lexical-bias"), epochs=12).fine_tune(data)
    assert fitted.columns == ["bias=non-biased", "bias=biased", "marked=word"]
    text = "Council 99 shamelessly squeezed the water fee of Velo."
    ((_, (item,), logits),) = fitted.token_logits(rows((text, 0, len(text))))
    words = [text[a:b] for a, b in item.offsets]
    marked = [words[place] for place in np.flatnonzero(logits[0, :, 2].numpy() > 0)]
    assert "".join(marked) == "shamelessly"
    assert [len(found[0]) for found in fitted.predict_proba(data).values()] == [2]
    fitted.save(tmp_path, {})
    again = SpanClassifier.load(tmp_path).predict_proba(data)["bias"]
    np.testing.assert_allclose(again, fitted.predict_proba(data)["bias"], atol=1e-6)
    assert SpanClassifier(fitted.book, epochs=1).fine_tune(data.remove_columns("marked")).columns[2:] == []


@pytest.mark.parametrize(
    ("context", "reads"), [("0", "took"), ("1", "It rained. Northland took Velo. So it was said.")]
)
def test_how_much_is_read_around_a_span_is_a_setting(tmp_path: Path, context: str, reads: str) -> None:
    from corpus.codebook import read_yaml

    study = Study.create(tmp_path / "s", read_yaml("territorial-control"))
    settings = tmp_path / "s" / "study.toml"
    settings.write_text(settings.read_text().replace('context = "passage"', f'context = "{context}"'))
    text = tmp_path / "a.txt"
    text.write_text("Velo\n\nAll was calm. It rained. Northland took Velo. So it was said. Night fell.")
    study = Study.open(tmp_path / "s")
    add(study, [text], outlet="Herald")
    (row,) = [
        one for one in spans_by_id(study, uncoded_spans(study)) if one["passage"][one["start"] : one["end"]] == "took"
    ]
    assert row["passage"] == reads


def test_a_study_without_a_model_has_no_word_shares(empty_study: Study) -> None:
    assert word_shares(empty_study) is None


def test_a_round_that_is_not_there_and_an_encoder_for_nothing_change_no_setting(empty_study: Study) -> None:
    before = (empty_study.folder / "study.toml").read_text(encoding="utf-8")
    with pytest.raises(BadRound, match="'try-out'"):
        train(empty_study, rounds="try-out")
    with pytest.raises(NothingToLearn, match="no span is coded"):
        train(empty_study, encoder="bundled")
    assert (empty_study.folder / "study.toml").read_text(encoding="utf-8") == before


def test_training_twice_trains_once(trained_study: Study, checkpoint: Checkpoint) -> None:
    before = (checkpoint.folder / "model.safetensors").stat().st_mtime_ns
    heard: list[float] = []
    assert train(trained_study, progress=heard.append).version == checkpoint.version
    assert (checkpoint.folder / "model.safetensors").stat().st_mtime_ns == before and heard == []


def test_the_card_says_what_was_simulated_and_what_the_model_is_not_for(checkpoint: Checkpoint) -> None:
    text = (checkpoint.folder / "README.md").read_text(encoding="utf-8")
    assert "simulated-1, simulated-2 are simulated coders" in text
    assert "Counting its\nsuggestions is not an estimate" in text
    assert checkpoint.about.spans == 469 and checkpoint.about.codebook_digest[:16] in text


def test_suggestions_are_stored_once_for_every_uncoded_mention_of_the_new_outlet(
    trained_study: Study, checkpoint: Checkpoint
) -> None:
    first = suggest(trained_study)
    second = suggest(trained_study)
    spans = spans_by_id(trained_study, uncoded_spans(trained_study))
    assert first.scored + first.cached == second.cached == len(spans) and second.scored == 0
    found = trained_study.suggestions()
    assert set(found["span"]) == set(spans["span"]) and set(found["outlet"]) == {"Northern Lamp"}
    assert set(found["variable"]) == {"mention", "gainer", "wording", "attribution", "speaker"}
    assert all(abs(sum(row.values()) - 1) < 1e-4 for row in found["probabilities"])
    assert set(found["model"]) == {current_checkpoint(trained_study).version}


def test_suggest_looks_only_at_what_has_changed(
    trained_study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer, its removal, a new article and another model are noticed; without them no span is read."""
    from models.suggestions import suggest as suggesting

    looked: list[int | None] = []

    def looking(study: Study, revisions: Collection[str] | None = None) -> list[str]:
        looked.append(None if revisions is None else len(revisions))
        return uncoded_spans(study, revisions)

    monkeypatch.setattr(suggesting, "uncoded_spans", looking)
    first = suggest(trained_study)
    everything = first.scored + first.cached
    assert suggest(trained_study).cached == everything and looked == [None]
    span = uncoded_spans(trained_study)[0]
    code = trained_study.codebook.by_name["mention"].code_names[0]
    add_annotations(trained_study, [{"span": span, "variable": "mention", "code": code, "coder": "mira"}])
    again = suggest(trained_study)
    assert (again.scored, again.cached, looked.pop()) == (0, everything - 1, 1)
    assert suggest(trained_study).cached == everything - 1
    text = tmp_path / "new.txt"
    text.write_text("Troops captured the town of Brenik.\n\nIt was liberated, they said.", encoding="utf-8")
    add(trained_study, text, outlet="Northern Lamp")
    new = suggest(trained_study)
    assert new.scored == len(uncoded_spans(trained_study)) - (everything - 1) > 0
    assert new.cached == everything - 1 and looked.pop() == 1
    with trained_study.store.writing() as connection:
        db.set_meta(connection, "scored", "another model's")
    assert suggest(trained_study).cached == everything - 1 + new.scored and looked.pop() is None


def test_a_study_without_annotations_has_nothing_to_learn(tmp_path: Path) -> None:
    from corpus.codebook import read_yaml

    empty = Study.create(tmp_path / "s", read_yaml("territorial-control"))
    with pytest.raises(NothingToLearn, match="no span is coded"):
        train(empty)


def test_an_encoder_that_is_none_is_refused_in_plain_words(trained_study: Study, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(BadEncoder, match="cannot be loaded"):
        SpanClassifier(trained_study.codebook, encoder=str(tmp_path), epochs=1).fit(
            labelled_spans(trained_study).select(range(4))
        )


def test_spans_of_a_missing_passage_are_named_by_their_id(trained_study: Study) -> None:
    span = trained_study.spans().query("unit == 'mention'")["span"].iloc[0]
    assert list(spans_by_id(trained_study, [span])["span"]) == [span]


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "slantwise.json", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["", "{", "[]", "{}"])
def test_a_damaged_checkpoint_says_what_to_do(
    trained_study: Study, checkpoint: Checkpoint, name: str, damage: str
) -> None:
    file = checkpoint.folder / name
    file.write_text(damage)
    with pytest.raises(NoModel, match="train again with: slantwise train"):
        current_checkpoint(trained_study).load()
