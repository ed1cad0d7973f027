"""Fit the weights and the threshold of the match: `python -m agent.evaluation.fitting`.

The questions are our own, half of them held out; they are asked of the registry that ships and of
one with only its required keys, so that the confidence means the same for the plain cards of
others. The figures are those of the held-out half. `agent/data/matching.json` is written anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent import registry as registries
from agent.evaluation.figures import auroc
from agent.evaluation.jsonl import read
from agent.evaluation.matching import Remembering
from agent.registry import Registry
from agent.resources import DATA, DEFAULT_REGISTRY
from agent.retrieval import Index
from agent.retrieval.embedding import Embedder, Embeds, model_file
from agent.steps.match import FITTED, features, query_of
from agent.steps.parse import parse
from agent.types import Card

if TYPE_CHECKING:
    pass

QUESTIONS = DATA / "matching_questions.jsonl"
RIDGE = 0.5
"""Penalty on the squared weights: there are a few hundred questions only."""
LEXICAL = "fitted without the embedding model"


@dataclass(frozen=True, slots=True)
class Example:
    """A question of ours, asked of one of the registries."""

    card: str | None
    """The right card; None where no card fits."""
    kind: str
    """`fits`, `near` to the domain, `foreign` model or `off` topic."""
    held_out: bool
    found: str | None
    """The card that the search has first."""
    values: dict[str, float]
    """Features of that card."""


def fit(registry: Registry, questions: Path = QUESTIONS) -> dict[str, Any]:
    """Weights, threshold and figures for hybrid and for lexical retrieval."""
    bare = Registry.from_cards(
        Card(id=c.id, name=c.name, task=c.task, summary=c.summary, links=c.links)
        for c in registry.cards()
    )
    fitted: dict[str, Any] = {}
    embedder: Embeds | str
    for mode, embedder in (("hybrid", Remembering(Embedder(model_file()))), ("lexical", LEXICAL)):
        full, plain = (_examples(r, embedder, questions) for r in (registry, bare))
        both = [example for example in (*full, *plain) if not example.held_out]
        weights = _weights(both)
        threshold = fit_threshold([_score(e, weights) for e in both], [_is_right(e) for e in both])
        fitted[mode] = {
            "weights": {name: round(weight, 4) for name, weight in weights.items()},
            "threshold": threshold,
            "held_out": {
                "full cards": _figures(full, weights, threshold),
                "required keys only": _figures(plain, weights, threshold),
            },
        }
    return fitted


def fit_threshold(scores: Sequence[float], fits: Sequence[bool]) -> float:
    """The confidence, in hundredths, that parts what fits from what does not most evenly.

    It has the least sum of the share of fitting questions below it and of others at or above it
    (Youden, 1950); in the middle of equals.
    """
    steps = [i / 100 for i in range(1, 100)]
    yes = [s for s, fit in zip(scores, fits, strict=True) if fit]
    no = [s for s, fit in zip(scores, fits, strict=True) if not fit]
    errors = [_share(s < t for s in yes) + _share(s >= t for s in no) for t in steps]
    best = [t for t, error in zip(steps, errors, strict=True) if error == min(errors)]
    return best[len(best) // 2]


def _examples(registry: Registry, embedder: Embeds | str, questions: Path) -> list[Example]:
    index = Index.build(registry, embedder)
    examples = []
    for _, line in read(questions, ("question", "kind", "split")):
        parsed = parse(line["question"])
        query, hints = query_of(line["question"], parsed)
        hits = index.search(query, 1, hints)
        if index.named(line["question"]):
            raise ValueError(f"names a card, which needs no confidence: {line['question']}")
        values = features(hits[0], parsed, index, False) if hits else {}
        examples.append(
            Example(
                card=line["card"],
                kind=line["kind"],
                held_out=line["split"] == "held out",
                found=hits[0].card if hits else None,
                values=values,
            )
        )
    return examples


def _is_right(example: Example) -> bool:
    return example.card is not None and example.card == example.found


def _weights(examples: Sequence[Example]) -> dict[str, float]:
    """Ridge logistic regression by Newton's method; the bias is not penalised."""
    import numpy as np

    usable = [example for example in examples if example.values]
    names = list(usable[0].values)
    rows = np.array([[1.0, *example.values.values()] for example in usable])
    right = np.array([float(_is_right(example)) for example in usable])
    penalty = np.diag([0.0] + [RIDGE] * len(names))
    weights = np.zeros(len(names) + 1)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (chance - right) + penalty @ weights
        curve = (rows * (chance * (1 - chance))[:, None]).T @ rows + penalty
        weights -= np.linalg.solve(curve, slope)
    return dict(zip(("bias", *names), weights.tolist(), strict=True))


def _score(example: Example, weights: dict[str, float]) -> float:
    import math

    if not example.values:
        return 0.0
    terms = sum(weights[name] * value for name, value in example.values.items())
    return 1 / (1 + math.exp(-weights["bias"] - terms))


def _figures(
    examples: Sequence[Example], weights: dict[str, float], threshold: float
) -> dict[str, Any]:
    held = [(e, _score(e, weights)) for e in examples if e.held_out]
    fits = [s for e, s in held if e.kind == "fits"]
    others = {kind: [s for e, s in held if e.kind == kind] for kind in ("near", "foreign", "off")}
    wrong = [s for scores in others.values() for s in scores]
    area = auroc(fits, wrong)
    return {
        "questions": len(held),
        "first card right": round(_share(_is_right(e) for e, _ in held if e.kind == "fits"), 3),
        "auroc": [area.value, area.low, area.high],
        "auroc by kind": {kind: auroc(fits, scores).value for kind, scores in others.items()},
        "false positive rate": round(_share(s >= threshold for s in wrong), 3),
        "false negative rate": round(_share(s < threshold for s in fits), 3),
    }


def _share(facts: Any) -> float:
    facts = list(facts)
    return sum(facts) / len(facts) if facts else 0.0


def main() -> None:
    """Fit on the registry that ships, and keep the result."""
    fitted = fit(registries.load(DEFAULT_REGISTRY))
    FITTED.write_text(json.dumps(fitted, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps(fitted, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
