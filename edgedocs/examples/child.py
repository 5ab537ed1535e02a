"""What runs in the clean process of one example: its code as ``__main__``, then its facts are read.

Started as ``python -I child.py JOB`` by :mod:`edgedocs.examples.evaluation`. The code is not imported and not wrapped:
it is compiled by itself and executed in a fresh module that is ``__main__``, as ``python FILE`` would do. After it has
ended, the facts are read from that module. The result goes to a file, so that both outputs are the example's alone.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import traceback
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def run_job(path: Path) -> int:
    """Run the job described by a JSON file; the exit status is that of the example."""
    job = json.loads(path.read_text(encoding="utf-8"))
    source = Path(job["source"])
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=str(source), __builtins__=__builtins__, __cached__=None)
    sys.modules["__main__"] = main
    sys.argv = [str(source)]
    _guard(job["example"])
    code = source.read_text(encoding="utf-8")
    status = _doctest(code, main, job) if job["kind"] == "doctest" else _python(code, main, str(source))
    if status == 0:
        facts, problems = _facts(main.__dict__, job["facts"])
        Path(job["result"]).write_text(json.dumps({"facts": facts, "problems": problems}), encoding="utf-8")
    return status


def _guard(example: str) -> None:
    """Install the guard, without the package that it is a part of, which the example is to import by itself."""
    path = Path(__file__).with_name("guard.py")
    spec = importlib.util.spec_from_file_location("edgedocs_guard", path)
    assert spec is not None
    assert spec.loader is not None
    guard = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(guard)
    guard.install(example)


def _python(code: str, main: types.ModuleType, filename: str) -> int:
    try:
        exec(compile(code, filename, "exec", dont_inherit=True), main.__dict__)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException as error:
        # The reader's code begins below this frame.
        traceback.print_exception(type(error), error, error.__traceback__ and error.__traceback__.tb_next)
        return 1
    return 0


def _doctest(code: str, main: types.ModuleType, job: dict[str, Any]) -> int:
    from sybil.evaluators.doctest import DocTestEvaluator
    from sybil.parsers.abstract.doctest import DocTestStringParser

    evaluate: Callable[[Any], str] = DocTestEvaluator()
    for region in DocTestStringParser()(code, job["shown"]):
        failure = evaluate(types.SimpleNamespace(parsed=region.parsed, namespace=main.__dict__, path=job["shown"]))
        if failure:
            print(
                f"line {region.parsed.lineno + job['first_line']}: >>> {region.parsed.source}{failure}", file=sys.stderr
            )
            return 1
    return 0


def _facts(namespace: dict[str, Any], names: list[str]) -> tuple[dict[str, object], list[str]]:
    facts: dict[str, object] = {}
    problems = []
    for name in names:
        # Not before the example has ended, which is to import what it needs by itself.
        from edgedocs.examples.facts import as_scalar

        if name not in namespace:
            problems.append(f"the example has no variable {name!r}")
            continue
        value = as_scalar(namespace[name])
        if value is None:
            problems.append(f"{name!r} is no finite number, text or truth value but {_described(namespace[name])}")
        facts[name] = value
    return facts, problems


def _described(value: object) -> str:
    try:
        return f"{value!r:.200}"
    except Exception:  # whatever the example's own class raises here
        return f"an object of {type(value).__name__}"


if __name__ == "__main__":
    sys.exit(run_job(Path(sys.argv[1])))
