"""Faults: what went wrong between an official client and a server, as an error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from edgedocs.core.errors import CannotRun, EdgeDocsError
from edgedocs.runners.servers.bounded import KEY, Limits

LONGEST_QUOTE = 200
"""Characters of a server's own words that an error repeats."""
BROKEN_OFF = "see the server's log; some servers do this where prompt and answer exceed their context"
"""The remedy where an answer ends early; whether the connection then ends or is reset is chance."""
REMEDIES = {
    401: f"put the server's key into the environment variable {KEY}",
    403: f"put the server's key into the environment variable {KEY}",
    404: "check the address and the model's name: the server does not know one of them",
    429: "wait a while; the server has too many requests",
    503: "wait until the server has loaded its model",
}


@contextmanager
def explained(where: str, limits: Limits, start: str) -> Iterator[None]:
    """Turn whatever a client raises in the block into CannotRun.

    Args:
        where: the server's address.
        limits: how long was waited.
        start: how to start such a server, for the remedy.
    """
    try:
        yield
    except EdgeDocsError:
        raise
    except Exception as error:  # the clients raise their own, their HTTP library's, and what parsing nonsense raises
        raise _explained(error, where, limits, start) from error


def nonsense(where: str, what: str) -> CannotRun:
    """The error for an answer that is JSON and yet no answer."""
    return CannotRun(
        f"the server's answer makes no sense: {what}",
        where=where,
        remedy="check that the address is that of such a server, and see its log",
    )


def _explained(error: Exception, where: str, limits: Limits, start: str) -> EdgeDocsError:
    chain = list(_causes(error))
    ours = next((one for one in chain if isinstance(one, EdgeDocsError)), None)
    if ours is not None:
        return ours
    status = next((code for one in chain if (code := getattr(one, "status_code", -1)) >= 100), None)
    if status is not None:
        said = getattr(getattr(error, "response", None), "text", None) or str(error)
        remedy = REMEDIES.get(status, "see the server's log")
        return CannotRun(f"the server answers with status {status}: {_quote(said)}", where=where, remedy=remedy)
    names = {kind.__name__ for one in chain for kind in type(one).__mro__}
    if names & {"ConnectError", "ConnectTimeout", "ConnectionError"} and "ReadError" not in names:
        return CannotRun("no server answers", where=where, remedy=f"start one: {start}")
    if names & {"TimeoutException", "APITimeoutError"}:
        return CannotRun(
            f"the server was silent for {limits.timeout:g} s",
            where=where,
            remedy="see the server's log, or allow more with the option timeout",
        )
    if names & {"TransportError"}:
        return CannotRun(f"the connection broke off: {_quote(str(chain[-1]))}", where=where, remedy=BROKEN_OFF)
    if names & {"ResponseError", "APIError"}:
        return CannotRun(f"the server reports: {_quote(str(error))}", where=where, remedy="see the server's log")
    return nonsense(where, _quote(str(error) or type(error).__name__))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _quote(text: str) -> str:
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= LONGEST_QUOTE else line[:LONGEST_QUOTE] + "…"
