"""``edgedocs serve`` for other formats: mlx-lm's real server with the official client, a stand-in for ``ovms``."""

import os
import re
import shlex
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from edgedocs import converters, runners
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import serving as local
from edgedocs.runners.foundry_local import CONSENT
from edgedocs.runners.serving import base
from edgedocs.runners.serving.ovms import command
from tests.cli.test_models import edgedocs
from tests.cli.test_servers import check_closed_to_web_pages, children, is_gone, linux, serving
from tests.requirements import require
from tests.runners.servers import ovms_stand_in

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "project" / "servers.md"


@pytest.fixture(scope="module")
def mlx_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for package in ("mlx", "mlx_lm", "openai"):
        require(package)
    return converters.convert("tiny", tmp_path_factory.mktemp("models") / "tiny", to="mlx", type="f32").path


@pytest.fixture(scope="module")
def openvino_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for package in ("openvino", "openvino_tokenizers", "nncf", "openai"):
        require(package)
    return converters.convert("tiny", tmp_path_factory.mktemp("models") / "tiny", to="openvino", type="f32").path


@pytest.fixture
def ovms(tmp_path: Path) -> dict[str, str]:
    """The variables with which the stand-in is found as ``ovms``."""
    program = tmp_path / "programs" / "ovms"
    program.parent.mkdir()
    python, script = shlex.quote(sys.executable), shlex.quote(ovms_stand_in.__file__)
    program.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {python} {script} "$@"\n')
    program.chmod(0o755)
    return {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}


@linux
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_mlx_folder_is_served_until_it_is_ended(mlx_folder: Path, number: signal.Signals) -> None:
    import openai

    with serving(mlx_folder, "--port", "0") as (process, address, _shown):
        (server,) = children(process.pid)
        client = openai.OpenAI(base_url=address, api_key="none", max_retries=0)
        assert [one.id for one in client.models.list().data] == ["tiny"]
        answer = client.completions.create(model="tiny", prompt="The", max_tokens=20, temperature=0)
        with runners.load(mlx_folder, backend="mlx") as computed:
            assert answer.choices[0].text == computed.generate("The", max_tokens=20)
        process.send_signal(number)
        assert process.wait(15) == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[number]
        assert is_gone(server)


def test_mlx_answers_messages_and_streams(mlx_folder: Path) -> None:
    import openai

    message = {"role": "user", "content": "How do I insert a table?"}
    with serving(mlx_folder, "--port", "0") as (_, address, shown):
        client = openai.OpenAI(base_url=address, api_key="none", max_retries=0)
        asked = {"model": "tiny", "messages": [message], "max_tokens": 20, "temperature": 0}
        with runners.load(mlx_folder, backend="mlx") as computed:
            wanted = computed.chat([message], max_tokens=20)
            assert client.chat.completions.create(**asked).choices[0].message.content == wanted
            pieces = [one.choices[0].delta.content for one in client.chat.completions.create(**asked, stream=True)]
            assert "".join(piece or "" for piece in pieces) == wanted
            done = edgedocs(*shlex.split(shown.splitlines()[2])[1:])
            assert done.stdout == f"The{computed.generate('The', max_tokens=20)}\n"


def test_mlx_serves_its_model_and_nothing_else(mlx_folder: Path, tmp_path: Path) -> None:
    import openai

    picture = {"type": "image_url", "image_url": {"url": "http://127.0.0.1:1/x.png"}}
    # A folder that a request names, and Hugging Face's cache, which there is none of.
    with serving(mlx_folder, "--port", "0", HF_HOME=str(tmp_path / "none")) as (_, address, _shown):
        client = openai.OpenAI(base_url=address, api_key="none", max_retries=0)
        for named in (str(mlx_folder), "mlx-community/some-model"):
            with pytest.raises(openai.NotFoundError) as refused:
                client.completions.create(model=named, prompt="The", max_tokens=2)
            assert "this server has the model tiny alone" in str(refused.value.response.text)
        with pytest.raises(openai.NotFoundError):
            client.completions.create(model="tiny", prompt="The", extra_body={"adapters": str(tmp_path)})
        with pytest.raises(openai.BadRequestError) as refused_link:
            client.chat.completions.create(model="tiny", messages=[{"role": "user", "content": [picture]}])
        assert "text alone" in refused_link.value.response.text
        assert client.completions.create(model="tiny", prompt="The", max_tokens=2).choices[0].text
    assert not (tmp_path / "none").exists()


