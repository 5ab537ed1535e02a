"""The translator ``openai`` against a provider with faults: one clear error each, and the others go on."""

import email.utils
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from edgedocs.core.errors import CannotRun, EdgeDocsError
from edgedocs.translation.endpoint import Budget, Patience, Price, RateLimiter
from edgedocs.translation.endpoint.backoff import retry_after
from edgedocs.translation.endpoint.tokens import longest_answer, upper
from edgedocs.translation.translators import NotTranslated, Settings, Usage
from edgedocs.translation.translators.openai import OpenAITranslator
from tests.translation.provider import (
    Behaviour,
    Handler,
    Received,
    Script,
    Server,
    answers,
    completion,
    error,
    provider,
)
from tests.translation.test_openai import QUICK, TREE, ask, translator

SLOW = 0.4
"""Seconds that a request may take where a provider is too slow."""

PATIENT = 20.0
"""Where it is not."""

LATE = 6.0
"""Seconds after which a test says that nothing bounded a request: far above all that it has to wait."""


def cut_off_body(handler: Handler, _: Received) -> None:
    """Half of the body, then the end of the connection."""
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')


def start(handler: Handler, *headers: str) -> None:
    lines = ["HTTP/1.1 200 OK", *headers]
    handler.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


def drip_headers(handler: Handler, _: Received) -> None:
    start(handler)
    handler.wfile.write(b"X-Slow: ")
    handler.drip(b"x")


def drip_body(handler: Handler, _: Received) -> None:
    start(handler, "Content-Type: application/json", "Transfer-Encoding: chunked", "")
    handler.drip(b"1\r\n \r\n")


def drip_status(handler: Handler, _: Received) -> None:
    handler.drip(b"H")


def drip_error(handler: Handler, _: Received) -> None:
    handler.wfile.write(b"HTTP/1.1 500 Internal Server Error\r\nTransfer-Encoding: chunked\r\n\r\n")
    handler.drip(b"1\r\n \r\n")


def close_at_once(handler: Handler, _: Received) -> None:
    handler.close_connection = True


def no_http(handler: Handler, _: Received) -> None:
    handler.close_connection = True
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")


def endless_headers(handler: Handler, _: Received) -> None:
    start(handler)
    handler.close_connection = True
    while not handler.server.closing.is_set():
        handler.wfile.write(b"X-Filler: " + b"x" * 4096 + b"\r\n")


def endless_body(handler: Handler, _: Received) -> None:
    handler.close_connection = True
    start(handler, "Content-Type: application/json", "Transfer-Encoding: chunked", "")
    piece = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    while not handler.server.closing.is_set():
        handler.wfile.write(piece)


def packed(handler: Handler, _: Received) -> None:
    handler.reply(b"\x1f\x8b", Content_Encoding="gzip")


def body(text: str | bytes, **options: object) -> Behaviour:
    return lambda handler, _: handler.reply(text, **options)  # type: ignore[arg-type]


