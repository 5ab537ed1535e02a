from pathlib import Path

import edgedocs
from edgedocs import quantizers

Path("my-model").mkdir()
for attempt in (
    lambda: edgedocs.Checkpoint.open("my-model"),
    lambda: edgedocs.load("tiny", backend="pytorch"),
    lambda: quantizers.get("q4_k_m"),
):
    try:
        attempt()
    except edgedocs.EdgeDocsError as error:
        print(f"{error.what}\n  remedy: {error.remedy or 'choose one that the message lists'}")
    else:
        raise AssertionError("this should have failed")
