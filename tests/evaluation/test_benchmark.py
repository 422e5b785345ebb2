"""Benchmarks on public rows: what is read, held out, kept and said."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import slantwise

from annotate.cli.learning.benchmark_classifiers import left_out_sentences
from benchmarks import ablation
from benchmarks.kept_lines import append_line, read_lines
from corpus.errors import BadFile, NothingToLearn
from models.classifiers.encoder import encoder_fingerprint
from models.classifiers.tfidf import TfidfClassifier
from models.data.folds import LEAST, make_split
from models.data.public_data import read_rows
from models.evaluation.benchmark import BenchmarkSettings, benchmark

WORDS = ("shamelessly squeezed the families of Velo", "raised the water fee of Velo by four per cent")


def row(number: int, outlet: str | None, biased: bool, **more: Any) -> dict[str, Any]:
    said = "biased" if biased else "non-biased"
    text = f"Council {number} {WORDS[not biased]}."
    return {"id": f"r{number}", "outlet": outlet, "text": text, "gold": said, "article_id": f"a{number // 2}", **more}


def many(outlets: tuple[str | None, ...] = ("Courier", "Herald"), each: int = 24, **more: Any) -> list[dict[str, Any]]:
    return [row(n, outlets[n % len(outlets)], n % 3 == 0, **more) for n in range(each * len(outlets))]


def write(folder: Path, *rows: Any, name: str = "rows.jsonl") -> Path:
    file = folder / name
    file.write_text(
        "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in rows), encoding="utf-8"
    )
    return file


def kept(folder: Path, **settings: Any) -> BenchmarkSettings:
    """Settings whose trained folds are kept in the test's folder."""
    return BenchmarkSettings(cache=folder / "kept", **settings)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """TF-IDF for the SpanClassifier: what is held out and kept is asked here, not how good a model is."""
    fits: list[int] = []

    class Quick(TfidfClassifier):
        def __init__(self, book, *, encoder="bundled", trainings=1, seed=1):  # type: ignore[no-untyped-def]
            super().__init__(book)
            self.seed = seed

        def fit(self, data, progress=None):  # type: ignore[no-untyped-def]
            fits.append(self.seed)
            return super().fit(data)

    monkeypatch.setattr("models.classifiers.span_classifier.SpanClassifier", Quick)
    monkeypatch.setattr("models.evaluation.faithfulness.deletion_drops", lambda classifier, data, variable: [])
    return fits


def test_a_run_that_was_stopped_goes_on_and_nothing_is_trained_twice(tmp_path: Path, quick: list[int]) -> None:
    file = write(tmp_path, *many())
    first = benchmark("babe", file, settings=kept(tmp_path, outlet="Herald"))
    both = benchmark("babe", file, settings=kept(tmp_path, seed=(1, 2)))
    assert quick == [1, 1, 2, 2]
    assert benchmark("babe", file, settings=kept(tmp_path, seed=(1, 2))) == both and len(quick) == 4
    assert both.outlets["Herald"] == first.outlets["Herald"]  # TF-IDF takes no seed
    assert set(both.seeds) == {"1", "2"} and set(both.baselines) == {"TF-IDF", "commonest code"}
    none = {"macro_f1": 0.0, "interval": [0.0, 0.0], "weighted_f1": 0.0, "weighted_interval": [0.0, 0.0]}
    assert both.differences["TF-IDF"].json() == none
    next((tmp_path / "kept").glob("also-*")).unlink()  # half of a fold: it is made again, and nothing is made up
    assert benchmark("babe", file, settings=kept(tmp_path, seed=(1, 2))) == both and len(quick) == 5
    assert (both.mean.n, both.pooled.n, both.human) == (48, 48, None)
    printed = both.json()
    assert json.loads(json.dumps(printed, allow_nan=False)) == printed and printed["mean"]["n"] == 48
    assert list(both.table().index) == ["Courier", "Herald", "mean"] and both.table()["n"].tolist() == [24, 24, 48]


def test_rows_that_cannot_be_measured_are_listed(tmp_path: Path, quick: list[int]) -> None:
    odd = [
        "{oops",
        {**row(100, None, True)},
        {**row(101, "Tiny", True)},
        {**row(102, "Herald", True), "gold": "no-agreement"},
        {**row(103, "Herald", True), "text": ""},
        {**row(104, "Herald", True), "gold": None},
        {**row(105, "Herald", True), "labels": {"e1": "bia", "e2": "biased"}, "extra": {"a": [1]}},
    ]
    found = benchmark("nuda", write(tmp_path, *many(), *odd), settings=kept(tmp_path))
    assert [one.why.split(" (")[0] for one in found.refusals] == [
        "the line is not JSON",
        "the row has no text",
        "'bia' is not a code of bias in lexical-bias 1.0; the nearest is 'biased'",
    ]
    assert found.left_out == {"published as no code: bias no-agreement": 1, "neither gold nor labels": 1}
    assert (found.no_outlet, found.few_rows, set(found.outlets)) == (1, {"Tiny": 1}, {"Courier", "Herald"})
    assert left_out_sentences(found)[-2:] == [
        "outlets with fewer than 20 rows, not held out or not in the mean: Tiny 1",
        "1 rows name no outlet; they are neither trained on nor tested",
    ]


