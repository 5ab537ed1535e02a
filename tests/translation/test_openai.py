"""The translator ``openai`` against a real server: what is sent, and what is taken from answers."""

import json
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.translation.endpoint import Completion, Patience
from edgedocs.translation.endpoint.prompt import RULES, answer, messages
from edgedocs.translation.glossary import Term
from edgedocs.translation.language import bare
from edgedocs.translation.translators import NotTranslated, Request, Settings, translators
from edgedocs.translation.translators.openai import OpenAITranslator
from edgedocs.translation.tree import Tree
from tests.requirements import require
from tests.translation.provider import Script, answers, completion, error, provider

TREE = Tree(Path("docs"), Path("translations"))
QUICK = Patience(attempts=3, first=0.01, longest=5)


def ask(text: str = "A block holds **32** weights, see ⟦1⟧.", **options: object) -> Request:
    return Request(bare("cs"), "sizes.md", "paragraph", text, **options)  # type: ignore[arg-type]


def translator(base: str | None, **options: object) -> OpenAITranslator:
    require("httpcore")
    return OpenAITranslator(Settings(TREE, endpoint=base, **options), QUICK)  # type: ignore[arg-type]


def test_the_registry_finds_it() -> None:
    assert translators.get("openai") is OpenAITranslator


def test_a_translation_and_what_it_took() -> None:
    with provider(answers("Blok má **32** vah, viz ⟦1⟧.")) as server:
        given = translator(server.base, model="m", price=(1.0, 2.0)).translate(ask())
    assert given.text == "Blok má **32** vah, viz ⟦1⟧."
    assert (given.usage.sent, given.usage.received) == (50, 20)
    assert given.usage.cost == pytest.approx((50 * 1 + 20 * 2) / 1e6)


def test_the_request_is_what_the_api_asks_for() -> None:
    with provider(answers("ano")) as server:
        translator(server.base, model="m", key="secret").translate(ask())
        (received,) = server.received
    assert received.path == "/v1/chat/completions"
    assert received.headers["authorization"] == "Bearer secret"
    document = received.document
    assert (document["model"], document["temperature"], document["stream"]) == ("m", 0, False)
    assert isinstance(document["seed"], int)
    assert document["max_tokens"] >= 1000
    assert [message["role"] for message in document["messages"]] == ["system", "user"]


def test_without_a_key_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")  # a proxy that would refuse: it is not asked
    with provider(answers("ano")) as server:
        translator(server.base).translate(ask())
        (received,) = server.received
    assert "authorization" not in received.headers
    assert "model" not in received.document


def test_the_same_request_twice_is_the_same() -> None:
    with provider(answers("ano")) as server:
        for _ in range(2):
            translator(server.base).translate(ask(before="Before.", after="After."))
        first, second = server.received
    assert first.document == second.document


