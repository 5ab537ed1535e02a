"""Foundry Local's web service, in the process of a local server; see ``child.py``."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from edgedocs.runners.serving.child import Process


def serve(settings: dict[str, Any], process: Process) -> None:
    """Serve a folder of ONNX Runtime GenAI."""
    port = process.free_port(settings["host"], settings["port"])
    host = f"[{settings['host']}]" if ":" in settings["host"] else settings["host"]
    folder = Path(tempfile.mkdtemp(prefix="edgedocs-foundry-"))
    process.at_the_end.append(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ["TMPDIR"] = str(folder)  # it leaves a file of its session there
    import foundry_local_sdk as package

    package.FoundryLocalManager.initialize(
        package.Configuration(
            "edgedocs",
            app_data_dir=str(folder / "data"),
            model_cache_dir=str(folder / "models"),
            logs_dir=str(folder / "logs"),
            web=package.Configuration.WebService(urls=f"http://{host}:{port}"),
            disable_nonessential_telemetry=True,
        )
    )
    manager: Any = package.FoundryLocalManager.instance
    # The public catalog is never asked for. What is in this one is served below /catalogs/local.
    catalog = manager.get_catalog(package.CatalogType.LOCAL)
    with package.ModelInfoBuilder().set_string_property("task", "chat-completion") as about:
        model = catalog.register_model(Path(settings["model"]), settings["alias"], about)
    model.load()
    manager.start_web_service()
    process.ready(urlsplit(manager.urls[0]).port or port)
    while True:
        time.sleep(3600)
