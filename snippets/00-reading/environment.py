import importlib.util
import os
import platform
from importlib.metadata import version

from edgedocs.core.provenance import processor

print(f"{'processor':20}{processor()}")
print(f"{'cores':20}{os.cpu_count()}")
print(f"{'system':20}{platform.system()} {platform.machine()}")
print(f"{'python':20}{platform.python_version()}")

distributions = {"numpy": "numpy", "onnxruntime": "onnxruntime", "llama_cpp": "llama-cpp-python"}
distributions |= {"openvino": "openvino", "mlx": "mlx", "matplotlib": "matplotlib"}
for module, distribution in distributions.items():
    found = importlib.util.find_spec(module) is not None
    print(f"{distribution:20}{version(distribution) if found else 'not installed'}")
