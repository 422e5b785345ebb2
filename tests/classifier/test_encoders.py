"""Any encoder that transformers can load serves: each family is tried with a tiny random one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from command_line import slantwise
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    AutoModel,
    DebertaV2Config,
    ModernBertConfig,
    PreTrainedConfig,
    PreTrainedTokenizerFast,
    RobertaConfig,
    XLMRobertaConfig,
)

from corpus import Study
from corpus.errors import BadEncoder
from models.classifiers.span_classifier import SpanClassifier
from models.data.labelled import labelled_spans

TINY = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def words_of(study: Study) -> list[str]:
    return [text for text in study.articles()["text"]][:20]


def byte_pairs(texts: list[str]) -> Tokenizer:
    """As RoBERTa and ModernBERT have them."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=600, special_tokens=SPECIAL))
    return tokenizer


def pieces(texts: list[str]) -> Tokenizer:
    """As XLM-R and DeBERTa-v3 have them: a piece may begin with the blank before its word."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=600, special_tokens=SPECIAL, unk_token="<unk>")
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


FAMILIES: dict[str, tuple[PreTrainedConfig, Callable[[list[str]], Tokenizer]]] = {
    "roberta": (RobertaConfig(vocab_size=600, max_position_embeddings=514, pad_token_id=1, **TINY), byte_pairs),
    "xlm-roberta": (XLMRobertaConfig(vocab_size=600, max_position_embeddings=514, pad_token_id=1, **TINY), pieces),
    "modernbert": (
        ModernBertConfig(
            vocab_size=600, max_position_embeddings=512, pad_token_id=1, bos_token_id=0, eos_token_id=2,
            cls_token_id=0, sep_token_id=2, **TINY
        ),
        byte_pairs,
    ),
    "deberta-v3": (
        DebertaV2Config(
            vocab_size=600, max_position_embeddings=512, pad_token_id=1, relative_attention=True,
            position_buckets=32, pos_att_type=["p2c", "c2p"], share_att_key=True, norm_rel_ebd="layer_norm",
            position_biased_input=False, **TINY
        ),
        pieces,
    ),
}  # fmt: skip


def saved(family: str, texts: list[str], folder: Path) -> Path:
    """Write a tiny random encoder as a hub's folder has it."""
    config, train = FAMILIES[family]
    tokenizer = train(texts)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>",
        pad_token="<pad>", unk_token="<unk>", mask_token="<mask>",
    )  # fmt: skip
    fast.save_pretrained(folder)
    AutoModel.from_config(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_of_encoders_is_trained_saved_and_read_again(
    family: str, example_read_only: Study, tmp_path: Path
) -> None:
    data = labelled_spans(example_read_only).select(range(24))
    encoder = str(saved(family, words_of(example_read_only), tmp_path / family))
    for name, learned in {
        "head": SpanClassifier(example_read_only.codebook, encoder=encoder).fit_head(data),
        "all": SpanClassifier(example_read_only.codebook, encoder=encoder, epochs=1).fine_tune(data),
    }.items():
        folder = tmp_path / name
        folder.mkdir()
        learned.save(folder, {"version": "v"})
        found, again = learned.predict_proba(data), SpanClassifier.load(folder).predict_proba(data)
        for variable in found:
            assert np.isfinite(found[variable]).all()
            np.testing.assert_allclose(found[variable], again[variable], atol=1e-5, err_msg=name)


def test_a_model_that_is_no_encoder_of_tokens_is_refused(example_read_only: Study, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "nothing-known"}')
    with pytest.raises(BadEncoder, match="cannot be loaded"):
        SpanClassifier(example_read_only.codebook, encoder=str(tmp_path)).fit_head(
            labelled_spans(example_read_only).select(range(4))
        )


def test_another_encoder_is_named_on_the_command_line_and_kept_in_the_settings(
    example_copy: Path, example_read_only: Study, tmp_path: Path
) -> None:
    folder = example_copy
    encoder = saved("roberta", words_of(example_read_only), tmp_path / "mine")
    file = folder / "study.toml"
    before = file.read_text()
    done = slantwise("train", "--encoder", tmp_path / "none", cwd=folder)
    assert done.returncode == 2 and "cannot be loaded" in " ".join(done.stderr.split()) and file.read_text() == before
    file.write_text(before.replace("# epochs = 6", "epochs = 1"))
    before = (folder / "study.toml").read_text()
    (tmp_path / "hollow").mkdir()
    shutil.copy(encoder / "config.json", tmp_path / "hollow")
    done = slantwise("train", "--encoder", tmp_path / "hollow", cwd=folder)
    assert done.returncode == 2 and "cannot be loaded" in " ".join(done.stderr.split()), done.stderr
    assert (folder / "study.toml").read_text() == before  # what serves no training is not kept
    done = slantwise("train", "--encoder", encoder, "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["encoder"] == str(encoder) == Study.open(folder).settings.model.encoder
