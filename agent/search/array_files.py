"""Arrays kept in a folder and mapped from there, whole or not at all.

Knows numpy's file format and nothing of what the arrays mean. A folder appears under its name
only when it is complete, so a process that is killed leaves nothing half; one that was damaged
later is taken for missing.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

KEPT = 16
"""Folders left beside a new one, those last used: every edit of a registry makes another."""


_HEADER = 128  # bytes of a file that holds no number


def load(folder: Path) -> dict[str, Any] | None:
    """Read-only, memory-mapped arrays by name; None where there are none or they are damaged.

    The folder counts as used now.
    """
    import numpy as np

    try:
        sizes = json.loads((folder / "sizes.json").read_text("utf-8"))
        arrays: dict[str, Any] = {}
        for name, size in sizes.items():
            path = folder / f"{name}.npy"
            if path.stat().st_size != size:
                return None
            mode: Literal["r"] | None = "r" if size > _HEADER else None  # nothing cannot be mapped
            # A plain view: numpy's memmap class is slow to slice.
            arrays[name] = np.asarray(np.load(path, mmap_mode=mode, allow_pickle=False))
        with suppress(OSError):
            os.utime(folder)
        return arrays
    except (OSError, ValueError, AttributeError, TypeError):
        return None


def recent(parent: Path, pattern: str, count: int) -> list[dict[str, Any]]:
    """Arrays of the folders of a pattern that were used last, at most `count`."""
    with suppress(OSError):
        folders = sorted(parent.glob(pattern), key=os.path.getmtime, reverse=True)
        return [arrays for folder in folders[:count] if (arrays := load(folder)) is not None]
    return []


def save(folder: Path, arrays: Mapping[str, Any]) -> bool:
    """Keep arrays under a folder; False, and nothing kept, where that cannot be written."""
    import numpy as np

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    except OSError:
        return False
    try:
        sizes = {}
        for name, array in arrays.items():
            np.save(temporary / f"{name}.npy", array, allow_pickle=False)
            sizes[name] = (temporary / f"{name}.npy").stat().st_size
        (temporary / "sizes.json").write_text(json.dumps(sizes), "utf-8")
        if folder.exists():  # damaged, or made by another process meanwhile
            shutil.rmtree(folder)
        temporary.rename(folder)
    except OSError:
        return False
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    _forget_old(folder)
    return True


def _forget_old(folder: Path) -> None:
    with suppress(OSError):
        others = [path for path in folder.parent.iterdir() if path != folder and path.is_dir()]
        others.sort(key=os.path.getmtime, reverse=True)
        for path in others[KEPT:]:
            shutil.rmtree(path, ignore_errors=True)