def test_context_terms_and_what_was_refused_are_shown() -> None:
    request = ask(
        before="The text before.",
        after="The text after.",
        previous="Blok měl 16 vah.",
        terms=(Term("block", "blok", "not kvádr"),),
        findings=("the placeholder ⟦1⟧ is missing",),
        refused="Blok má 32 vah.",
    )
    with provider(answers("ano")) as server:
        translator(server.base).translate(request)
        (received,) = server.received
    for shown in ("The text before.", "The text after.", "Blok měl 16 vah.", "- block: blok (not kvádr)", "sizes.md"):
        assert shown in received.prompt
    assert received.piece == request.text
    roles = [message["role"] for message in received.document["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert received.document["messages"][2]["content"] == "Blok má 32 vah."
    assert "the placeholder ⟦1⟧ is missing" in received.document["messages"][3]["content"]


def test_neighbours_are_cut_and_a_huge_refused_answer_is_not_repeated() -> None:
    shown = messages(
        ask(before="a" * 10**6, after="b" * 10**6, previous="c" * 10**6, findings=("x",), refused="d" * 10**6)
    )
    assert sum(len(message["content"]) for message in shown) < 10_000


MARKED = st.text(alphabet="-BEGINPIECD 0123456789abcdef\n⟦⟧", max_size=200)


@given(MARKED, MARKED, MARKED)
def test_the_marks_stand_nowhere_else(text: str, before: str, previous: str) -> None:
    request = ask(text or "a", before=before, previous=previous)
    user = messages(request)[1]["content"]
    tag = user.rsplit("-----", 2)[1].rsplit(" ", 1)[1]
    assert user.count(tag) % 2 == 0
    assert not any(tag in part for part in (text, before, previous))
    assert f"-----BEGIN PIECE {tag}-----\n{request.text}\n-----END PIECE {tag}-----" in user


# What is taken away from an answer, and what is not.

TAKEN = {
    "blank lines": ("\n\nAno.\n\n", "Ano."),
    "a blank in front": (" Ano.", "Ano."),
    "carriage returns": ("Ano.\r\nNe.\r\n", "Ano.\nNe."),
    "reasoning": ("<think>Yes is ano.\n</think>\n\nAno.", "Ano."),
    "reasoning that the template began": ("Yes is ano.</think>Ano.", "Ano."),
    "a fence around it": ("```markdown\nAno.\n\nNe.\n```", "Ano.\n\nNe."),
    "a preamble stays": ("Here is the translation:\n\nAno.", "Here is the translation:\n\nAno."),
    "quotation marks stay": ('"Ano."', '"Ano."'),
    "HTML stays": ("<p>Ano.</p>", "<p>Ano.</p>"),
    "a remark stays": ("Ano.\n\n(Note: informal.)", "Ano.\n\n(Note: informal.)"),
    "a fence inside stays": ("Ano:\n```\nx\n```", "Ano:\n```\nx\n```"),
    "two fences stay": ("```\na\n```\nb\n```\nc\n```", "```\na\n```\nb\n```\nc\n```"),
    "a replacement character stays": ("An\ufffd.", "An\ufffd."),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_taken_from_an_answer(name: str) -> None:
    said, text = TAKEN[name]
    assert answer(ask("Yes."), Completion(said, "stop")) == text


def test_indentation_stays_where_the_source_has_it() -> None:
    assert answer(ask("    Yes."), Completion("\n    Ano.\n", "stop")) == "    Ano."


def test_our_own_marks_around_the_answer_go() -> None:
    request = ask("Yes.")
    begin, _, end = messages(request)[1]["content"].split("\n")[-3:]
    assert answer(request, Completion(f"{begin}\nAno.\n{end}", "stop")) == "Ano."


def test_text_about_reasoning_is_left_alone() -> None:
    assert answer(ask("It writes `</think>`."), Completion("Píše `</think>`.", "stop")) == "Píše `</think>`."


REFUSED = {
    "cut off": (completion("Ano", "length"), "cut off"),
    "cut off while it reasons": (completion("", "length", reasoning_content="Hm"), "cut off"),
    "the provider's filter": (completion("", "content_filter"), "refuses"),
    "a refusal": (completion(None, "stop", refusal="I can't help with that."), "I can't help with that."),
    "a call of a tool": (completion(None, "tool_calls", tool_calls=[]), "tool_calls"),
    "an unknown reason": (completion("Ano", "error"), "'error'"),
    "nothing": (completion(""), "empty"),
    "null": (completion(None), "empty"),
    "blanks": (completion("\n \n\t"), "empty"),
    "reasoning alone": (completion("<think>Hm</think>\n"), "empty"),
    "reasoning without an end": (completion("<think>Hm, hm, hm"), "without an end"),
    "half a surrogate pair": (completion("Ano \ud800"), "surrogates"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_no_translation(name: str) -> None:
    body, words = REFUSED[name]
    with provider(lambda handler, _: handler.reply(body)) as server:
        with pytest.raises(NotTranslated) as caught:
            translator(server.base).translate(ask())
        assert len(server.received) == 1
    assert words in str(caught.value)
    assert caught.value.remedy
    assert caught.value.exit_code == 1
    assert "cs sizes.md" in str(caught.value)


def test_an_echo_of_the_prompt_is_no_translation() -> None:
    with (
        provider(lambda handler, received: handler.reply(completion(received.prompt))) as server,
        pytest.raises(NotTranslated, match="repeats the prompt"),
    ):
        translator(server.base).translate(ask())


def test_text_in_parts_is_joined() -> None:
    parts = [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": "An"}, {"type": "text", "text": "o."}]
    with provider(lambda handler, _: handler.reply(completion(parts))) as server:  # type: ignore[arg-type]
        assert translator(server.base).translate(ask()).text == "Ano."


def test_a_segment_that_is_too_long_is_not_sent() -> None:
    with provider(answers("ano")) as server:
        with pytest.raises(NotTranslated, match="characters in one segment"):
            translator(server.base).translate(ask("a" * 10_000_000))
        assert server.received == []


# What a server may not know is not sent again.


@pytest.mark.parametrize(
    ("message", "gone", "there"),
    [
        (
            "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
            "max_tokens",
            "max_completion_tokens",
        ),
        ("Unsupported value: 'temperature' does not support 0 with this model.", "temperature", "seed"),
        ("Extra inputs are not permitted: seed", "seed", "temperature"),
    ],
)
def test_a_parameter_that_the_model_does_not_take(message: str, gone: str, there: str) -> None:
    with provider(Script([error(400, message), answers("ano")])) as server:
        one = translator(server.base)
        assert one.translate(ask()).text == "ano"
        one.translate(ask("And then?"))
        documents = [received.document for received in server.received]
    assert gone in documents[0]
    assert [gone in document for document in documents[1:]] == [False, False]
    assert there in documents[2]


def test_a_template_without_a_system_role() -> None:
    with provider(Script([error(400, "System role not supported"), answers("ano")])) as server:
        translator(server.base).translate(ask())
        first, second = (received.document["messages"] for received in server.received)
    assert [message["role"] for message in second] == ["user"]
    assert second[0]["content"] == "\n\n".join(message["content"] for message in first)


TOO_LONG = "This model's maximum context length is 512 tokens; reduce the length of the messages or max_tokens"


@pytest.mark.parametrize("model", [None, "m"])
def test_a_context_that_is_too_short_fails_the_segment(model: str | None) -> None:
    with provider(error(400, TOO_LONG)) as server:
        with pytest.raises(NotTranslated, match="maximum context length is 512"):
            translator(server.base, model=model).translate(ask())
        first, second = (received.document["max_tokens"] for received in server.received)
    assert second < first


def test_a_context_with_room_for_a_shorter_answer_is_enough() -> None:
    with provider(Script([error(400, TOO_LONG), answers("ano")])) as server:
        assert translator(server.base).translate(ask("Yes. " * 200)).text == "ano"
        assert server.received[1].document["max_tokens"] >= 500


@pytest.mark.parametrize(
    "document",
    [{"error": {"message": "you must provide a model parameter"}}, {"error": {"message": "model is required"}},
     {"detail": [{"type": "missing", "loc": ["body", "model"], "msg": "Field required"}]}],
)  # fmt: skip
def test_a_server_that_wants_a_model_ends_the_run(document: object) -> None:
    with provider(lambda handler, _: handler.reply(json.dumps(document), 400)) as server:
        with pytest.raises(CannotRun, match="may want the name of a model"):
            translator(server.base).translate(ask())
        assert len(server.received) == 1


# Addresses and options.


@pytest.mark.parametrize(
    "endpoint",
    [None, "", "127.0.0.1:8080/v1", "ftp://127.0.0.1/v1", "file:///etc/passwd", "http://", "http://host name/v1",
     "http://127.0.0.1:99999/v1", "http://127.0.0.1:x/v1", "https://[::1/v1", "https://exämple.org/v1",
     "https://host/v1?key=hunter2", "https://host/v1#hunter2", "https://user:hunter2@host/v1",
     "https://host/a b\r\nX: y"],
)  # fmt: skip
def test_no_endpoint(endpoint: str | None) -> None:
    with pytest.raises(BadInput) as caught:
        translator(endpoint)
    assert "hunter2" not in str(caught.value)
    assert "http://127.0.0.1:8080/v1" in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "[::1]", "LOCALHOST"])
def test_plain_http_on_this_machine(host: str) -> None:
    translator(f"http://{host}:8080/v1").close()


@pytest.mark.parametrize("host", ["10.0.0.1", "example.org", "localhost.example.org", "[2001:db8::1]", "2130706433"])
def test_plain_http_elsewhere_needs_consent(host: str) -> None:
    with pytest.raises(BadInput, match="--insecure"):
        translator(f"http://{host}:8080/v1")
    translator(f"http://{host}:8080/v1", insecure=True).close()
    translator(f"https://{host}/v1").close()


@pytest.mark.parametrize("given", ["/v1", "/v1/", "/v1/chat/completions", "/v1/chat/completions/"])
def test_base_or_whole_path(given: str) -> None:
    with provider(answers("ano")) as server:
        translator(server.base.removesuffix("/v1") + given).translate(ask())
        assert server.received[0].path == "/v1/chat/completions"


@pytest.mark.parametrize(
    "options",
    [{"timeout": 0}, {"timeout": -1}, {"timeout": float("nan")}, {"requests_per_minute": -1},
     {"requests_per_minute": float("inf")}, {"budget": 1.0}, {"budget": -1.0, "price": (1.0, 1.0)},
     {"budget": float("nan"), "price": (1.0, 1.0)}, {"price": (-1.0, 1.0)}, {"price": (float("inf"), 1.0)}],
)  # fmt: skip
def test_numbers_that_cannot_be_right(options: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        translator("http://127.0.0.1:8080/v1", **options)


# The key.


@pytest.mark.parametrize("key", ["", " ", "with blank", "line\r\nX-Evil: 1", "klíč", "a" * 10_000])
def test_a_key_that_cannot_be_one_is_not_repeated(key: str) -> None:
    with pytest.raises(BadInput) as caught:
        translator("http://127.0.0.1:8080/v1", key=key)
    assert not key.strip() or key not in str(caught.value)


def test_the_key_stands_in_no_error_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    key = "sk-0123456789abcdef"
    caplog.set_level(logging.DEBUG)
    # The second time it stands where the excerpt of the message ends.
    with provider(error(500, f"Incorrect key {key} provided: {'x' * 150} {key}")) as server:
        one = translator(server.base, key=key)
        with pytest.raises(NotTranslated, match=r"Incorrect key \*\*\* provided") as caught:
            one.translate(ask())
    shown = [str(caught.value), repr(caught.value), str(caught.value.as_dict()), caplog.text, repr(one)]
    shown.append(repr(Settings(TREE, key=key)))
    assert not any(key[:6] in text for text in shown)


def test_a_short_key_stands_in_no_error_either() -> None:
    with provider(error(401, "Incorrect key hunter2 provided")) as server, pytest.raises(CannotRun) as caught:
        translator(server.base, key="hunter2").translate(ask())
    assert "hunter2" not in str(caught.value)


# Estimates.


def test_an_estimate_asks_nobody() -> None:
    with provider(answers("ano")) as server:
        usage = translator(server.base, price=(1.0, 2.0)).estimate(ask())
        assert server.received == []
    assert usage.sent > len(RULES) / 6
    assert 5 < usage.received < 50
    assert usage.cost == pytest.approx((usage.sent + 2 * usage.received) / 1e6)


def test_without_a_price_no_cost() -> None:
    assert translator("http://127.0.0.1:8080/v1").estimate(ask()).cost is None
