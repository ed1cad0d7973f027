"""Output of a study of `agent.lab.evaluation.rsa`: table, CSV, JSON, figure and matrices."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any

import numpy as np

from agent.imaging.plotting import keep_matplotlib_in_cache
from agent.lab.evaluation.rsa import Row, Study
from agent.measures.similarity import Correlation
from agent.systems.rsa.figure import depth_figure
from agent.text import visible


def to_dict(result: Study) -> dict[str, Any]:
    """Return plain values for JSON; missing ones are null."""
    both = result.saliency_with_semantic
    return {
        "encoder": result.encoder,
        "weights": result.weights,
        "weights_sha256": result.weights_sha256,
        "licence": result.licence,
        "pictures": list(result.pictures),
        "rows": [_row_dict(row) for row in result.rows],
        "saliency_with_semantic": both and _correlation_dict(both),
        "permutations": result.permutations,
        "resamples": result.resamples,
        "seed": result.seed,
        "notes": list(result.notes),
    }


def figure(result: Study) -> bytes:
    """Plot the correlations with saliency and meaning by depth, as PNG."""
    series = {"saliency": [row.saliency for row in result.rows]}
    semantic = [row.semantic for row in result.rows if row.semantic is not None]
    if semantic:
        series["semantics (captions)"] = semantic
    title = f"{result.encoder}, {len(result.pictures)} pictures"
    return depth_figure([row.layer for row in result.rows], series, title)


def table(result: Study) -> str:
    """Format the study as lines of text."""
    width = max(len("layer"), *(len(row.layer) for row in result.rows))
    kinds = ["saliency", *(["semantics"] if result.rows[0].semantic else [])]
    columns = "".join(f"  {kind + ' ρ (95 %)':<25}{'p':>8}{'q':>8}" for kind in kinds)
    lines = [f"{'layer':<{width}}{columns}"]
    for row in result.rows:
        cells = _cells(row.saliency, row.saliency_q)
        if row.semantic is not None and row.semantic_q is not None:
            cells += _cells(row.semantic, row.semantic_q)
        lines.append(f"{visible(row.layer):<{width}}{cells}")
    lines.append("")
    if both := result.saliency_with_semantic:
        lines.append(f"saliency with semantics:{_cells(both, None)}")
    lines.append(
        f"{len(result.pictures)} pictures; {visible(result.encoder)}, weights: "
        f"{visible(result.weights)}, licence {visible(result.licence)}"
    )
    lines.append(
        f"p: {result.permutations} permutations, two-sided; q: corrected over layers; interval: "
        f"{result.resamples} resamples of pictures; seed {result.seed}"
    )
    return "\n".join([*lines, *(f"note: {note}" for note in result.notes)])


def to_csv(result: Study) -> str:
    """Return CSV with a header and one row per layer."""
    out = io.StringIO()
    rows = [_flat(_row_dict(row)) for row in result.rows]
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def save_rdms(result: Study, path: Path) -> None:
    """Save all matrices in rsatoolbox's file format."""
    keep_matplotlib_in_cache()  # rsatoolbox imports matplotlib
    from rsatoolbox.rdm import RDMs

    names = list(result.rdms)
    RDMs(
        np.stack([result.rdms[name] for name in names]),
        dissimilarity_measure="cosine",
        rdm_descriptors={"name": names},
        pattern_descriptors={"picture": list(result.pictures)},
    ).save(str(path), file_type="hdf5", overwrite=True)


def _cells(correlation: Correlation, q: float | None) -> str:
    rho = f"{correlation.value:+.3f} ({correlation.low:+.3f} to {correlation.high:+.3f})"
    last = "" if q is None else f"{q:8.4f}"
    return f"  {rho:<25}{correlation.p:8.4f}{last}"


def _row_dict(row: Row) -> dict[str, Any]:
    content: dict[str, Any] = {"layer": row.layer, "depth": row.depth}
    for kind, correlation, q in (
        ("saliency", row.saliency, row.saliency_q), ("semantic", row.semantic, row.semantic_q)
    ):  # fmt: skip
        if correlation is not None and q is not None:
            content[kind] = {**_correlation_dict(correlation), "q": _finite_or_none(q)}
    return content


def _correlation_dict(correlation: Correlation) -> dict[str, float | None]:
    return {name: _finite_or_none(value) for name, value in correlation._asdict().items()}


def _finite_or_none(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def _flat(content: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in content.items():
        flat |= (
            {f"{key}_{k}": v for k, v in value.items()} if isinstance(value, dict) else {key: value}
        )
    return flat
