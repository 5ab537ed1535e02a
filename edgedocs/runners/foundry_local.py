"""Foundry Local, in this process and offline: chats with a folder of ONNX Runtime GenAI.

The package sends telemetry to its maker even when told not to, so it is used only where the user has agreed to that.
The public catalog is never asked for: a folder is registered in the local one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.layouts import GENAI
from edgedocs.core import files, telemetry
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import chat as chat_templates
from edgedocs.runners.base import Availability, Logits, Runner
from edgedocs.runners.generation import Sampling, Stopping

CONSENT = "EDGEDOCS_ALLOW_FOUNDRY_TELEMETRY"
"""The environment variable that agrees to the telemetry, by the value 1."""
REMEDY = "convert the checkpoint again, with `edgedocs convert CHECKPOINT TARGET --to ort_genai`"
ROLES = ("system", "user", "assistant")


class FoundryLocal(Runner):
    """A folder with ``genai_config.json``, its model and tokenizer.

    It answers messages; Foundry Local continues no plain text and gives no logits.

    Args:
        path: the folder.
    """

    name = "foundry_local"
    formats = ("ort_genai", "checkpoint")
    requires = ("foundry_local_sdk",)
    extra = "foundry"
    distribution = "foundry-local-sdk"
    conversion = ("ort_genai", "f32")
    only_by_name = True

    _loaded: ClassVar[int] = 0
    """How many models this process has registered: each needs a name of its own."""

    @classmethod
    def available(cls) -> Availability:
        """Whether the package is installed and the user has agreed to its telemetry."""
        state = super().available()
        if state.ok and os.environ.get(CONSENT) != "1":
            return Availability(
                False, "Foundry Local sends telemetry to Microsoft, even when told not to", f"agree to it: {CONSENT}=1"
            )
        return state

    @classmethod
    def accepts(cls, path: Path) -> bool:
        """Whether ``path`` is a folder that holds ``genai_config.json``."""
        return (path / GENAI).is_file()

    def __init__(self, path: Path) -> None:
        self.path = path
        model = files.read_json_object(path / GENAI, REMEDY).get("model")
        if not isinstance(model, dict):
            raise BadInput("no model", where=path / GENAI, expected="an object called model", remedy=REMEDY)
        self.vocabulary = _size(model, "vocab_size", path)
        self.context_length = _size(model, "context_length", path)
        ends = model.get("eos_token_id")
        self.end_tokens = frozenset(one for one in (ends if isinstance(ends, list) else [ends]) if isinstance(one, int))
        start = model.get("bos_token_id")
        self.start_token = start if isinstance(start, int) else None
        self._read_tokenizer()
        self.precision = {"compute": "unknown", "key_value_cache": "unknown"}
        with _explained(path), ExitStack() as handles:
            self._model = self._register(handles)
            self._handles = handles.pop_all()

    def _read_tokenizer(self) -> None:
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_str(files.read_text(self.path / "tokenizer.json"))
        except BadInput:
            raise
        except Exception as error:  # the binding raises plain Exception
            raise BadInput(f"no tokenizer: {error}", where=self.path, remedy=REMEDY) from error
        settings = Checkpoint(self.path, {}, {})
        self.chat_template = settings.chat_template
        texts = {name: settings.tokenizer_config.get(name) for name in ("bos_token", "eos_token")}
        texts = {name: text.get("content") if isinstance(text, dict) else text for name, text in texts.items()}
        self.special_texts = {name: text for name, text in texts.items() if isinstance(text, str)}

    def _register(self, handles: ExitStack) -> Any:
        package, manager = handles.enter_context(_manager())
        catalog = manager.get_catalog(package.CatalogType.LOCAL)
        FoundryLocal._loaded += 1
        name = f"edgedocs-{FoundryLocal._loaded}:1"
        with package.ModelInfoBuilder().set_string_property("task", "chat-completion") as about:
            model = catalog.register_model(self.path.resolve(), name, about)
        handles.callback(catalog.unregister_model, name)
        model.load()
        handles.callback(model.unload)
        return model

    def _answered(self, messages: Sequence[Mapping[str, str]], sampling: Sampling) -> Iterator[str]:
        # Foundry Local renders the template itself; this checks the messages, and that they fit.
        prompt = chat_templates.render(self.chat_template, messages, self.special_texts, where=self.path)
        for message in messages:
            if message["role"] not in ROLES:
                raise BadInput(f"the role {message['role']!r}", expected=f"one of {', '.join(ROLES)}")
        self._check_room(self._encoded(prompt, with_start=False), sampling)
        return self._streamed(messages, sampling, self._begin())

    def _streamed(self, messages: Sequence[Mapping[str, str]], sampling: Sampling, turn: int) -> Iterator[str]:
        if sampling.max_tokens == 0:
            return
        import foundry_local_sdk as package

        stopping = Stopping(sampling.stop)
        with (
            _explained(self.path),
            package.ChatSession(self._model) as session,
            package.Request() as request,
        ):
            session.set_streaming(True)
            for message in messages:
                request.add_item(getattr(package.MessageItem, message["role"])(message["content"]))
            request.set_options(package.RequestOptions(search=_search(package, sampling)))
            with session.process_streaming_request(request) as answer:
                for item in answer:
                    self._check_turn(turn)
                    yield from stopping.push(item.text if isinstance(item, package.TextItem) else "")
                    if stopping.stopped:
                        return
                    self._check_turn(turn)
        yield from stopping.finish()

    def _continued(self, prompt: str, sampling: Sampling) -> Iterator[str]:
        self._check_text(prompt)
        self._cannot("continues no plain text", "give a message: Runner.chat, or edgedocs run --chat")

    def logits(self, tokens: Sequence[int]) -> Logits:
        """Not possible: Foundry Local gives texts alone."""
        self._check_open()
        self._cannot("gives no logits", "load the folder with the runner ort_genai")

    def _encode(self, text: str, with_start: bool) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=with_start).ids
        return ids

    def _decode(self, tokens: Sequence[int]) -> str:
        text: str = self._tokenizer.decode(tokens, skip_special_tokens=False)
        return text

    def _forward(self, tokens: Sequence[int], every: bool) -> Logits:
        self._cannot("gives no logits", None)

    def _forget(self) -> None:
        """Nothing: each answer has a session of its own."""

    def _release(self) -> None:
        self._handles.close()

    def _cannot(self, what: str, remedy: str | None) -> NoReturn:
        raise CannotRun(f"Foundry Local {what}", where=self.path, remedy=remedy)


def _search(package: Any, sampling: Sampling) -> Any:
    greedy = sampling.temperature == 0
    return package.SearchOptions(
        temperature=1.0 if greedy else sampling.temperature,
        do_sample=not greedy,
        top_k=1 if greedy else 0,
        top_p=1.0,
        max_output_tokens=sampling.max_tokens,
        seed=sampling.seed,
    )


def _size(model: Mapping[str, Any], key: str, path: Path) -> int:
    value = model.get(key)
    if not isinstance(value, int) or value < 1:
        raise BadInput(f"{key} is {value!r}", where=path / GENAI, expected="a whole number from 1", remedy=REMEDY)
    return value


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn the package's errors into ours."""
    telemetry.off()  # that of ONNX Runtime; what Foundry Local sends by itself is another matter
    try:
        from foundry_local_sdk.exception import FoundryLocalException
    except (ImportError, OSError) as error:
        raise CannotRun(
            f"foundry-local-sdk does not start: {error}",
            remedy="python -m pip install --force-reinstall foundry-local-sdk",
        ) from error
    try:
        yield
    except FoundryLocalException as error:
        raise CannotRun(f"Foundry Local fails: {error}", where=path, remedy=REMEDY) from error


_users = 0
_folder: Path | None = None


@contextmanager
def _manager() -> Iterator[tuple[Any, Any]]:
    """The package and its manager, of which a process can have one; it ends with the last that uses it."""
    global _users, _folder
    import foundry_local_sdk as package

    if package.FoundryLocalManager.instance is None:
        _folder = folder = Path(tempfile.mkdtemp(prefix="edgedocs-foundry-"))
        package.FoundryLocalManager.initialize(
            package.Configuration(
                "edgedocs",
                app_data_dir=str(folder / "data"),
                model_cache_dir=str(folder / "models"),
                logs_dir=str(folder / "logs"),
                disable_nonessential_telemetry=True,
            )
        )
    manager: Any = package.FoundryLocalManager.instance
    _users += 1
    try:
        yield package, manager
    finally:
        _users -= 1
        if _users == 0 and _folder is not None:  # somebody else's manager is left alone
            manager.close()
            shutil.rmtree(_folder, ignore_errors=True)
            _folder = None


RUNNER = FoundryLocal