FAULTS: dict[str, tuple[Behaviour, str, int]] = {
    # fault: (what the provider does, words of the error, requests that are made)
    "says nothing": (lambda handler, _: handler.hang(), "not there after 0.4 seconds", 2),
    "drips the status": (drip_status, "", 2),
    "drips headers": (drip_headers, "not there after 0.4 seconds", 2),
    "drips the body": (drip_body, "not there after 0.4 seconds", 2),
    "drips the body of an error": (drip_error, "answers 500", 3),
    "endless headers": (endless_headers, "broke HTTP's rules", 3),
    "endless body": (endless_body, "larger than 4 MiB", 2),
    "closes at once": (close_at_once, "ended the connection", 3),
    "closes in the body": (cut_off_body, "ended the connection", 3),
    "speaks no HTTP": (no_http, "broke HTTP's rules", 3),
    "500": (error(500, "out of memory"), "answers 500: out of memory", 3),
    "502 in HTML": (body("<html>Bad gateway</html>", status=502, kind="text/html"), "answers 502", 3),
    "503, loading": (error(503, "Loading model"), "Loading model", 3),
    "HTML": (body("<!doctype html><h1>Welcome</h1>", kind="text/html"), "text/html and not with JSON", 2),
    "a stream": (body("data: {}\n\n", kind="text/event-stream"), "text/event-stream", 2),
    "nothing, 204": (body("", status=204, kind=None), "no JSON", 2),
    "malformed JSON": (body('{"choices": [{'), "no JSON", 2),
    "no UTF-8": (body(b'{"choices": "\xff\xfe"}'), "no JSON", 2),
    "deep JSON": (body("[" * 1_000_000), "no JSON", 2),
    "a number of a million digits": (body("9" * 1_000_000), "no JSON", 2),
    "a list": (body("[]"), "no choices", 2),
    "no choices": (body('{"choices": []}'), "no choices", 2),
    "a choice without a message": (body('{"choices": [{"text": "ano"}]}'), "no choices", 2),
    "an error with status 200": (body('{"error": {"message": "overloaded"}}'), "overloaded", 2),
    "a packed answer": (packed, "packs its answer", 1),
    "413": (error(413, "Request too large"), "answers 413", 1),
    "422": (error(422, "messages: not valid"), "messages: not valid", 1),
}


def limit(name: str) -> float:
    return SLOW if name.startswith(("says", "drips")) else PATIENT


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_fails_its_segment_and_the_next_goes_on(name: str) -> None:
    behaviour, words, requests = FAULTS[name]
    with provider(behaviour) as server:
        one = translator(server.base, model="m", timeout=limit(name))
        begun = time.monotonic()
        with pytest.raises(NotTranslated) as caught:
            one.translate(ask())
        assert time.monotonic() - begun < LATE
        assert len(server.received) == requests
        server.behaviour = answers("ano")
        assert one.translate(ask("Yes.")).text == "ano"
        one.close()
    assert words in caught.value.what
    assert caught.value.remedy
    assert caught.value.where == f"{server.base}/chat/completions"


@pytest.mark.parametrize("name", [name for name, (_, _, requests) in FAULTS.items() if requests > 1])
def test_a_fault_that_passes_is_not_noticed(name: str) -> None:
    with provider(Script([FAULTS[name][0], answers("ano")])) as server:
        assert translator(server.base, timeout=limit(name)).translate(ask()).text == "ano"
        assert len(server.received) == 2


ENDS: dict[str, tuple[Behaviour, str]] = {
    "401": (error(401, "Incorrect API key"), "Incorrect API key"),
    "403": (error(403, "Forbidden"), "answers 403"),
    "402": (error(402, "Insufficient Balance"), "Insufficient Balance"),
    "404": (error(404, "model 'm' not found"), "model 'm' not found"),
    "404 in HTML": (body("<html>Not found</html>", status=404, kind="text/html"), "answers 404"),
    "quota": (error(429, "You exceeded your current quota", "insufficient_quota"), "exceeded your current quota"),
    "a redirect elsewhere": (body("", status=307, Location="http://evil.example/v1"), "http://evil.example/v1"),
    "a redirect on the host": (body("", status=308, Location="/v2/chat/completions"), "/v2/chat/completions"),
    "a redirect nowhere": (body("", status=302), "it does not say where"),
    "asks to wait an hour": (error(429, "slow down", Retry_After="3600"), "asks to wait 3600 seconds"),
}


@pytest.mark.parametrize("name", ENDS)
def test_what_ends_the_run(name: str) -> None:
    behaviour, words = ENDS[name]
    with provider(behaviour) as server:
        with pytest.raises(CannotRun) as caught:
            translator(server.base, model="m", key="a-key-of-this-test").translate(ask())
        assert len(server.received) == 1
    assert words in caught.value.what
    assert caught.value.remedy
    assert caught.value.exit_code == 3


