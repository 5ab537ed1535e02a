"""Embeddings by llama.cpp, from token ids, through the package llama_cpp's plain bindings."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float32]]


def embed(path: Path, texts: Sequence[Sequence[int]], *, pooled: bool = True) -> list[Array]:
    """What the model gives for each text, as float32: one vector, or one a token if not ``pooled``."""
    from llama_cpp import llama_cpp as library

    quiet = library.llama_log_callback(lambda level, text, data: None)
    library.llama_log_set(quiet, ctypes.c_void_p(0))
    library.llama_backend_init()
    model_parameters = library.llama_model_default_params()
    model_parameters.n_gpu_layers = 0
    model_parameters.use_extra_bufts = False
    model = library.llama_model_load_from_file(bytes(path), model_parameters)
    assert model, path
    parameters = library.llama_context_default_params()
    parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = 512
    parameters.n_threads = parameters.n_threads_batch = 1
    parameters.embeddings = True
    parameters.flash_attn_type = library.LLAMA_FLASH_ATTN_TYPE_DISABLED
    if not pooled:
        parameters.pooling_type = library.LLAMA_POOLING_TYPE_NONE
    context = library.llama_init_from_model(model, parameters)
    batch = library.llama_batch_init(512, 0, 1)
    try:
        return [_embed(library, context, batch, list(tokens), pooled) for tokens in texts]
    finally:
        library.llama_batch_free(batch)
        library.llama_free(context)
        library.llama_model_free(model)


def _embed(library: Any, context: Any, batch: Any, tokens: list[int], pooled: bool) -> Array:
    batch.n_tokens = len(tokens)
    for place, token in enumerate(tokens):
        batch.token[place], batch.pos[place] = token, place
        batch.n_seq_id[place], batch.seq_id[place][0] = 1, 0
        batch.logits[place] = True
    assert library.llama_decode(context, batch) == 0
    width = library.llama_model_n_embd(library.llama_get_model(context))
    if pooled:
        return np.ctypeslib.as_array(library.llama_get_embeddings_seq(context, 0), shape=(width,)).copy()
    return np.ctypeslib.as_array(library.llama_get_embeddings(context), shape=(len(tokens), width)).copy()
