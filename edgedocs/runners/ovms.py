"""OpenVINO Model Server over HTTP: a model that ``ovms`` has loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from edgedocs.runners.servers.openai_protocol import OpenAIRunner


class OpenVINOModelServer(OpenAIRunner):
    """A model that an OpenVINO Model Server has; see :class:`~edgedocs.runners.servers.remote.RemoteRunner`.

    Request beside OpenAI's protocol: ``tokenize``, below the same path.
    """

    name = "ovms"
    default_address = "http://127.0.0.1:8000/v3"
    default_path = "/v3"
    start = "ovms --rest_bind_address 127.0.0.1 --rest_port 8000 --model_name NAME --model_path FOLDER"
    plain_sampling: ClassVar[Mapping[str, Any]] = {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0}

    def _encode(self, text: str, with_start: bool) -> list[int]:
        body = {"model": self.model, "text": text, "add_special_tokens": with_start}
        return self._whole_numbers(self._post(f"{self.address.path}/tokenize", body).get("tokens"))


RUNNER = OpenVINOModelServer