def test_429_for_ever_ends_the_run_after_bounded_attempts() -> None:
    with provider(error(429, "slow down")) as server:
        with pytest.raises(CannotRun, match=r"slow down \(3 attempts\)"):
            translator(server.base).translate(ask())
        assert len(server.received) == QUICK.attempts


def test_429_for_ever_ends_also_with_many_threads() -> None:
    with provider(error(429, "slow down", Retry_After="0")) as server:
        one = translator(server.base)
        with ThreadPoolExecutor(8) as pool:
            errors = [*pool.map(lambda n: outcome(one, f"Text {n}."), range(8))]
        assert all(isinstance(found, CannotRun) for found in errors)
        assert len(server.received) == 8 * QUICK.attempts


def test_a_busy_provider_that_answers_now_and_then_gets_all_done() -> None:
    """Each answer shows that it is not for ever: no request gives up after a few attempts of its own."""
    lock, count = threading.Lock(), [0]

    def busy(handler: Handler, received: Received) -> None:
        with lock:
            count[0] += 1
            turn = count[0] % 3 == 0
        (answers("ano") if turn else error(429, "slow down"))(handler, received)

    with provider(busy) as server:
        one = OpenAITranslator(Settings(TREE, endpoint=server.base), Patience(attempts=6, ceiling=60, first=0.005))
        with ThreadPoolExecutor(8) as pool:
            assert {*pool.map(lambda n: outcome(one, f"Text {n}."), range(24))} == {"ano"}


def test_retry_after_seconds_are_waited_by_all_threads() -> None:
    with provider(Script([error(429, "slow down", Retry_After="1"), answers("ano")])) as server:
        one = translator(server.base)
        one.translate(ask())
        first, second = (received.at for received in server.received)
        assert 0.95 < second - first < LATE


def test_a_pause_holds_for_threads_that_wait_already() -> None:
    limiter = RateLimiter(60 / 0.05)
    limiter.wait()
    begun: list[float] = []

    def go() -> None:
        limiter.wait()
        begun.append(time.monotonic())

    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    paused = time.monotonic()
    limiter.pause(0.4)
    for thread in threads:
        thread.join(LATE)
    assert min(begun) - paused >= 0.39


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), (" 7 ", 7.0), ("0", 0.0), ("", None), ("soon", None), ("-1", None), ("1.5", None), ("٣", None),
     ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("Wed, 99 Oct 2015 07:28:00 GMT", None), ("9" * 400, 999999999999.0)],
)  # fmt: skip
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}) == seconds


def test_retry_after_as_a_date() -> None:
    date = email.utils.formatdate(time.time() + 90, usegmt=True)
    wait = retry_after({"retry-after": date})
    assert wait is not None
    assert 88 < wait <= 90


def test_back_off_doubles_and_differs() -> None:
    patience = Patience(first=1, longest=10)
    for attempt, whole in ((1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (1000, 10)):
        waits = {patience.delay(attempt) for _ in range(50)}
        assert all(whole / 2 <= wait <= whole for wait in waits)
        assert len(waits) > 10


def test_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        begun = time.monotonic()
        with pytest.raises(CannotRun, match="cannot be reached"):
            translator(f"http://127.0.0.1:{port}/v1").translate(ask())
        assert time.monotonic() - begun < 1


def test_a_server_that_restarts_is_waited_for() -> None:
    with provider(body(completion("ano"), Connection="close")) as server:
        one = OpenAITranslator(Settings(TREE, endpoint=server.base), Patience(first=0.1))
        assert outcome(one, "Yes.") == "ano"
        port = server.server_port
    again = threading.Timer(0.3, lambda: restarted.append(Server(answers("zase"), port)))
    restarted: list[Server] = []
    again.start()
    waiting = threading.Thread(target=lambda: serve(restarted))
    waiting.start()
    assert outcome(one, "Again.") == "zase"
    restarted[0].shutdown()
    waiting.join(LATE)
    restarted[0].server_close()


def serve(started: list[Server]) -> None:
    while not started:
        time.sleep(0.02)
    started[0].serve_forever(poll_interval=0.02)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "x" * 70 + ".invalid"])
