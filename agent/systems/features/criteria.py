"""Thresholds at which measurements of sharpened features are for or against sharpening."""

from __future__ import annotations

from agent.systems.criterion import Criterion

BOUNDARIES = Criterion(
    "features-distance-ratio", 0.97, 1.03,
    (
        "boundaries of features came closer to those of the picture",
        "boundaries of features moved away from those of the picture",
        "boundaries of features moved only a little against those of the picture",
    ),
    unchanged=(1.0, "no change of their distance is beyond doubt"),
)  # fmt: skip
VIEWS = Criterion(
    "features-view-error-ratio", 0.97, 1.03,
    (
        "the finer features agree better with other views of the picture",
        "the finer features agree worse with other views of the picture",
        "the finer features agree about as well with other views of the picture",
    ),
    unchanged=(
        1.0, "no change is beyond doubt",
    ),
)  # fmt: skip
