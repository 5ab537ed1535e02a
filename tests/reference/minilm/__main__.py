"""Record the embeddings."""

import numpy as np
import torch
import transformers

from tests.reference.minilm import RECORDED, compute

ids, embeddings = compute()
np.savez_compressed(
    RECORDED,
    tokens=np.concatenate([np.array(one) for one in ids]),
    lengths=np.array([len(one) for one in ids]),
    embeddings=embeddings,
    made_with=np.array(f"transformers {transformers.__version__}, torch {torch.__version__}"),
)