def test_no_such_host(host: str) -> None:
    with pytest.raises(CannotRun, match="cannot be reached"):
        translator(f"https://{host}/v1").translate(ask())


def test_https_to_a_server_without_it() -> None:
    with provider(answers("ano")) as server:
        with pytest.raises(CannotRun, match="cannot be reached"):
            translator(server.base.replace("http:", "https:"), timeout=2).translate(ask())
        assert server.received == []


def test_a_server_that_fails_at_everything_ends_the_run() -> None:
    with provider(error(500, "broken")) as server:
        one = OpenAITranslator(Settings(TREE, endpoint=server.base), Patience(attempts=1, segments=3))
        found = [outcome(one, f"Text {n}.") for n in range(3)]
        server.behaviour = answers("ano")
        assert outcome(one, "Yes.") == "ano"
    assert [type(one) for one in found] == [NotTranslated, NotTranslated, CannotRun]
    assert "3 segments in a row failed" in str(found[2])


def test_refusals_in_a_row_do_not_end_the_run() -> None:
    with provider(answers("", finish="content_filter")) as server:
        one = OpenAITranslator(Settings(TREE, endpoint=server.base), Patience(attempts=1, segments=3))
        assert {type(outcome(one, f"Text {n}.")) for n in range(9)} == {NotTranslated}


# Rate and budget, measured at the server.


def test_the_rate_holds_for_all_threads_together() -> None:
    with provider(answers("ano")) as server:
        one = translator(server.base, requests_per_minute=60 / 0.05)
        with ThreadPoolExecutor(8) as pool:
            assert {*pool.map(lambda n: outcome(one, f"Text {n}."), range(20))} == {"ano"}
        times = sorted(received.at for received in server.received)
    assert len(times) == 20
    # On the way requests may be delayed, so that some come closer together than they were sent.
    assert times[-1] - times[0] >= 19 * 0.05 * 0.7
    assert all(late - early >= 0.3 for early, late in zip(times, times[12:], strict=False))


def test_retries_keep_the_rate_too() -> None:
    with provider(error(500)) as server:
        one = translator(server.base, requests_per_minute=60 / 0.1)
        with ThreadPoolExecutor(4) as pool:
            [*pool.map(lambda n: outcome(one, f"Text {n}."), range(4))]
        times = sorted(received.at for received in server.received)
    assert len(times) == 4 * QUICK.attempts
    assert times[-1] - times[0] >= 11 * 0.1 * 0.7


PRICE = (1000.0, 5000.0)
"""US dollars for a million tokens, dear enough that few requests fit."""


@pytest.mark.parametrize("counted", [(400, 900), (10, 10), None])
@pytest.mark.parametrize("threads", [1, 8])
def test_the_budget_is_never_exceeded(threads: int, counted: tuple[int, int] | None) -> None:
    """What the provider charges is at most what it counts, or where it does not, what it can have been."""
    budget = 60.0
    with provider(answers("ano", usage=counted)) as server:
        one = translator(server.base, price=PRICE, budget=budget)
        with ThreadPoolExecutor(threads) as pool:
            found = [*pool.map(lambda n: outcome(one, f"Text {n}."), range(60))]
        requests = len(server.received)
        charged = sum(charge(received, counted) for received in server.received)
    spent = one.spent.cost
    assert spent is not None
    assert charged == pytest.approx(spent)
    assert charged <= budget
    assert requests == found.count("ano")
    assert requests >= 3
    if charge(server.received[0], counted) > 1:
        stopped = [one for one in found if isinstance(one, EdgeDocsError)]
        assert stopped
        assert all(isinstance(one, CannotRun) and "budget" in str(one) for one in stopped)


def charge(received: Received, counted: tuple[int, int] | None) -> float:
    contents = [message["content"] for message in received.document["messages"]]
    sent, taken = counted or (upper(contents), received.document["max_tokens"])
    return (sent * PRICE[0] + taken * PRICE[1]) / 1e6


