import sys

import pytest

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.examples.console import Command, read_session, resolve


def test_commands_and_their_output():
    session = read_session('$ run "a b" \\\n>   --to c\none\n\ntwo\n$ end\n', "p:1")
    assert session == [Command(("run", "a b", "--to", "c"), "one\n\ntwo\n"), Command(("end",), "")]


@pytest.mark.parametrize("command", ["a | b", "a > b", "a && b", "a; b", "a & ", "a 2>&1", "a < b", ""])
def test_no_shell(command):
    with pytest.raises(BadInput, match=r"p:1: "):
        read_session(f"$ {command}\n", "p:1")


def test_words_in_quotes_are_no_shell():
    assert read_session("$ a 'b | c' '.[x,y]'\n", "p:1")[0].words == ("a", "b | c", ".[x,y]")


def test_programs_are_those_of_this_environment():
    assert resolve(("python", "-V")) == [sys.executable, "-V"]
    assert resolve(("edgedocs", "-h"))[-1] == "-h"
    with pytest.raises(CannotRun, match="no program 'no-such-program-here'"):
        resolve(("no-such-program-here",))