def test_web_pages_cannot_ask_mlx(mlx_folder: Path) -> None:
    with serving(mlx_folder, "--port", "0") as (_, address, _shown):
        check_closed_to_web_pages(address)


def test_mlx_demands_the_key(mlx_folder: Path) -> None:
    import openai

    with serving(mlx_folder, "--port", "0", EDGEDOCS_API_KEY="secret-key") as (_, address, _shown):
        for key in ("wrong", "secret-key"):
            client = openai.OpenAI(base_url=address, api_key=key, max_retries=0)
            if key == "wrong":
                with pytest.raises(openai.AuthenticationError):
                    client.models.list()
                with pytest.raises(openai.AuthenticationError):
                    client.completions.create(model="tiny", prompt="The", max_tokens=2)
            else:
                assert client.completions.create(model="tiny", prompt="The", max_tokens=2).choices[0].text


def test_the_command_line_of_ovms_is_the_published_one() -> None:
    # docs/starting_server.md: ovms --model_path … --model_name … --rest_port 8000 --task text_generation
    # --target_device CPU; the addresses, the port and the permission for web pages stand in docs/parameters.md.
    found = command("/opt/ovms/bin/ovms", Path("/models/my llm"), "my llm", "127.0.0.1")
    assert shlex.join(found) == (
        "/opt/ovms/bin/ovms --model_path '/models/my llm' --model_name 'my llm' --task text_generation "
        "--target_device CPU --rest_bind_address 127.0.0.1 --rest_port '{port}' --grpc_bind_address 127.0.0.1 "
        "--allowed_origins 'http://127.0.0.1:{port}'"
    )
    assert command("ovms", Path("m"), "m", "::1")[-1] == "http://[::1]:{port}"


@linux
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_ovms_is_started_watched_and_ended(openvino_folder: Path, ovms: dict[str, str], number: signal.Signals) -> None:
    variables = ovms | {"API_KEY": "somebody else's", "EDGEDOCS_API_KEY": "secret-key"}
    with serving(openvino_folder, "--port", "0", **variables) as (process, address, shown):
        (server,) = children(process.pid)
        (program,) = children(server)
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v3", address)
        assert f"{address}/completions" in shown
        import openai

        client = openai.OpenAI(base_url=address, api_key="secret-key", max_retries=0)
        assert [one.id for one in client.models.list().data] == ["tiny"]
        process.send_signal(number)
        assert process.wait(15) == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[number]
        assert is_gone(server)
        assert is_gone(program)


def test_an_ovms_that_ends_at_once_is_told(openvino_folder: Path, ovms: dict[str, str]) -> None:
    program = Path(ovms["PATH"].split(os.pathsep)[0]) / "ovms"
    program.write_text("#!/bin/sh\necho no such device >&2\nexit 7\n")
    done = edgedocs_with(ovms, "serve", openvino_folder, "--port", "0")
    assert done.returncode == 3
    assert "no such device" in done.stderr
    assert "the server does not start: ovms ended with code 7" in done.stderr


