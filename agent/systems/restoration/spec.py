"""The tools of restoration: `restore`, and `ablate`, which ablates parts of its network.

A further restorer is a package with a `Restorer` and a spec from `restoring_tool`, a line in the
catalogue, and a card.
"""

from __future__ import annotations

from agent.systems.restoration import ablation_wording, criteria, wording
from agent.systems.spec import Operation, ToolSpec

ENLARGE = Operation(
    key="enlarge",
    asked_with="""
        upscal*, up scal*, upsampl*, upsiz*, upres*, enlarg*, super resol*, superres*, magnif*,
        blow .. up, blew .. up, blown up, blowing .. up, scale* up, scale .. up, scaled .. up,
        scaling up, zoom*, resize*, resiz*, embiggen*, increas* .. resolution, boost* ..
        resolution, doubl* .. resolution, tripl* .. resolution, rais* .. resolution, improv* ..
        resolution, doubl* .. size, tripl* .. size, quadrupl* .. size, make .. bigger, made ..
        bigger, make .. larger, made .. larger, bigger version
    """,
    done="You enlarged {subject}{factor}",
    hint="enlarge a picture",
    task="enlarging pictures",
)
DEBLUR = Operation(
    key="deblur",
    asked_with="""
        deblur*, de blur*, unblur*, un blur*, sharpen*, remov* .. blur*, reduc* .. blur*, fix* ..
        blur*, correct* .. blur*, undo* .. blur*, handl* .. blur*, get rid of .. blur*, deal* with
        .. blur*, cope* with .. blur*, clean* .. blur*, rescu* .. blur*, sav* .. blur*, recover* ..
        blur*, restor*, less blurry, fix .. out of focus, make .. sharper, make .. crisp*, make ..
        clear*, made .. sharper, make .. readable, make .. legible, camera shake, motion blur, fix
        .. focus, repair .. blur*
    """,
    done="You had {subject} deblurred",
    hint="deblur a picture",
    task="removing blur from pictures",
)

_TESTS = {
    "edges-narrow": tuple(criteria.WIDTHS.values()),
    "no-halos": (criteria.HALOS,),
    "change-at-edges": (criteria.PLACE_OF_CHANGE,),
    "structure-kept": (criteria.STRUCTURE,),
}


_ABOUT = {
    **dict.fromkeys(("blur", "sharpness", "edges", "detail"), wording.sharpness),
    "hallucination": wording.invention,
    "noise": wording.away_from_edges,
    "artefacts": wording.halos,
    "colour": wording.colours,
    "structure": wording.structure,
    **dict.fromkeys(("enlargement", "resolution"), wording.sizes),
}


def restoring_tool(
    key: str,
    network: str,
    restorer: str,
    packages: tuple[str, ...] = ("numpy", "pillow", "torch"),
    limits: tuple[str, ...] = (),
) -> ToolSpec:
    """Return the spec of a tool that restores pictures with a network and measures the effect.

    Args:
        key: value of `tool` in a card.
        network: name of the network, such as `MIMO-UNet+`.
        restorer: `module:function` that opens the `Restorer` from the settings.
        packages: installed packages whose versions a result depends on.
        limits: limits that an answer must state if the tool ran.
    """
    return ToolSpec(
        key=key,
        entry="agent.systems.restoration.tool:restore",
        network=network,
        restorer=restorer,
        title=f"Restoration by {network}",
        purpose="Enlarge a picture by the factor with the bicubic filter, restore it with "
        f"{network}, and measure edges, overshoot and change before and after.",
        level="core",
        wording=wording.sentences,
        gist=wording.gist,
        about=_ABOUT,
        operations=(ENLARGE, DEBLUR),
        packages=packages,
        tests=_TESTS,
        limits=limits,
    )


RESTORE = restoring_tool(
    key="restore",
    network="MIMO-UNet+",
    restorer="agent.systems.restoration.restorer:open_mimo_unet",
    limits=(
        "Unless you passed --weights, this run used the bundled weights, which this project "
        "trained; the authors' published figures do not apply to them.",
        "On validation pictures, the bundled weights help most after enlargement, barely reduce "
        "camera shake, and make out-of-focus or softened pages slightly harder to read; the model "
        "card has the figures.",
    ),
)

ABLATION = ToolSpec(
    key="ablate",
    entry="agent.systems.restoration.ablation:ablate",
    title="Ablation of parts of MIMO-UNet+",
    purpose="Switch parts of the restoration network off and measure what changes in the result.",
    level="full",
    wording=ablation_wording.sentences,
    packages=("numpy", "torch"),
    needs_restored=True,
    part_of="restore",
    tests={
        "attention-sharpens": (criteria.ablation_width("attention"),),
        "fusion-sharpens": (criteria.ablation_width("fusion"),),
    },
)