def test_a_second_file_is_tested_on_without_its_copies_in_training(tmp_path: Path, quick: list[int]) -> None:
    train = write(tmp_path, *many())
    test = write(tmp_path, *many(("Lamp", "Post", None))[48:], many()[0] | {"outlet": "Lamp"}, name="test.jsonl")
    found = benchmark("babe", train, test=test, settings=kept(tmp_path))
    assert found.protocol == "test" and set(found.outlets) == {"Lamp", "Post"} - set(found.few_rows)
    assert found.trained_on == {"the second file": 47} and found.dropped["the second file"]["copies"] == 1
    assert found.pooled.n == 25 and found.no_outlet == 8


def test_kinds_of_bias_are_variables_and_their_published_folds_are_kept(tmp_path: Path, quick: list[int]) -> None:
    kinds = (["none"], ["informational"], ["lexical"], ["informational", "lexical"])
    rows = [{**one, "gold": kinds[n % 4], "fold_berg": n // 8, "story_id": n // 4} for n, one in enumerate(many())]
    file = write(tmp_path, *rows)
    found = benchmark("basil", file, settings=kept(tmp_path, protocol="folds"))
    assert list(found.folds) == [f"fold {n}" for n in range(6)]
    assert (found.variable, set(found.variables)) == ("informational", {"informational", "lexical"})
    assert set(found.mean.codes) == {"absent", "present"} and found.mean.weighted_f1 is not None
    held_out = benchmark("basil", file, settings=kept(tmp_path))
    assert held_out.dropped["Herald"] == {"copies": 0, "events": 0, "events_kept": 24}  # each story is in both


def test_rows_of_a_tested_event_are_left_out_where_enough_others_stay(tmp_path: Path) -> None:
    data = read_rows("babe", write(tmp_path, *[{**one, "story_id": n // 24} for n, one in enumerate(many())])).data
    few, most = np.arange(48) < 2, np.isin(np.arange(48), (0, 24))
    assert len(make_split(data, few, "few").parts["train"]) == 24  # the other event
    kept = make_split(data, most, "most")
    assert len(kept.parts["train"]) == 46 and kept.dropped["events_kept"] == 46
    assert LEAST == 0.5


def test_what_is_read_around_a_row_is_a_setting_and_so_are_its_marked_words(tmp_path: Path) -> None:
    around = {"context_before": "First. Then.", "context_after": "So. Last.", "title": "Fee"}
    one = row(1, "Herald", True, spans=[{"start": 0, "end": 7}], **around)
    file = write(tmp_path, one, many()[0])
    bare, near, whole = (read_rows("babe", file, context=context).data[0] for context in ("0", "1", "passage"))
    assert bare["passage"] == one["text"] and bare["marked"] == [[0, 7]]
    assert near["passage"] == f"Then. {one['text']} So." and near["marked"] == [[6, 13]]
    assert whole["passage"] == f"Fee\n\nFirst. Then. {one['text']} So. Last." and whole["marked"] == [[18, 25]]
    for said in (bare, near, whole):
        assert said["passage"][said["start"] : said["end"]] == one["text"]
    assert read_rows("babe", file, marks=False).data[0]["marked"] == []


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (many(("Herald",)), "needs two outlets, one of 20 rows or more; found: Herald 24. Measure by random folds"),
        (many((None,)), "found: none"),
        (many(each=4), "found: Courier 4, Herald 4"),
    ],
)
def test_where_no_outlet_can_be_held_out_the_ways_that_remain_are_named(
    tmp_path: Path, rows: list[dict[str, Any]], why: str
) -> None:
    with pytest.raises(NothingToLearn, match=why):
        benchmark("babe", write(tmp_path, *rows), settings=kept(tmp_path))
    with pytest.raises(BadFile, match="no row has a text and a published code"):
        read_rows("babe", write(tmp_path, {"outlet": "Herald"}))


def test_the_command_trains_a_plain_classifier_beside_ours_and_prints_both(tmp_path: Path, tiny: Path) -> None:
    file = write(tmp_path, *many(), {"text": "", "outlet": "Herald", "gold": "biased"})
    words = (
        "benchmark",
        "babe",
        file,
        "--plain",
        "--encoder",
        tiny,
        "--cache",
        tmp_path / "kept",
        "--outlet",
        "Herald",
    )
    said = slantwise(*words, cwd=tmp_path)
    assert said.returncode == 3 and "the row has no text" in " ".join(said.stderr.split()), said.stderr
    assert "plain" in said.stdout and "Herald" in said.stdout and "SpanClassifier over plain" in said.stdout
    found = json.loads(slantwise(*words, "--json", cwd=tmp_path).stdout)
    assert set(found["baselines"]) == {"TF-IDF", "commonest code", "plain"} and found["encoder"] == str(tiny)


def test_an_encoder_whose_weights_were_exchanged_is_another_one(tiny: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny, tmp_path / "mine"))
    before = encoder_fingerprint(str(folder))
    (folder / "model.safetensors").write_bytes(b"other weights")
    assert encoder_fingerprint(str(folder)) != before and before.startswith(f"{folder} ")
    assert encoder_fingerprint("bundled") == "bundled" and encoder_fingerprint("org/encoder") == "org/encoder"


def test_what_cannot_be_measured_is_said_in_plain_words(tmp_path: Path) -> None:
    two = write(tmp_path, row(0, "Herald", True), row(1, "Herald", False), name="two.jsonl")
    (tmp_path / "file").write_text("x")
    for words, said in (
        ((two, "--protocol", "folds"), "random folds need two rows with the same code; found 2 rows"),
        ((two, "--seed=-1"), "should be greater than or equal to 0"),
        ((two, "--cache", tmp_path / "file"), f"--cache {tmp_path / 'file'}: it cannot be used as the folder"),
        ((two, "--text-only", "--context", "1"), "--context 1: a text-only benchmark reads no context"),
        ((two, "--test", two, "--outlet", "Herald"), f"--test {two}: it sets the test data; leave out the outlet"),
        ((two, "--outlet", "Lamp"), "--outlet Lamp: no row is from this outlet; outlets: Herald"),
    ):
        done = slantwise("benchmark", "babe", *words, cwd=tmp_path)
        assert done.returncode == 2 and said in " ".join(done.stderr.split()), done.stderr


def test_settings_that_are_none_are_named_with_those_that_are() -> None:
    with pytest.raises(NothingToLearn, match="protocol='fold': expected outlets or folds"):
        BenchmarkSettings(protocol="fold")
    with pytest.raises(NothingToLearn, match="context='2': expected 0 or 1 or passage"):
        BenchmarkSettings(context="2")
    with pytest.raises(NothingToLearn, match="protocol='folds': it holds out no outlets"):
        BenchmarkSettings(protocol="folds", outlet="Herald")
    with pytest.raises(BadFile, match="data_set='bab': expected one of babe"):
        benchmark("bab", "rows.jsonl")


def test_empty_fields_are_no_values(tmp_path: Path) -> None:
    odd = row(0, "", True, story_id="", spans=3)
    ((one,), _) = (rows := read_rows("babe", write(tmp_path, odd))).data, rows
    assert (one["outlet"], one["event"], one["marked"]) == (None, None, [])


def test_a_second_file_without_outlets_is_measured_as_a_whole(tmp_path: Path, quick: list[int]) -> None:
    train = write(tmp_path, *many())
    left = [{**row(n, None, True), "gold": "no-agreement"} for n in range(3)]
    test = write(tmp_path, *[row(n, None, n % 3 == 0) for n in range(100, 130)], *left, name="test.jsonl")
    found = benchmark("nuda", train, test=test, settings=kept(tmp_path))
    assert (found.mean, found.outlets, found.pooled.n) == (None, {}, 30)
    assert found.left_out == {"published as no code: bias no-agreement": 3}


def test_an_ablation_that_was_stopped_goes_on(
    tmp_path: Path, quick: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its table compares each setting with the classifier as it is."""
    monkeypatch.setattr(ablation, "RESULTS", tmp_path / "lines.jsonl")
    file = write(tmp_path, *many())
    ablation.run(file, "outlets", ["TF-IDF"], [1], tmp_path / "kept")
    kept = read_lines(ablation.RESULTS)
    append_line(
        ablation.RESULTS, {**kept[0], "seed": 3}
    )  # of a run that was stopped after one outlet: it does not count
    ablation.run(file, "outlets", ["TF-IDF", "as it is"], [1, 2], tmp_path / "kept")
    measured = [
        (one["configuration"], one["seed"], one["part"]) for one in read_lines(ablation.RESULTS) if one["seed"] < 3
    ]
    assert measured == [
        *[("TF-IDF", 1, "Courier"), ("TF-IDF", 1, "Herald"), ("as it is", 1, "Courier"), ("as it is", 1, "Herald")],
        *[("TF-IDF", 2, "Courier"), ("as it is", 2, "Courier"), ("TF-IDF", 2, "Herald"), ("as it is", 2, "Herald")],
    ]
    assert ablation.table("outlets").splitlines()[2:] == [
        f"| as it is | {1:.3f} | 0.000 | 2 | – |",
        f"| TF-IDF | {1:.3f} | 0.000 | 2 | {0:+.3f} [{0:+.3f}, {0:+.3f}] |",
    ]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random encoder of the test's own words."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    special = {name: name for name in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")}
    vocabulary = {word: n for n, word in enumerate([*special, *sorted({w for t in WORDS for w in t.split()})])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    folder = tmp_path_factory.mktemp("tiny")
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertModel(BertConfig(vocab_size=len(vocabulary), **size)).save_pretrained(folder)
    return folder
