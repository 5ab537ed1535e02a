import shutil
from pathlib import Path

import onnxruntime

import edgedocs

folder = edgedocs.convert("tiny", "onnx", to="onnx", type="f32").path
Path("alone").mkdir()
shutil.copy(folder / "model.onnx", "alone")

try:
    onnxruntime.InferenceSession("alone/model.onnx")
except Exception as error:
    said = str(error)
    print(type(error).__name__, "that names the file" if "model.onnx.data" in said else said)
else:
    raise AssertionError("half a model was loaded")
