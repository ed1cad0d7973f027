"""A call that waits for its job: tells how far it is, and takes it along where it is cancelled."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from mcp.server.mcpserver import Context

from agent.errors import Cancelled, GroundglassError
from agent.report.single_line import plain
from agent.web.failures import failure_of
from agent.web.jobs import Job

T = TypeVar("T")

#: What a line of progress says of its share: `40%: …`, or tiles of one picture.
_SHARE = re.compile(r"(?P<percent>\d+)%: |(?P<done>\d+) of (?P<total>\d+) tiles")
_WHOLE = 100.0
#: Each notification has to be further than the one before; what is still to be done after the last
#: share needs room for that.
_LAST_SHARE, _STEP = 99.0, 0.01


async def result_of(job: Job[T], context: Context[Any, Any], *, shares: bool = False) -> T:
    """What comes of a job.

    Args:
        shares: whether the lines of its progress tell the share of all its work. Else the client
            gets the lines numbered, since nobody knows how many there will be.

    Raises:
        GroundglassError: what the job raised for a person to read, and where the server ends.
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
    except Cancelled as cancelled:  # no `Exception`, it would end the whole connection
        raise GroundglassError(failure_of(cancelled).line) from None
    finally:
        if not job.ended:  # nobody waits for it any more
            job.cancel()


def _share(line: str) -> float:
    """In [0, 99]; 0 where the line does not tell."""
    found = _SHARE.search(line)
    if found is None:
        return 0.0
    if found["percent"]:
        return _LAST_SHARE * min(1.0, float(found["percent"]) / _WHOLE)
    return _LAST_SHARE * int(found["done"]) / max(1, int(found["total"]))
