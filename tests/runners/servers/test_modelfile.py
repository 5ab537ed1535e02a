"""Modelfiles, and the chat templates in them. The expected template of ``tiny`` was written by hand, after Ollama's
documentation of its templates."""

from functools import partial
from pathlib import Path

import pytest

from edgedocs import converters
from edgedocs.containers.gguf import GGUFFile
from edgedocs.containers.gguf_fields import Field
from edgedocs.containers.gguf_split import SplitLimit
from edgedocs.containers.gguf_writer import PlannedTensor, write_gguf
from edgedocs.core.errors import BadInput
from edgedocs.runners.servers.modelfile import Modelfile, write

BY_HAND = '''FROM ./tiny.gguf
PARAMETER num_ctx 512
PARAMETER stop """<|end|>"""
TEMPLATE """{{ range .Messages }}{{ if eq .Role "system" }}<|system|>
{{ .Content }}<|end|>
{{ else if eq .Role "user" }}<|user|>
{{ .Content }}<|end|>
{{ else if eq .Role "assistant" }}<|assistant|>
{{ .Content }}<|end|>
{{ end }}{{ end }}<|assistant|>
"""
'''
# Published templates, shortened to what they do with plain messages.
CHATML = (
    "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
MISTRAL = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + ' [/INST]' }}"
    "{% elif m['role'] == 'assistant' %}{{ m['content'] + '</s>' }}{% else %}"
    "{{ raise_exception('no system messages') }}{% endif %}{% endfor %}"
)
TRIMMING = CHATML.replace("m['content']", "m['content'] | trim")
LAST_ONLY = CHATML.replace("m['content']", "(m['content'] if loop.last else 'earlier')")
DATED = "{{ 'Today' if messages | length > 3 else '' }}" + CHATML


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converters.convert("tiny", tmp_path_factory.mktemp("models") / "tiny.gguf", type="f16").path


def with_fields(file: Path, target: Path, **values: object) -> Path:
    """The same model with other metadata; underlines stand for dots."""
    source = GGUFFile.open(file)
    fields = dict(source.fields)
    for name, value in values.items():
        key = {"template": "tokenizer.chat_template", "adds": "tokenizer.ggml.add_bos_token"}[name]
        like = fields.get(key) or fields["tokenizer.chat_template"]
        fields[key] = Field(like.type, value)
    tensors = [PlannedTensor(t.name, t.type, t.shape, partial(getattr, t, "data")) for t in source.tensors.values()]
    write_gguf(target, fields, tensors)
    return target


def test_it_is_what_a_person_would_write(file: Path) -> None:
    target = file.parent / "Modelfile"
    made = write(file, target)
    assert target.read_text(encoding="utf-8") == BY_HAND
    assert Modelfile.parse(BY_HAND) == made


def test_the_model_is_named_relative_to_the_file(file: Path, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    model = tmp_path / "my model.gguf"
    model.write_bytes(file.read_bytes())
    assert write(model, tmp_path / "deep" / "Modelfile").source == "../my model.gguf"
    assert Modelfile.parse((tmp_path / "deep" / "Modelfile").read_text()).source == "../my model.gguf"


def test_without_a_template_ollama_is_left_to_guess(file: Path, tmp_path: Path) -> None:
    assert write(file, tmp_path / "Modelfile", template=False).template is None
    assert "TEMPLATE" not in (tmp_path / "Modelfile").read_text()


def test_chatml_is_framed(file: Path, tmp_path: Path) -> None:
    made = write(with_fields(file, tmp_path / "m.gguf", template=CHATML), tmp_path / "Modelfile")
    assert made.template is not None
    assert made.template.startswith('{{ range .Messages }}{{ if eq .Role "system" }}<|im_start|>system\n{{ .Content }}')
    assert made.template.endswith("<|im_end|>\n{{ end }}{{ end }}<|im_start|>assistant\n")
    assert made.stops == ("<|im_end|>",)


def test_a_role_that_the_template_refuses_is_left_out(file: Path, tmp_path: Path) -> None:
    made = write(with_fields(file, tmp_path / "m.gguf", template=MISTRAL), tmp_path / "Modelfile")
    assert made.template == (
        '<|endoftext|>{{ range .Messages }}{{ if eq .Role "user" }}[INST] {{ .Content }} [/INST]'
        '{{ else if eq .Role "assistant" }}{{ .Content }}</s>{{ end }}{{ end }}'
    )
    assert made.stops == ("</s>",)


@pytest.mark.parametrize("template", [TRIMMING, LAST_ONLY, DATED])
def test_a_template_that_does_more_is_refused(file: Path, tmp_path: Path, template: str) -> None:
    model = with_fields(file, tmp_path / "m.gguf", template=template)
    with pytest.raises(
        BadInput, match=r"the chat template .*\nremedy: leave the template to Ollama with --no-template"
    ):
        write(model, tmp_path / "Modelfile")
    assert not (tmp_path / "Modelfile").exists()
    assert write(model, tmp_path / "Modelfile", template=False).template is None


@pytest.mark.parametrize("text", ['"""', "{{", "}}"])
def test_texts_that_cannot_be_quoted_are_refused(file: Path, tmp_path: Path, text: str) -> None:
    template = CHATML.replace("<|im_start|>", f"' + {' + '.join(repr(one) for one in text)} + '")
    with pytest.raises(BadInput, match="the chat template"):
        write(with_fields(file, tmp_path / "m.gguf", template=template), tmp_path / "Modelfile")


def test_what_is_no_model_in_one_file_is_refused(file: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no GGUF file"):
        write(Path(__file__), tmp_path / "Modelfile")
    converters.convert("tiny", tmp_path / "m.gguf", type="f16", split=SplitLimit(None, 19))
    with pytest.raises(BadInput, match=r"a model in parts.*\nremedy: edgedocs quantize"):
        write(tmp_path / "m-00001-of-00002.gguf", tmp_path / "Modelfile")
    quoted = tmp_path / 'a"b.gguf'
    quoted.write_bytes(file.read_bytes())
    with pytest.raises(BadInput, match="a name that a Modelfile cannot hold"):
        write(quoted, tmp_path / "Modelfile")


@pytest.mark.parametrize("text", ["ADAPTER ./x\n", 'TEMPLATE """never closed\n'])
def test_other_instructions_are_not_read(text: str) -> None:
    with pytest.raises(BadInput):
        Modelfile.parse(text)
