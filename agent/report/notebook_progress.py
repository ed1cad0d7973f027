"""A progress bar for notebooks."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from agent.report.elements import escape_text, tag
from agent.report.single_line import plain

Progress = Callable[[str], None]

_LEAST_SECONDS = 0.1
"""Minimum between two updates of the bar, since each is a message to the browser."""
_SHARE = re.compile(r"\b(\d{1,9}) of (\d{1,9})\b(?!.*\b\d+ of \d)")


@contextmanager
def shown(progress: Progress | None) -> Iterator[Progress]:
    """Provide a progress callback: the given one, else a bar in a notebook, else one that does
    nothing.

    The bar is removed at the end.
    """
    if progress is not None:
        yield progress
    elif not in_notebook():
        yield lambda _: None
    else:
        bar = _Bar()
        try:
            yield bar.show
        finally:
            bar.clear()


def in_notebook() -> bool:
    """Check whether this runs in the kernel of a notebook, which has IPython loaded already."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


class _Bar:
    def __init__(self) -> None:
        self._handle: Any = None
        self._last = 0.0

    def show(self, line: str) -> None:
        from IPython.display import HTML, display

        now = time.monotonic()
        if self._handle is None:
            self._handle = display(HTML(bar_of(line)), display_id=True)
        elif now - self._last >= _LEAST_SECONDS:
            self._handle.update(HTML(bar_of(line)))
        else:
            return
        self._last = now

    def clear(self) -> None:
        if self._handle is not None:
            from IPython.display import HTML

            self._handle.update(HTML(""))


def bar_of(line: str) -> str:
    """Return a line of progress as HTML, with a bar that shows `3 of 12` or is indeterminate."""
    share = _SHARE.search(line)
    done = {"value": share[1], "max": share[2]} if share and int(share[2]) else {}
    text = plain(line)
    bar = tag("progress", aria_label=text, **done).strip()
    return tag("div", bar, " ", tag("span", escape_text(text)).strip(), role="status")
