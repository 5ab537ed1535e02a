"""What the copy button gives for sessions."""

import pytest

from edgedocs.publishing.copying import console_commands, session_source


@pytest.mark.parametrize(
    ("session", "commands"),
    [
        ("$ one\n", "one"),
        ("$ one\noutput\n$ two --flag\n$ no command, but see above\n", "one\ntwo --flag\nno command, but see above"),
        ("$ one \\\n> two\noutput\n", "one \\\ntwo"),
        ("$ one \\\n  two \\\n  three\noutput\n", "one \\\n  two \\\n  three"),
        ("output $ only\n", ""),
        ("", ""),
    ],
)
def test_console_commands(session: str, commands: str) -> None:
    assert console_commands(session) == commands


def test_session_source() -> None:
    session = ">>> for x in range(2):\n...     print(x)\n...\n0\n1\n>>> x\n1\n>>>\n"
    assert session_source(session) == "for x in range(2):\n    print(x)\n\nx\n\n"


def test_session_source_runs_as_the_session_did(capsys: pytest.CaptureFixture[str]) -> None:
    session = ">>> total = 0\n>>> for x in (1, 2):\n...     total += x\n>>> print(total)\n3\n"
    exec(session_source(session), {})
    assert capsys.readouterr().out == "3\n"
