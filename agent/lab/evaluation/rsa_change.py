"""Effect of a condition: its correlations minus those of the baseline, by layer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.errors import InputError
from agent.files import read_text
from agent.text import visible

#: Changes by layer and kind of correlation; null if either value is missing.
Changes = Mapping[str, Mapping[str, float | None]]
_MOST_BYTES = 500_000_000
_SAME = ("encoder", "weights_sha256", "pictures")


def changes(condition: Mapping[str, Any], baseline: Path) -> Changes:
    """Return condition − baseline for every layer that both have.

    Args:
        condition: result of `rsa_table.to_dict`.
        baseline: file with such a result, saved by `groundglass rsa -o`.

    Raises:
        InputError: if the file cannot be read, or is of another encoder or other pictures.
    """
    text = read_text(baseline, "the rsa.json of an earlier run", _MOST_BYTES)
    try:
        content = json.loads(text)
        rows = {row["layer"]: row for row in content["rows"]}
        differing = [key for key in _SAME if content[key] != condition[key]]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{baseline}: not a result of groundglass rsa; give the rsa.json of an earlier run"
        ) from error
    if differing:
        raise InputError(
            f"{baseline}: differs in {', '.join(differing)}; expected the same encoder and "
            "pictures of the same names"
        )
    deltas = {
        row["layer"]: {
            kind: _minus(row[kind]["value"], rows[row["layer"]][kind]["value"])
            for kind in ("saliency", "semantic")
            if kind in row and kind in rows[row["layer"]]
        }
        for row in condition["rows"]
        if row["layer"] in rows
    }
    if not deltas:
        raise InputError(f"{baseline}: has none of the layers; name the same with --layers")
    return deltas


def table(changes: Changes) -> str:
    """Format the changes as lines of text."""
    kinds = list(next(iter(changes.values())))
    width = max(len("layer"), *map(len, changes))
    lines = ["change to the baseline", f"{'layer':<{width}}" + "".join(f"{k:>12}" for k in kinds)]
    for layer, values in changes.items():
        cells = "".join("           –" if v is None else f"{v:>+12.3f}" for v in values.values())
        lines.append(f"{visible(layer):<{width}}{cells}")
    return "\n".join(lines)


def _minus(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else round(value - other, 6)
