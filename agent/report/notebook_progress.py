"""Progress as a bar in a notebook, where the work runs in one."""

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
"""Between two changes of the bar: each is a message to the browser."""
_SHARE = re.compile(r"\b(\d{1,9}) of (\d{1,9})\b(?!.*\b\d+ of \d)")


@contextmanager
def shown(progress: Progress | None) -> Iterator[Progress]:
    """Whom to tell a line of progress: whoever was named; else a bar in a notebook, else nobody.

    The bar is taken away at the end.
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
    """Whether this runs in the kernel of a notebook; a notebook has loaded IPython long ago."""
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
    """A line of progress as HTML: a bar as long as `3 of 12` says, or one that only moves."""
    share = _SHARE.search(line)
    done = {"value": share[1], "max": share[2]} if share and int(share[2]) else {}
    text = plain(line)
    bar = tag("progress", aria_label=text, **done).strip()
    return tag("div", bar, " ", tag("span", escape_text(text)).strip(), role="status")
