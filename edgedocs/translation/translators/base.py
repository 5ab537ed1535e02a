"""What a translator is: contract, request and answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from edgedocs.core.errors import EdgeDocsError

if TYPE_CHECKING:
    from edgedocs.translation.glossary import Term
    from edgedocs.translation.language import Language
    from edgedocs.translation.tree import Tree


@dataclass(frozen=True)
class Settings:
    """What the command line says about a translator; each uses what concerns it.

    Args:
        tree: source and translations.
        model: name of the model that the endpoint is to use.
        endpoint: base address of an OpenAI-compatible server, such as ``http://127.0.0.1:8080/v1``.
        key: its key; from the environment, never from an argument.
        requests_per_minute: at most so many requests in a minute, from all threads together; 0 for no limit.
        budget: at most so many US dollars in one run; None for no limit.
        price: US dollars for a million tokens sent and for a million received; None if it is not known.
        timeout: seconds that one request may take.
        insecure: whether plain http may be used to another machine.
    """

    tree: Tree
    model: str | None = None
    endpoint: str | None = None
    key: str | None = field(default=None, repr=False)
    requests_per_minute: float = 0
    budget: float | None = None
    price: tuple[float, float] | None = None
    timeout: float = 120.0
    insecure: bool = False


@dataclass(frozen=True)
class Request:
    """A segment to translate.

    Args:
        language: into which language.
        page: name of the page.
        kind: kind of the segment's block.
        text: its text; code, links, facts and tags stand in it as placeholders, which the answer must repeat.
        before: the source segment before it, for context only; empty if there is none.
        after: the source segment after it, likewise.
        previous: the translation that an earlier version of the segment had, or an empty text.
        terms: the glossary's terms that occur in the text.
        findings: what was wrong with the last answer, in words.
        refused: the last answer, if it was refused.
    """

    language: Language
    page: str
    kind: str
    text: str
    before: str = ""
    after: str = ""
    previous: str = ""
    terms: tuple[Term, ...] = ()
    findings: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True)
class Usage:
    """What a translation takes: tokens that are sent, tokens that come back, and US dollars if a price is known."""

    sent: int = 0
    received: int = 0
    cost: float | None = None

    def __add__(self, other: Usage) -> Usage:
        """The sum; its cost is known if one of the two is."""
        known = [usage.cost for usage in (self, other) if usage.cost is not None]
        return Usage(self.sent + other.sent, self.received + other.received, sum(known) if known else None)


@dataclass(frozen=True)
class Answer:
    """What a translator gave.

    Args:
        text: the translation, with the placeholders of the request.
        usage: what it took.
    """

    text: str
    usage: Usage = Usage()


class NotTranslated(EdgeDocsError):  # noqa: N818 - a translator may fail without an error in the program
    """A translator gave no translation of this segment: others go on, and it is recorded as failed."""

    exit_code = 1


class Translator(ABC):
    """Gives translations of segments. Called from several threads at once.

    Raised by :meth:`translate`: NotTranslated if this segment failed (a refusal, an answer that was cut off, nothing
    found); CannotRun if no further segment can succeed (no such server, wrong key, budget spent): the run ends,
    and what is done is kept.
    """

    name: ClassVar[str]

    retries: ClassVar[int] = 2
    """How often a refused answer is asked for again, with what was wrong; 0 if the answer would be the same."""

    @abstractmethod
    def translate(self, request: Request) -> Answer:
        """The translation of a segment.

        Raises:
            NotTranslated: if there is none for this segment.
            CannotRun: if there can be none for any.
        """

    def estimate(self, request: Request) -> Usage:
        """What translating this segment takes, about."""
        return Usage()

    @property
    def spent(self) -> Usage | None:
        """All that this translator has spent, failed requests included; None if it counts no more than its answers."""
        return None

    def close(self) -> None:  # noqa: B027 - most have nothing to let go of
        """Let go of connections and files."""
