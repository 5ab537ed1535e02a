import random
from pathlib import Path

import numpy as np

import edgedocs
from edgedocs.containers.imatrix import ImportanceMatrix
from edgedocs.measurement import importance
from edgedocs.tiny import held_out

checkpoint = edgedocs.Checkpoint.open("tiny")
text = held_out("en")[16_000:20_000]
words, letters = text.split(" "), list(text)
random.Random(0).shuffle(words)
random.Random(0).shuffle(letters)
texts = {
    "English": text,
    "other English": held_out("en")[24_000:28_000],
    "its words, shuffled": " ".join(words),
    "its letters, shuffled": "".join(letters),
    "Czech": held_out("cs")[16_000:20_000],
}

found, alikes = {}, []
for title, one in texts.items():
    importance(checkpoint, one, chunks=2).write(Path("matrix.gguf"), [title])
    entries = ImportanceMatrix.open(Path("matrix.gguf")).entries
    found[title] = np.log(np.concatenate([entries[name] for name in sorted(entries) if "ffn_down" in name]))
    alikes.append(np.corrcoef(found[title], found["English"])[0, 1])
    print(f"{title:22} {alikes[-1]:.3f} alike")

_, other, words_alike, letters_alike, czech = alikes
assert words_alike > other > letters_alike > czech
