"""The tool `compare_representations`."""

from __future__ import annotations

from agent.systems.rsa import wording
from agent.systems.spec import Operation, ToolSpec

COMPARE_REPRESENTATIONS = ToolSpec(
    key="compare_representations",
    entry="agent.systems.rsa.tool:compare",
    title="Comparing representations",
    purpose="Compare what networks make of the parts of a picture.",
    level="full",
    wording=wording.sentences,
    about={"saliency": wording.saliency, "semantics": wording.geometry},
    operations=(
        Operation(
            key="compare_representations",
            asked_with="""
                representational similar*, rsa, suppress* .. salien*, salien* .. suppress*,
                sensitive .. salien*, salien* .. layer*, salien* .. semantic*, encod* .. salien*,
                salien* .. represent*, brain like, like the brain, like a brain, human brain,
                visual cortex, compare .. representation*, representation* .. compar*,
                representations differ, semantic encoding, encode .. semantic*, align* .. human*,
                how layers transform, internal representation*, see like humans, humans see, human
                visual perception, human perception
            """,
            done="You compared what networks make of {subject}",
            hint="compare the representations of networks",
            task="comparing what networks and brains make of pictures",
        ),
    ),
    packages=("numpy", "scipy", "timm", "torch"),
    needs_restored=True,
)
