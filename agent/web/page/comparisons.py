"""Models side by side: what can be compared here, how it is asked for, and the page of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from agent.errors import InputError
from agent.question.parse import parse
from agent.report.model_comparison.record import ComparedPicture, ModelComparison, ModelResult
from agent.report.single_line import plain
from agent.search.comparison import comparison_in
from agent.settings import Settings
from agent.systems.model_comparison.contenders import DEFAULT, MIMO_UNET, contenders
from agent.systems.model_comparison.folder import INDEX
from agent.systems.spec import NotApplicable
from agent.systems.upscaling.catalogue import UPSCALERS
from agent.systems.upscaling.files import folder_of
from agent.text import visible
from agent.types import Artefact, question_from
from agent.web.answers import SavedAnswer
from agent.web.page.pictures import DETAIL, closer_look, picture_element

if TYPE_CHECKING:
    from agent.systems.model_comparison.comparing import Order

#: Files of a comparison, with what the page calls them and their type.
FILES = {
    "comparison.html": ("HTML", "text/html"),
    "comparison.md": ("Markdown", "text/markdown"),
    INDEX: ("JSON", "application/json"),
}
#: Both sides grow by this where nothing else is asked for, and by one of these.
_FACTOR, _FACTORS = 3, range(1, 9)


def models_here(settings: Settings) -> dict[str, str]:
    """Names of the models that can run here, by key; bicubic interpolation always can."""
    return {key: one.name for key, one in contenders().items() if _runs_here(key, settings)}


def _runs_here(key: str, settings: Settings) -> bool:
    if key == MIMO_UNET:
        return settings.weights.is_file() and find_spec("torch") is not None
    if key not in UPSCALERS:
        return False
    try:
        return folder_of(UPSCALERS[key]).is_dir()
    except NotApplicable:
        return False


def order_of(text: str, models: Sequence[str], factor: float | None, settings: Settings) -> Order:
    """What is to be compared, on no pictures yet: what a form says, else what its text asks about.

    Raises:
        InputError: where what is asked for cannot be compared.
    """
    from agent.systems.model_comparison.comparing import Order

    if not text.strip():
        return Order((), models or DEFAULT, int(factor or _FACTOR), settings)
    question = question_from(text).text
    asked = comparison_in(question, parse(question), settings.cache)
    if asked.strangers and not models:
        raise InputError(
            f"there is no {visible(' or '.join(asked.strangers))} to compare with here; tick "
            "models of the list"
        )
    factor = factor or asked.factor or _FACTOR
    if factor not in _FACTORS:
        raise InputError(
            f"models are compared at whole factors from 1 to {_FACTORS[-1]}, and the question "
            f"names {factor:g}; choose one in the settings"
        )
    chosen = tuple(dict.fromkeys((*asked.models, *models))) or DEFAULT
    return Order((), chosen, int(factor), settings, asked.criterion, question)


def record_of(saved: SavedAnswer) -> ModelComparison:
    """What a saved comparison holds."""
    return ModelComparison.model_validate_json((saved.folder / INDEX).read_bytes())


def same_order(saved: SavedAnswer, settings: Settings) -> Order:
    """What a saved comparison compared, to be compared once more."""
    from agent.systems.model_comparison.comparing import Order

    record = record_of(saved)
    return Order(
        saved.question.images, record.models, record.factor, settings,
        record.criterion, record.question,
    )  # fmt: skip


class Layers(NamedTuple):
    """Two pictures of one size that lie over each other, as HTML, with what they show."""

    left: str
    right: str
    caption: str


class Slider(NamedTuple):
    """Two results of a picture that are laid over each other."""

    left: ModelResult
    right: ModelResult
    layers: tuple[Layers, ...]
    """The whole, and its most detailed part where the whole does not show it well enough."""


def slider_of(saved: SavedAnswer, picture: ComparedPicture, wanted: Sequence[str]) -> Slider | None:
    """What of a picture is laid over each other; None where fewer than two models ran.

    Args:
        wanted: keys of the models on the left and on the right, as far as they are known.
    """
    ran = {result.model: result for result in picture.ran}
    keys = list(dict.fromkeys((*(key for key in wanted if key in ran), *ran)))
    if len(keys) < 2:
        return None
    left, right = (ran[key] for key in keys[:2])
    assert left.picture and right.picture, "what ran has made a picture"
    pair = left.picture, right.picture
    layers = [_layers(pair, partial(picture_element, saved))]
    if crop := closer_look(saved.folder / left.picture.name):
        layers.append(_layers(pair, partial(crop.element, saved), DETAIL))
    return Slider(left, right, tuple(layers))


def _layers(
    pair: tuple[Artefact, Artefact], element: Callable[[Artefact], str], part: str = ""
) -> Layers:
    left, right = pair
    caption = f"Left: {part}{left.caption}. Right: {part}{right.caption}"
    return Layers(element(left), element(right), plain(caption))
