"""Faults: what can go wrong with a request, and whether to try again, skip the segment or end the run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edgedocs.translation.endpoint.backoff import retry_after

LARGEST_EXCERPT = 200
"""Characters of a server's own words that are repeated in a message."""

_UNPRINTABLE = re.compile(
    "[^\u0020-\u007e\u00a0-\u200a\u2010-\u2027\u2030-\u205f\u2070-\ud7ff\uf900-\ufefe\uff01-\uffef]+"
)
_NO_MODEL = re.compile(
    r"provide a model|\bmodel\b.{0,10}\b(?:required|missing)|field required.*\bmodel\b", re.IGNORECASE | re.DOTALL
)
_TOO_LONG = re.compile(r"context[ _](?:length|window|size)|too long|too many tokens", re.IGNORECASE)
_NO_MONEY = re.compile(r"insufficient_quota|billing|insufficient[ _]balance", re.IGNORECASE)


@dataclass(eq=False)
class Fault(Exception):  # noqa: N818 - what went wrong; the client decides whether it is an error
    """A request that failed.

    Args:
        what: what is wrong, without a full stop.
        remedy: what to do now.
        attempts: how often a request that fails so is sent at most; None for as often as the client's patience allows.
        ends: whether the run ends with it, and not the segment alone.
        charged: whether the server may have worked, so that it may cost money.
        wait: seconds that the server asks to wait before the next attempt.
        pauses: whether all requests wait, and not this one alone.
        refused_words: what a server says that does not take the request as it is; None otherwise.
        too_long: whether request and answer together do not fit the model's context.
    """

    what: str
    remedy: str | None = None
    attempts: int | None = 1
    ends: bool = False
    charged: bool = False
    wait: float | None = None
    pauses: bool = False
    refused_words: str | None = None
    too_long: bool = False


def of_status(status: int, headers: Mapping[str, str], body: bytes, model: str | None) -> Fault:
    """What an answer means whose status is none of success.

    Args:
        status: the status of the answer.
        headers: its headers, with names in small letters.
        body: the beginning of its body.
        model: the model that was asked for, None if none was named.
    """
    words = words_of(body)
    said = f"the server answers {status}: {words}" if words else f"the server answers {status}"
    wait = retry_after(headers)
    if 300 <= status < 400:
        target = excerpt(headers.get("location", ""))
        return Fault(
            f"the server sends requests elsewhere ({status}): {target or 'it does not say where'}; redirects are not "
            "followed, for text and key are meant for the address that was given",
            "if you trust that address, give it as the endpoint",
            ends=True,
        )
    if status in (401, 403):
        return Fault(said, "set the key of this endpoint in the environment; see --help for its name", ends=True)
    if status == 402 or (status == 429 and _NO_MONEY.search(said)):
        return Fault(said, "top up the account of the endpoint, or take another endpoint", ends=True)
    if status in (404, 405, 410):
        remedy = "check the name of the model, and that the address ends where the server's API begins, often in /v1"
        return Fault(said, remedy, ends=True)
    if status == 429:
        remedy = "lower the rate with --requests-per-minute, or try later"
        return Fault(said, remedy, attempts=None, ends=True, wait=wait, pauses=True)
    if status in (408, 409, 425) or status >= 500:
        remedy = "look at the log of the server, then run again: only what failed is translated"
        return Fault(said, remedy, attempts=None, wait=wait, pauses=status == 503)
    if status in (400, 422) and model is None and _NO_MODEL.search(words):
        return Fault(said, "the server may want the name of a model: give it", ends=True, refused_words=words)
    remedy = "read what the server says; translate this segment by hand if it is too long for the model"
    refused = words if status in (400, 422) else None
    return Fault(said, remedy, refused_words=refused, too_long=bool(_TOO_LONG.search(words)))


def words_of(body: bytes) -> str:
    """What the body of an error says; empty if it says nothing readable."""
    try:
        return excerpt(_message(json.loads(body)))
    except (ValueError, RecursionError):
        return ""


def excerpt(text: str) -> str:
    """The beginning of a server's words on one line, without control and invisible characters."""
    line = " ".join(_UNPRINTABLE.sub(" ", text[: LARGEST_EXCERPT * 4]).split())
    return line if len(line) <= LARGEST_EXCERPT else line[: LARGEST_EXCERPT - 1] + "…"


def _message(document: Any) -> str:
    """The words in the usual forms of an error document."""
    if isinstance(document, dict):
        parts = [
            _message(document[key])
            for key in ("error", "message", "detail", "msg", "code", "param", "loc")
            if key in document
        ]
        return " ".join(part for part in parts if part)
    if isinstance(document, list):
        return " ".join(_message(part) for part in document[:5])
    return document if isinstance(document, str) else ""
