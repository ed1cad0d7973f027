"""The tool `restore`: enlarge a picture, restore it, and measure the result."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agent.imaging.picture import white_level
from agent.imaging.resampling import enlarged
from agent.measures.fidelity import luma
from agent.measures.sharpness import mean_profiles
from agent.settings import Settings
from agent.systems.figures import figure
from agent.systems.restoration.before_after import before_after
from agent.systems.restoration.change_figures import change_map, profile_plot
from agent.systems.restoration.comparison import Comparison
from agent.systems.restoration.evidence import measure
from agent.systems.spec import Figure, Job, NotApplicable, Progress, Restorer, ToolOutput
from agent.types import Provenance

#: Minimum side, in pixels: smaller pictures give the network nothing to go by.
MIN_SIDE = 16
#: Standard deviation of luma, in grey levels, below which a picture has nothing to restore.
MIN_DETAIL = 0.5


def restore(
    open_restorer: Callable[[Settings], Restorer],
    job: Job,
    settings: Settings,
    progress: Progress,
) -> ToolOutput:
    """Enlarge by `job.factor` with bicubic interpolation, then restore.

    Alpha is enlarged too but not restored; colours under full transparency are filled from their
    surroundings.

    Args:
        open_restorer: opens the network that the settings name, and caches it.

    Raises:
        NotApplicable: if there are no weights, or nothing in the picture to restore.
        CheckpointError: if the weights cannot be used.
        ArithmeticError: if the network's output is not finite.
        MemoryError: if the picture does not fit into memory.
    """
    if reason := _why_not(job, settings):
        raise NotApplicable(reason)
    progress("loading the network")
    restorer = open_restorer(settings)
    before, after = restorer.enlarge_and_restore(
        job.picture,
        job.factor,
        lambda done, total: progress(f"restored {done} of {total} tiles"),
    )
    progress("measuring")
    pair = Comparison(before, after)
    return ToolOutput(
        measure(job, pair),
        _figures(job, restorer, pair),
        provenance_of(restorer),
    )


def provenance_of(restorer: Restorer) -> Provenance:
    """Return the provenance of a restoration, without versions and seconds."""
    return Provenance(
        weights_sha256=restorer.sha256,
        device=str(restorer.device),
        dtype=" and ".join(restorer.arithmetic),
        licences=restorer.licences,
    )


def _why_not(job: Job, settings: Settings) -> str | None:
    """Return why this picture cannot be restored, and what to do about it; None if it can."""
    picture, factor = job.picture, job.factor
    if min(picture.width, picture.height) < MIN_SIDE:
        return (
            f"the picture is too small to restore, {picture.width} × {picture.height} pixels; "
            f"attach one of at least {MIN_SIDE} pixels a side"
        )
    pixels = picture.width * picture.height * factor**2
    if pixels > settings.max_pixels:
        return (
            f"enlarged {factor}× the picture would have {pixels:,} pixels, and at most "
            f"{settings.max_pixels:,} are restored; crop it or enlarge it less"
        )
    opaque = enlarged(picture, 1).pixels  # colours under full transparency do not count
    if luma(opaque, white_level(opaque)).std() < MIN_DETAIL:
        return "the picture is flat, all of one colour, so there is nothing to restore"
    return None


def _figures(job: Job, restorer: Restorer, pair: Comparison) -> Iterator[Figure]:
    name, factor, network = job.picture.name, job.factor, restorer.name
    went_in = f"{name}, enlarged {factor}× by bicubic interpolation"
    went_in += ": what the network was given" if restorer.scale == 1 else ", to compare with"
    if factor == 1:
        went_in = f"{name} as it was given to the network"
    went_in = "; ".join((went_in, *job.picture.notes))
    yield figure(job, "enlarged" if factor > 1 else "input", went_in, pair.before)
    came_out = "; ".join((f"{name}, restored by {network}", *restorer.notes))
    yield figure(job, "restored", came_out, pair.after)
    yield figure(
        job,
        "comparison",
        f"the most detailed part of {name}, before and after",
        before_after(job.picture, pair, f"restored by {network}"),
    )
    opaque = pair.on_white
    x, y = opaque.luma_before, opaque.luma_after
    change, reach = change_map(x, y)
    yield figure(
        job,
        "change",
        f"what restoration changed in {name}: orange where brighter, blue where darker; "
        f"colour saturates at a change of {reach:g} grey levels",
        change,
    )
    if profiles := mean_profiles(x, [y], opaque.edges):
        caption = f"median brightness profile across the strong edges of {name}, before and after"
        yield figure(job, "profile", caption, profile_plot(*profiles))
