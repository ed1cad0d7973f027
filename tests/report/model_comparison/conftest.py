"""A comparison made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from agent.report.model_comparison.record import (
    ChangedPlace,
    ComparedPicture,
    CriterionVerdict,
    ModelComparison,
    ModelResult,
)
from agent.types import Artefact, Evidence, Provenance

PLACE = ChangedPlace(
    before="Depth", after="Dopth", line=(9, 9, 99, 30), words=(0, 1), x=20,
    where="near the top left", confidence=61.5, doubtful=True,
)  # fmt: skip


def evidence(key: str, value: float, unit: str, interval: tuple[float, float] | None) -> Evidence:
    return Evidence(
        id=key, quantity=key.replace("-", " "), value=value, unit=unit, measured_on="shot.png",
        method=f"how {key} is measured", interval=interval,
    )  # fmt: skip


def model(key: str, width: float, **more: object) -> ModelResult:
    name = f"shot-{key}.png"
    given: dict[str, object] = {
        "model": key, "name": key.upper(), "status": "ran", "basis": key,
        "picture": Artefact(name=name, caption=f"shot.png by {key}", sha256="0" * 64),
        "measurements": {
            "edge-width": evidence("edge-width", width, "px", (width - 0.1, width + 0.1)),
            "text-changed": evidence("text-changed", 3, "places", None),
        },
        "provenance": Provenance(licences=(f"{key}: MIT",)),
    }  # fmt: skip
    return ModelResult.model_validate(given | more)


def comparison(*results: ModelResult, **more: object) -> ModelComparison:
    shown = results or (
        model("bicubic", 3.2),
        model("net", 1.5, places=(PLACE,), notes=("computed in tiles",)),
        model("gone", 1.0, status="failed", reason="out of memory", picture=None, measurements={}),
    )
    verdict = CriterionVerdict(
        criterion="edges", outcome="best", measured=("edge-width",), leaders=("net",),
        text="Narrowest edges: NET (1.5 px), before BICUBIC (3.2 px).",
    )  # fmt: skip
    picture = ComparedPicture(
        name="shot.png", stem="shot", sha256="0" * 64, width=4, height=3, results=shown,
        verdicts=(verdict,), notes=("only the first of 3 frames",),
        figures=(Artefact(name="shot-detail.png", caption="the part", sha256="0" * 64),),
    )  # fmt: skip
    given: dict[str, object] = {
        "factor": 3, "models": tuple(result.model for result in shown), "pictures": (picture,),
        "finished": True, "version": "9.9",
    }  # fmt: skip
    return ModelComparison.model_validate(given | more)


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """Functions that make comparisons and results, and a place that reads differently."""
    return SimpleNamespace(comparison=comparison, model=model, place=PLACE)


@pytest.fixture
def whole() -> ModelComparison:
    return comparison()
