"""vLLM over HTTP: a model that ``vllm serve`` has loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from edgedocs.runners.servers.faults import nonsense
from edgedocs.runners.servers.openai_protocol import OpenAIRunner


class VLLM(OpenAIRunner):
    """A model that a vLLM server has; see :class:`~edgedocs.runners.servers.remote.RemoteRunner` for the options.

    Requests beside OpenAI's protocol: ``/tokenize`` and ``/detokenize``.
    """

    name = "vllm"
    default_address = "http://127.0.0.1:8000/v1"
    default_path = "/v1"
    start = "vllm serve MODEL --host 127.0.0.1"
    plain_sampling: ClassVar[Mapping[str, Any]] = {"top_k": 0, "min_p": 0.0, "repetition_penalty": 1.0}

    def __init__(self, path: Path | str, **options: Any) -> None:
        super().__init__(path, **options)
        longest = getattr(self._about, "max_model_len", None)
        self.context_length = longest if isinstance(longest, int) else 0

    def _encode(self, text: str, with_start: bool) -> list[int]:
        body = {"model": self.model, "prompt": text, "add_special_tokens": with_start}
        return self._whole_numbers(self._post("/tokenize", body).get("tokens"))

    def _decode(self, tokens: Sequence[int]) -> str:
        text = self._post("/detokenize", {"model": self.model, "tokens": list(tokens)}).get("prompt")
        if not isinstance(text, str):
            raise nonsense(str(self.address), "tokens without a text")
        return text


RUNNER = VLLM
