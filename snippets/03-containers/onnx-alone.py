import shutil
from pathlib import Path

import onnxruntime

import edgedocs

folder = edgedocs.convert(edgedocs.Checkpoint.open(), "onnx", to="onnx", type="f32").path
Path("alone").mkdir()
shutil.copy(folder / "model.onnx", "alone")

try:
    onnxruntime.InferenceSession("alone/model.onnx")
except Exception as error:
    path = str(Path("alone").resolve())
    print(type(error).__name__, str(error).replace(path, "alone").partition("Error: ")[2].partition(" ")[2])
else:
    raise AssertionError("half a model was loaded")
