import sys
from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners.chat import render
from tests.requirements import require

WHERE = Path("model")
ASKED = [{"role": "user", "content": "<b> & 'é'"}]


@pytest.fixture
def jinja2() -> None:
    require("jinja2")


@pytest.mark.usefixtures("jinja2")
@pytest.mark.parametrize(
    ("template", "prompt"),
    [
        ("{{ bos_token }}{{ messages[0]['content'] }}", "<s><b> & 'é'"),
        ("{{ messages[0] | tojson }}", '{"role": "user", "content": "<b> & \'é\'"}'),
        ("{% for m in messages %}\n  {% if true %}\n{{ m.role }}\n  {% endif %}\n{% endfor %}", "user\n"),
        ("{% if add_generation_prompt %}answer:{% endif %}{{ missing }}", "answer:"),
    ],
)
def test_a_template_is_rendered_as_transformers_does(template: str, prompt: str) -> None:
    assert render(template, ASKED, {"bos_token": "<s>"}, WHERE) == prompt


@pytest.mark.usefixtures("jinja2")
@pytest.mark.parametrize(
    "template",
    [
        "{{ raise_exception('roles must alternate') }}",
        "{% for %}",
        "{{ messages[5].content.x }}",
        "{{ 1 // 0 }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ messages.append(1) }}",
        "{% include '/etc/passwd' %}",
        "{% for i in range(10**9) %}{% endfor %}",
        "{{ cycler.__init__.__globals__ }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
    ],
)
def test_a_template_that_fails_or_reaches_out_is_refused(template: str) -> None:
    with pytest.raises(BadInput, match="the chat template fails"):
        render(template, ASKED, {}, WHERE)


def test_without_a_template_the_remedy_is_named() -> None:
    with pytest.raises(BadInput, match="no chat template\nremedy: use generate"):
        render(None, ASKED, {}, WHERE)


@pytest.mark.parametrize("message", [{}, {"role": "user"}, {"role": 1, "content": "x"}, {"content": "x"}])
def test_an_incomplete_message_is_refused(message: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="message 1 is incomplete"):
        render("x", [*ASKED, message], {}, WHERE)


def test_without_jinja_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("jinja2", "jinja2.sandbox"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(CannotRun, match="pip install"):
        render("x", ASKED, {}, WHERE)