def test_a_request_that_may_have_been_charged_counts_in_full() -> None:
    with provider(lambda handler, _: handler.hang()) as server:
        one = translator(server.base, timeout=0.1, price=PRICE, budget=1000.0)
        assert isinstance(outcome(one, "Text."), NotTranslated)
        expected = sum(charge(received, None) for received in server.received)
    assert one.spent.cost == pytest.approx(expected)


@pytest.mark.parametrize("behaviour", [error(500), error(413), error(401)])
def test_a_request_that_was_turned_away_costs_nothing(behaviour: Behaviour) -> None:
    with provider(behaviour) as server:
        one = translator(server.base, price=PRICE, budget=1000.0)
        assert isinstance(outcome(one, "Text."), EdgeDocsError)
    assert one.spent.cost in (None, 0)


@pytest.mark.parametrize(
    "usage",
    [None, {}, [], "much", {"prompt_tokens": -5, "completion_tokens": 3}, {"prompt_tokens": "5"},
     {"prompt_tokens": True, "completion_tokens": True}, {"prompt_tokens": 0, "completion_tokens": 0},
     {"prompt_tokens": 10**30, "completion_tokens": 1}, {"prompt_tokens": 5}],
)  # fmt: skip
def test_usage_that_cannot_be_right_counts_as_the_most_that_it_can_have_been(usage: object) -> None:
    with provider(body(completion("ano", usage=usage))) as server:
        given = translator(server.base).translate(ask()).usage
        contents = [message["content"] for message in server.received[0].document["messages"]]
    assert given == Usage(upper(contents), longest_answer(ask().text))


def test_a_budget_of_nothing_sends_nothing() -> None:
    with provider(answers("ano")) as server:
        with pytest.raises(CannotRun, match="budget does not reach"):
            translator(server.base, price=PRICE, budget=0.0).translate(ask())
        assert server.received == []


def test_a_free_model_fits_any_budget() -> None:
    with provider(answers("ano")) as server:
        assert translator(server.base, price=(0.0, 0.0), budget=0.0).translate(ask()).text == "ano"


def test_a_hold_waits_for_another_to_be_settled() -> None:
    budget = Budget(1.0, Price(1, 1))
    entered, order = threading.Event(), []

    def first() -> None:
        with budget.hold(Usage(0, 0, 0.7)) as hold:
            entered.set()
            time.sleep(0.1)
            order.append("first")
            hold.settle(Usage(0, 0, 0.1))

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(LATE)
    with budget.hold(Usage(0, 0, 0.7)):
        order.append("second")
    thread.join(LATE)
    assert order == ["first", "second"]
    assert budget.spent.cost == pytest.approx(0.8)


# The end.


@pytest.mark.parametrize("wait", ["a server", "its turn", "the next attempt"])
def test_closing_ends_what_waits(wait: str) -> None:
    behaviours: dict[str, Behaviour] = {
        "a server": lambda handler, _: handler.hang(),
        "its turn": answers("ano"),
        "the next attempt": error(429, "slow down", Retry_After="60"),
    }
    with provider(behaviours[wait]) as server:
        rate = 0.5 if wait == "its turn" else 0
        one = OpenAITranslator(Settings(TREE, endpoint=server.base, requests_per_minute=rate, timeout=60))
        with ThreadPoolExecutor(3) as pool:
            futures = [pool.submit(outcome, one, f"Text {n}.") for n in range(3)]
            time.sleep(0.3)
            begun = time.monotonic()
            one.close()
            found = [future.result(LATE) for future in futures]
        assert time.monotonic() - begun < 1
    assert all(isinstance(each, CannotRun) and "closed" in str(each) for each in found if each != "ano")
    assert len([each for each in found if each != "ano"]) >= 2
    assert isinstance(outcome(one, "Text."), CannotRun)


def outcome(one: OpenAITranslator, text: str) -> str | EdgeDocsError:
    try:
        return one.translate(ask(text)).text
    except EdgeDocsError as found:
        return found
