"""The tool `sharpen_features`."""

from __future__ import annotations

from agent.systems.features import criteria, wording
from agent.systems.spec import Operation, ToolSpec

SHARPEN_FEATURES = ToolSpec(
    key="sharpen_features",
    entry="agent.systems.features.tool:sharpen_features",
    title="Sharpening features",
    purpose="Enlarge the feature maps of a vision network on a picture and measure them.",
    level="full",
    wording=wording.sentences,
    about={"features": wording.boundaries},
    operations=(
        Operation(
            key="sharpen_features",
            asked_with="""
                sharp* .. feature*, feature* sharpen*, feature* .. coarse, upsampl* .. feature*,
                feature* .. upsampl*, feature map* .. sharp*, feature map* .. resolution,
                resolution of .. feature*, higher resolution feature*, high res feature*, high
                resolution feature*, dense features, coarse feature*, feature upsampl*, blurry
                feature*
            """,
            done="You sharpened the features of {subject}",
            hint="sharpen the feature maps of a network",
            task="sharpening the feature maps of vision networks",
        ),
    ),
    packages=("numpy", "pillow", "timm", "torch"),
    tests={"features-align": (criteria.BOUNDARIES,), "features-agree": (criteria.VIEWS,)},
)
