"""Fitting the weights and the threshold of matching: `python -m agent.lab.evaluation.fitting`.

The questions are our own, half of them held out, plus some of the registry's questions, each put to
an index without it. They are put to the registry that ships, to one with only its required keys,
and to the latter among plain cards of other systems, so that the confidence means the same for
users' registries. The figures are those of the held-out half. `agent/search/data/matching.json` is
rewritten.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent import registry as registries
from agent.files import DATA, DEFAULT_REGISTRY
from agent.lab.evaluation.figures import auroc
from agent.lab.evaluation.jsonl import read
from agent.lab.evaluation.matching import Remembering
from agent.question.parse import parse
from agent.registry import Registry
from agent.search import Index
from agent.search.asks import outside_questions
from agent.search.embedding import Embedder, Embeds, model_file
from agent.search.match import MOST
from agent.search.ranking import FACTS as _FACTS
from agent.search.ranking import FITTED, features, is_foreign, query_of
from agent.search.ranking import QUESTIONS as _KNOWN
from agent.types import Card

QUESTIONS = DATA / "matching_questions.jsonl"
CARDS = DATA / "matching_cards.jsonl"
RIDGE = 0.05
"""Penalty on the squared weights, since there are only a few hundred questions."""
ROUNDS = 10
FOLDS = 10
"""Number of folds of the registry's questions, each put to an index of the others."""
FALSE_POSITIVES, FALSE_POSITIVES_KNOWN = 0.1, 0.08
"""Shares of unfit questions that may be offered a card: by its facts, or also by its questions,
which discriminate better."""
_SHIPPED = "as it ships"
_PLAIN, _AMONG_OTHERS = "required keys only", "required keys only, among others"
LEXICAL = "fitted without the embedding model"


@dataclass(frozen=True, slots=True)
class Example:
    """One of our questions, put to one of the registries."""

    card: str | None
    """The right card; None if no card fits."""
    kind: str
    """`fits`, fits `others`, `near` the domain, about a `foreign` model, or `off` topic."""
    held_out: bool
    values: dict[str, dict[str, float]]
    """Features of the cards found, by id."""

    def best(self, weights: dict[str, float]) -> tuple[str | None, float]:
        """Return the top card and its confidence."""
        scores = {card: _logistic(weights, values) for card, values in self.values.items()}
        return max(scores.items(), key=lambda item: item[1], default=(None, 0.0))


def fit(
    registry: Registry, questions: Path = QUESTIONS, more_cards: Path = CARDS
) -> dict[str, Any]:
    """Fit weights and threshold for hybrid and for lexical retrieval, with figures."""
    plain = [_plain(card.id, card.name, card.task, card.summary) for card in registry.cards()]
    keys = ("id", "name", "task", "summary")
    more = [_plain(*(line[key] for key in keys)) for _, line in read(more_cards, keys)]
    registries = {
        _SHIPPED: registry,
        _PLAIN: Registry.from_cards(plain),
        _AMONG_OTHERS: Registry.from_cards([*plain, *more]),
    }
    fitted: dict[str, Any] = {}
    for mode, embedder in (("hybrid", _embedder()), ("lexical", LEXICAL)):
        examples = {name: _examples(r, embedder, questions) for name, r in registries.items()}
        training = {name: [e for e in group if not e.held_out] for name, group in examples.items()}
        training[_SHIPPED] += [e for i in range(FOLDS) for e in _unknown(registry, embedder, i)]
        weights = _weights([example for group in training.values() for example in group])
        thresholds = {
            _FACTS: _threshold(
                training[_PLAIN] + training[_AMONG_OTHERS], weights, FALSE_POSITIVES
            ),
            _KNOWN: _threshold(training[_SHIPPED], weights, FALSE_POSITIVES_KNOWN),
        }
        fitted[mode] = {
            "weights": {name: round(weight, 4) for name, weight in weights.items()},
            **thresholds,
            "held_out": {
                name: _figures(group, weights, thresholds[_KNOWN if name == _SHIPPED else _FACTS])
                for name, group in examples.items()
            },
        }
    return fitted


def _threshold(examples: Sequence[Example], weights: dict[str, float], share: float) -> float:
    return fit_threshold([e.best(weights)[1] for e in examples if e.card is None], share)


def fit_threshold(unfit: Sequence[float], share: float) -> float:
    """Return the minimum confidence, in hundredths, that few enough unfit questions reach.

    Args:
        unfit: confidences in the top card for questions that no card answers.
        share: share of them, in [0, 1], that may reach it.
    """
    steps = (i / 100 for i in range(1, 100))
    return next(t for t in steps if _share(s >= t for s in unfit) <= share)


def _plain(id: str, name: str, task: str, summary: str) -> Card:
    return Card(id=id, name=name, task=task, summary=summary, links={})


