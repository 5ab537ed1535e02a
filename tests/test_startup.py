"""Starting is light: neither importing the package nor asking for help loads anything heavy.

How long it takes is measured by benchmarks/startup.py; a time is no assertion, for it depends on the machine.
"""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "babel",
    "foundry_local_sdk",
    "gguf",
    "httpx",
    "httpx2",
    "jinja2",
    "llama_cpp",
    "matplotlib",
    "mlx",
    "mlx_lm",
    "ml_dtypes",
    "mkdocs",
    "numba",
    "numpy",
    "onnx",
    "nncf",
    "ollama",
    "onnxruntime",
    "openai",
    "openvino",
    "psutil",
    "pytest",
    "safetensors",
    "sybil",
    "tokenizers",
    "torch",
    "transformers",
}
REPORT = "import json, sys; json.dump(sorted({name.partition('.')[0] for name in sys.modules}), sys.stderr)"
WAYS = {
    "import edgedocs": f"import edgedocs; {REPORT}",
    "edgedocs --help": f"""
import sys
from edgedocs.cli import main
sys.argv = ["edgedocs", "--help"]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
{REPORT}
""",
}


def start(way: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", "-c", WAYS[way]], capture_output=True, text=True, check=True)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_heavy_is_imported(way: str) -> None:
    imported = set(json.loads(start(way).stderr))
    assert "edgedocs" in imported
    assert imported & HEAVY == set()


def test_help_lists_the_commands() -> None:
    shown = start("edgedocs --help").stdout
    for command in (
        "convert",
        "quantize",
        "imatrix",
        "inspect",
        "diff",
        "run",
        "serve",
        "modelfile",
        "measure",
        "bench",
        "compare",
        "advise",
        "backends",
        "catalog",
        "translate",
        "examples",
        "site",
    ):
        assert f"  {command} " in shown
