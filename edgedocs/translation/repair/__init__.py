"""Repair: text whose UTF-8 bytes were read in another encoding, put right where its bytes say how.

- :mod:`.codecs`: the encodings, and what they make of UTF-8;
- :mod:`.evidence`: what tells damage from text that only looks odd;
- :mod:`.diagnosis`: which codecs damaged a text, and the text before;
- :mod:`.torn`: characters of which bytes were dropped;
- :mod:`.repairing`: the same for files.
"""

from __future__ import annotations

from edgedocs.translation.repair.diagnosis import Diagnosis, Loss, diagnose
from edgedocs.translation.repair.repairing import Repair, repair

__all__ = ["Diagnosis", "Loss", "Repair", "diagnose", "repair"]
