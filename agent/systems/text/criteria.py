"""Thresholds at which readings before and after restoration are for or against it."""

from __future__ import annotations

import math

from agent.systems.criterion import Criterion

CONFIDENCE = Criterion(
    "text-confidence-change", -1.0, -3.0,
    (
        "text is read with at least as much confidence as before",
        "text is read with less confidence than before",
        "text is read with a little less confidence than before",
    ),
    unchanged=(0.0, "no change is beyond doubt"),
    absent=("text-lines", "no text was read in the picture"),
)  # fmt: skip
#: A recogniser can be surer of a wrong word, so confidence alone supports nothing.
DOUBTFUL = Criterion(
    "text-doubtful", 0.0, math.inf,
    (
        "no place reads differently and doubtfully",
        "",
        "some places read differently, and doubtfully",
    ),
)  # fmt: skip
UNREAD = Criterion(
    "text-unread", 0.0, math.inf, ("every line could be read", "", "some lines could not be read")
)
