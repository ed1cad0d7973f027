"""Reading a question about a comparison of models: which ones, by what, how much larger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent import registry as registries
from agent.files import DEFAULT_REGISTRY, UPSCALERS
from agent.question.factor import enlargement_factor
from agent.question.names import without_names
from agent.question.words import words
from agent.search.names import Names
from agent.systems.model_comparison.contenders import BICUBIC, MIMO_UNET, contenders
from agent.systems.model_comparison.criteria import criteria_named
from agent.systems.upscaling import catalogue
from agent.systems.upscaling.spec import DEFAULTS
from agent.types import Card, ParsedQuestion

#: Common names of some models besides key and name.
_CALLED = {
    "realesrgan-x4plus": ("x4plus", "RealESRGAN_x4plus", "R-ESRGAN 4x+"),
    "realesrgan-x4plus-anime": (
        *("x4plus-anime", "RealESRGAN_x4plus_anime_6B", "Real-ESRGAN anime"),
    ),
    "waifu2x-photo": ("waifu2x upconv_7",),
}
#: Published models of the families that are in no package.
_NOT_HERE = ("Real-ESRGAN x2plus", "x2plus", "realesr-general-x4v3", "general-x4v3")
#: Criteria without a tag in `agent.question.lexicon`, recognised by their own names.
_BY_WORD = ("halos", "fidelity")


@dataclass(frozen=True)
class AskedComparison:
    """What a question says about a comparison."""

    models: tuple[str, ...]
    """Keys of the models named, in text order, without bicubic interpolation, which is always
    compared."""
    strangers: tuple[str, ...]
    """Models named that cannot be compared, as written."""
    factor: float | None
    """Enlargement factor above 1."""
    criterion: str | None
    """Key of the only criterion that it asks about, if any."""


def comparison_in(text: str, parsed: ParsedQuestion, cache: Path) -> AskedComparison:
    """Read a question about a comparison; a family's name stands for its default model.

    Args:
        text: the question.
        parsed: the question as parsed.
        cache: cache folder.
    """
    keys, lookup = list(contenders()), Names.of(_cards(cache))
    hits: dict[str, str] = {}
    for hit in lookup.find(text):
        if hit.kind != "misspelling":
            hits.setdefault(hit.text, keys[hit.card] if hit.card < len(keys) else "")
    rest = without_names(text, frozenset(hits))
    unknown = (name for name in parsed.models if name in rest and not lookup.find(name))
    by_word = criteria_named(word.text for word in words(rest))
    criteria = dict.fromkeys(criteria_named((*parsed.effects, *parsed.topics)))
    criteria |= dict.fromkeys(criterion for criterion in by_word if criterion in _BY_WORD)
    return AskedComparison(
        models=tuple(dict.fromkeys(key for key in hits.values() if key not in ("", BICUBIC))),
        strangers=(*(name for name, key in hits.items() if not key), *unknown),
        factor=enlargement_factor(rest, about_picture=True),
        criterion=next(iter(criteria)) if len(criteria) == 1 else None,
    )


def _cards(cache: Path) -> Iterator[Card]:
    """Yield a card with the names of each comparable model, in order, and of other models."""
    registry = registries.load((DEFAULT_REGISTRY, UPSCALERS), cache)
    others = {alias for called in (*_CALLED.values(), _NOT_HERE) for alias in called}
    families = {key: catalogue.UPSCALERS[key].card for key in DEFAULTS.values()}
    families[MIMO_UNET] = MIMO_UNET
    for model in contenders().values():
        aliases = _CALLED.get(model.key, ())
        if model.key in families:
            card = registry[families[model.key]]
            aliases += tuple(name for name in (card.name, *card.aliases) if name not in others)
        yield _card(model.key, model.name, *aliases)
    for name in _NOT_HERE:
        yield _card(name, name)


def _card(id: str, name: str, *aliases: str) -> Card:
    return Card(id=id, name=name, aliases=aliases, task="", summary="", links={})