def _embedder() -> Embeds | str:
    return Remembering(Embedder(model_file()))


def _examples(registry: Registry, embedder: Embeds | str, questions: Path) -> list[Example]:
    index = Index.build(registry, embedder)
    examples = []
    for _, line in read(questions, ("question", "kind", "split")):
        if line["card"] is not None and line["card"] not in registry:
            continue
        if index.named(line["question"]):  # a named card needs no confidence
            continue
        values = _values(line["question"], registry, index)
        examples.append(Example(line["card"], line["kind"], line["split"] == "held out", values))
    return examples


def _unknown(registry: Registry, embedder: Embeds | str, fold: int) -> Iterator[Example]:
    """Yield some of the registry's questions, put to an index without them."""
    outside = outside_questions()
    cards = []
    examples: list[tuple[str | None, str]] = [(None, text) for text in outside[fold::FOLDS]]
    for card in registry.cards():
        answers = []
        for number, answer in enumerate(card.questions):
            question = answer.ask[number % len(answer.ask)] if number % FOLDS == fold else None
            others = tuple(ask for ask in answer.ask if ask != question)
            if question and others:
                examples.append((card.id, question))
            answers.append(answer.model_copy(update={"ask": others or answer.ask}))
        cards.append(card.model_copy(update={"questions": tuple(answers)}))
    fewer = Registry.from_cards(cards, questions=registry.questions)
    rest = [text for number, text in enumerate(outside) if number % FOLDS != fold]
    index = Index.build(fewer, embedder, rest)
    for id, text in examples:
        if not index.named(text):
            yield Example(id, "fits" if id else "off", False, _values(text, fewer, index))


def _values(text: str, registry: Registry, index: Index) -> dict[str, dict[str, float]]:
    """Return the features of the cards that a search finds."""
    parsed = parse(text)
    foreign = is_foreign(text, parsed)
    query, hints = query_of(text, parsed, index)
    near = index.nearness(query, hints=hints)
    return {
        hit.card: features(hit, registry[hit.card], parsed, index, near, foreign)
        for hit in index.search(query, MOST, hints)
    }


def _weights(examples: Sequence[Example]) -> dict[str, float]:
    """Fit weights and top card in turns, since each depends on the other."""
    usable = [example for example in examples if example.values]
    weights = {name: float(name == "score") for name in ("bias", *_names(usable))}
    for _ in range(ROUNDS):
        first = [(example, example.best(weights)[0]) for example in usable]
        weights = _logistic_regression(
            [e.values[card] for e, card in first if card is not None],
            [e.card == card for e, card in first],
        )
    return weights


def _names(examples: Sequence[Example]) -> list[str]:
    return list(next(iter(examples[0].values.values())))


def _logistic_regression(
    rows: Sequence[dict[str, float]], right: Sequence[bool]
) -> dict[str, float]:
    """Fit a ridge logistic regression by Newton's method; the bias is not penalised."""
    import numpy as np

    inputs = np.array([[1.0, *values.values()] for values in rows])
    penalty = np.diag([0.0] + [RIDGE] * (inputs.shape[1] - 1))
    weights = np.zeros(inputs.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (chance - np.array(right, float)) + penalty @ weights
        curve = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + penalty
        weights -= np.linalg.solve(curve, slope)
    return dict(zip(("bias", *rows[0]), weights.tolist(), strict=True))


def _logistic(weights: dict[str, float], values: dict[str, float]) -> float:
    return 1 / (1 + math.exp(-weights["bias"] - sum(weights[n] * v for n, v in values.items())))


def _figures(
    examples: Sequence[Example], weights: dict[str, float], threshold: float
) -> dict[str, Any]:
    test_set = [(e.kind, e.card, *e.best(weights)) for e in examples if e.held_out]
    fits = [score for _, card, _, score in test_set if card is not None]
    others = {
        name: [score for kind, _, _, score in test_set if kind == name]
        for name in ("near", "foreign", "off")
    }
    wrong = [score for scores in others.values() for score in scores]
    area = auroc(fits, wrong)
    return {
        "questions": len(test_set),
        "first card right": _share(card == top_card for _, card, top_card, _ in test_set if card),
        "auroc": [area.value, area.low, area.high],
        "auroc by kind": {name: auroc(fits, scores).value for name, scores in others.items()},
        "false positive rate": _share(score >= threshold for score in wrong),
        "false negative rate": _share(score < threshold for score in fits),
    }


def _share(facts: Iterable[bool]) -> float:
    values = list(facts)
    return round(sum(values) / len(values), 4) if values else 0.0


def main() -> None:
    """Fit on the registry that ships, and save the result."""
    fitted = fit(registries.load(DEFAULT_REGISTRY))
    FITTED.write_text(json.dumps(fitted, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps(fitted, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
