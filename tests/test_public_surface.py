import inspect

import edgedocs


def test_every_public_name_exists_once_and_is_documented() -> None:
    assert len(edgedocs.__all__) == len(set(edgedocs.__all__))
    for name in edgedocs.__all__:
        assert inspect.getdoc(getattr(edgedocs, name)), name


def test_the_tour_names_its_stops() -> None:
    for noun in ("Checkpoint", "quantizers", "convert", "load", "measurement"):
        assert noun in edgedocs.__doc__
        assert noun in edgedocs.__all__


def test_public_methods_are_documented() -> None:
    for owner in (edgedocs.Checkpoint, edgedocs.Artifact, edgedocs.Runner):
        for name, member in inspect.getmembers(owner):
            if not name.startswith("_") and (inspect.isroutine(member) or isinstance(member, property)):
                assert inspect.getdoc(member), f"{owner.__name__}.{name}"