@linux
def test_an_ovms_that_is_never_ready_is_ended(
    tmp_path: Path, ovms: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Path(ovms["PATH"].split(os.pathsep)[0]) / "ovms"
    program.write_text(f"#!/bin/sh\necho $$ > {shlex.quote(str(tmp_path / 'pid'))}\nexec sleep 60\n")
    monkeypatch.setenv("PATH", ovms["PATH"])
    monkeypatch.setattr(base, "STARTING", 3.0)
    with ExitStack() as resources:
        server = local.server_for(folder_of(tmp_path / "model", "openvino_model.xml"), resources)
        with pytest.raises(CannotRun, match="the server does not start: its process ended"):
            resources.enter_context(server)
    assert is_gone(int((tmp_path / "pid").read_text()))


def edgedocs_with(variables: dict[str, str], *arguments: str | Path):  # type: ignore[no-untyped-def]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        return edgedocs(*arguments)


def folder_of(path: Path, *names: str) -> Path:
    """A folder that is known as one of a format by these files."""
    path.mkdir()
    for name in names:
        (path / name).write_text("{}", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("names", "options", "code", "complaint", "remedy"),
    [
        (
            ("openvino_model.xml",),
            (),
            3,
            "OpenVINO Model Server is not installed: no program 'ovms'",
            "so that `ovms` is",
        ),
        (("model.onnx", "genai_config.json"), (), 3, "Foundry Local", "serve the checkpoint"),
        (("model.onnx",), (), 2, "there is no server for this", "--to ort-genai, which Foundry Local serves"),
        (("model.qdq.onnx",), (), 2, "there is no server for this", "serve the checkpoint"),
        (("readme.txt",), (), 2, "there is no server for this", "serve the checkpoint"),
        (("openvino_model.xml",), ("--threads", "2"), 2, "OpenVINO Model Server has no option 'threads'", None),
    ],
)
def test_what_cannot_be_served_says_what_to_do(
    tmp_path: Path, names: tuple[str, ...], options: tuple[str, ...], code: int, complaint: str, remedy: str | None
) -> None:
    empty = folder_of(tmp_path / "programs")
    done = edgedocs_with({"PATH": str(empty), CONSENT: ""}, "serve", folder_of(tmp_path / "model", *names), *options)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("error: ")
    assert complaint in done.stderr
    assert remedy is None or remedy in done.stderr.partition("remedy: ")[2]


def test_foundry_local_asks_for_consent_and_demands_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgedocs.runners.foundry_local import FoundryLocal

    folder = folder_of(tmp_path / "model", "model.onnx", "genai_config.json")
    monkeypatch.setattr(FoundryLocal, "requires", ("json",))
    monkeypatch.delenv(CONSENT, raising=False)
    with (
        ExitStack() as resources,
        pytest.raises(CannotRun, match=f"sends telemetry(?s:.*)agree to it: {CONSENT}=1; or"),
    ):
        local.server_for(folder, resources)
    monkeypatch.setenv(CONSENT, "1")
    monkeypatch.setenv("EDGEDOCS_API_KEY", "secret-key")
    with ExitStack() as resources, pytest.raises(CannotRun, match="cannot demand a key"):
        local.server_for(folder, resources)


@linux
@pytest.mark.skipif(os.environ.get(CONSENT) != "1", reason="sends telemetry; no consent to that")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_foundry_local_answers_messages_until_it_is_ended(tmp_path: Path, number: signal.Signals) -> None:
    for package in ("foundry_local_sdk", "onnxruntime_genai", "openai"):
        require(package)
    import openai

    folder = converters.convert("tiny", tmp_path / "tiny", to="ort_genai", type="f32").path
    message = {"role": "user", "content": "How do I insert a table?"}
    with runners.load(folder, backend="ort_genai") as computed:
        wanted = computed.chat([message], max_tokens=20)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with serving(folder, "--port", "0", TMPDIR=str(temporary)) as (process, address, _shown):
        (server,) = children(process.pid)
        client = openai.OpenAI(base_url=address, api_key="none", max_retries=0)
        asked = {"model": "tiny:1", "messages": [message], "max_tokens": 20, "temperature": 0}
        assert client.chat.completions.create(**asked).choices[0].message.content == wanted
        done = edgedocs("run", address, "--chat", "--prompt", message["content"], "--max-tokens", "20")
        assert done.stdout == f"{wanted}\n", done.stderr
        process.send_signal(number)
        assert process.wait(15) == {signal.SIGINT: 130, signal.SIGKILL: -9}[number]
        assert is_gone(server)
    assert list(temporary.iterdir()) == []


def test_mlx_folders_that_bring_code_are_refused(tmp_path: Path) -> None:
    require("mlx_lm")
    folder = converters.convert("tiny", tmp_path / "model", to="mlx").path
    config = folder / "config.json"
    config.write_text(config.read_text().replace("{", '{"model_file": "own.py", ', 1))
    with ExitStack() as resources, pytest.raises(BadInput, match="wants to run code of its own"):
        local.server_for(folder, resources)


def test_every_format_is_served_or_says_why_not() -> None:
    served = [kind for one in local.registry for kind in one.formats]
    assert len(served) == len(set(served))
    assert {*served, *local.UNSERVED} == {one.name for one in converters.registry} - {"safetensors"} | {"checkpoint"}
    assert not set(served) & set(local.UNSERVED)


def test_the_page_and_the_help_say_what_serves_what() -> None:
    rows = local.table()
    assert len(rows) == 7
    page = PAGE.read_text(encoding="utf-8")
    shown = " ".join(edgedocs("serve", "--help").stdout.split())
    for kind, server, remark in rows:
        assert f"| `{kind}` | {server} | {remark} |" in page
        assert f"{kind} {server}: {remark}" in shown
