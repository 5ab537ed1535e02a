"""The workflow that publishes the handbook: read as YAML, its actions pinned, its commands those of the project."""

import re
from pathlib import Path
from typing import Any

import yaml

from edgedocs.cli import cli
from tests.publishing import test_weight
from tests.publishing.site import ROOT


def workflow() -> dict[Any, Any]:
    found = yaml.safe_load((ROOT / ".github" / "workflows" / "pages.yml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_actions_are_pinned_to_commits() -> None:
    used = [step["uses"] for job in workflow()["jobs"].values() for step in job["steps"] if "uses" in step]
    assert len(used) == 6
    for action in used:
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action), action


def test_verifies_before_it_publishes_and_may_do_no_more_than_it_must() -> None:
    found = workflow()
    assert found[True]["push"]["branches"] == ["main"]  # YAML 1.1 reads the key `on` so
    assert found["permissions"] == {"contents": "read"}
    build, deploy = found["jobs"]["build"], found["jobs"]["deploy"]
    assert deploy["needs"] == "build"
    assert deploy["permissions"] == {"pages": "write", "id-token": "write"}
    runs = [step["run"] for step in build["steps"] if "run" in step]
    order = [
        next(place for place, run in enumerate(runs) if words in run) for words in ("pytest docs/", "check", "build")
    ]
    assert order == sorted(order)
    upload = next(step for step in build["steps"] if "upload-pages-artifact" in step.get("uses", ""))
    assert f"--site-dir {upload['with']['path']} " in runs[-1]


def test_its_commands_exist_with_their_options() -> None:
    for step in workflow()["jobs"]["build"]["steps"]:
        words = step.get("run", "").split()
        if "edgedocs" not in words:
            continue
        group, name, *options = words[words.index("edgedocs") + 1 :]
        command = cli.commands[group].commands[name]  # type: ignore[attr-defined]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {option for option in options if option.startswith("--")} <= known
    used = {name for step in workflow()["jobs"]["build"]["steps"] for name in step.get("env", {})}
    assert used == {"EDGEDOCS_SITE_URL", "EDGEDOCS_REPO_URL", "EDGEDOCS_REQUIRE_ALL"}
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert all(f"!ENV [{name}, " in settings for name in used - {"EDGEDOCS_REQUIRE_ALL"})


def test_pictures_of_pages_are_kept_whether_the_pages_are_as_they_should_be_or_not() -> None:
    steps = workflow()["jobs"]["build"]["steps"]
    (place,) = [place for place, step in enumerate(steps) if "upload-artifact" in step.get("uses", "")]
    takes, keeps = steps[place - 1], steps[place]
    assert takes["run"].split()[-1] == Path(test_weight.__file__).relative_to(ROOT).as_posix()
    assert takes["env"] == {"EDGEDOCS_REQUIRE_ALL": "1"}, "without a browser nobody would notice"
    assert keeps["if"] == "${{ !cancelled() }}"
    assert ROOT / keeps["with"]["path"] == ROOT / "build" / "screenshots"
    source = Path(test_weight.__file__).read_text(encoding="utf-8")
    assert 'ROOT / "build" / "screenshots"' in source, "where the pictures are without EDGEDOCS_SCREENSHOTS"
