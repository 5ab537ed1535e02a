import numpy as np
from gguf import GGMLQuantizationType, dequantize

import edgedocs
from edgedocs import quantizers

matrix = edgedocs.Checkpoint.open().tensors["model.layers.0.mlp.up_proj.weight"]
weights = matrix.float32().reshape(-1)[:256]
block = quantizers.get("q4_k").quantize(weights)

scale, minimum = block[:4].view(np.float16).astype(np.float32)
packed = block[4:16].astype(int)  # eight 6-bit scales and eight 6-bit minimums in twelve bytes
scales, minimums = packed[:4] & 63, packed[4:8] & 63  # those of sub-blocks 0-3 stand in one piece
scales = np.append(scales, packed[8:] & 15 | (packed[:4] >> 6) << 4)  # the others are in two pieces
minimums = np.append(minimums, packed[8:] >> 4 | (packed[4:8] >> 6) << 4)

pairs = block[16:].reshape(4, 1, 32)  # 32 bytes hold the codes of two sub-blocks
codes = np.concatenate([pairs & 15, pairs >> 4], axis=1).reshape(8, 32)
steps, offsets = scale * scales.astype(np.float32), minimum * minimums.astype(np.float32)
restored = codes * steps[:, np.newaxis] - offsets[:, np.newaxis]

print("scale  ", scale, " minimum", minimum)
for number in range(8):
    shown = f"scale {scales[number]:2}, minimum {minimums[number]:2}"
    print(f"sub-block {number}: {shown}, codes", *codes[number, :8], "...")
assert np.array_equal(restored.reshape(-1), dequantize(block, GGMLQuantizationType.Q4_K))
