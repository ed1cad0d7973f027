"""A call that waits for its job, reports its progress, and cancels it if it is cancelled."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from mcp.server.mcpserver import Context

from agent.errors import Cancelled, GroundglassError
from agent.report.single_line import plain
from agent.web.failures import failure_of
from agent.web.jobs import Job

T = TypeVar("T")

#: The share in a line of progress: `40%: …`, or the tiles of one picture.
_SHARE = re.compile(r"(?P<percent>\d+)%: |(?P<done>\d+) of (?P<total>\d+) tiles")
_WHOLE = 100.0
#: Every notification has to report more than the last one, so the share stops short of the whole
#: and leaves room for the steps after it.
_LAST_SHARE, _STEP = 99.0, 0.01


async def result_of(job: Job[T], context: Context[Any, Any], *, shares: bool = False) -> T:
    """Wait for a job and return its result.

    Args:
        shares: whether its lines of progress state the share of the work that is done. If not, the
            lines are numbered, since nobody knows how many there will be.

    Raises:
        GroundglassError: an error of the job that a person should read, or the end of the server.
    """
    so_far = 0.0
    try:
        async for event in job.events():
            if event.kind != "progress":
                continue
            line = plain(str(event.data))
            so_far = max(so_far + _STEP, _share(line)) if shares else so_far + 1
            await context.report_progress(so_far, _WHOLE if shares else None, line)
        return await job.result()
    except Cancelled as cancelled:  # not an `Exception`: it would end the whole connection
        raise GroundglassError(failure_of(cancelled).line) from None
    finally:
        if not job.ended:  # nobody waits for it any longer
            job.cancel()


def _share(line: str) -> float:
    """Return the share that a line of progress states, in [0, 99]; 0 if it states none."""
    match = _SHARE.search(line)
    if match is None:
        return 0.0
    if match["percent"]:
        return _LAST_SHARE * min(1.0, float(match["percent"]) / _WHOLE)
    return _LAST_SHARE * int(match["done"]) / max(1, int(match["total"]))
