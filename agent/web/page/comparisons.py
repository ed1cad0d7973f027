"""Models side by side: what can be compared here, the request for it, and its page."""

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

#: Files of a comparison, with their title on the page and their media type.
FILES = {
    "comparison.html": ("HTML", "text/html"),
    "comparison.md": ("Markdown", "text/markdown"),
    INDEX: ("JSON", "application/json"),
}
#: Default factor of enlargement, and the factors that can be compared.
_FACTOR, _FACTORS = 3, range(1, 9)


def models_here(settings: Settings) -> dict[str, str]:
    """Return the names of the models that can run here, by key; bicubic interpolation can."""
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
    """Return the comparison that a form asks for, or else its text; it has no pictures yet.

    Raises:
        InputError: if the models cannot be compared.
    """
    from agent.systems.model_comparison.comparing import Order

    if not text.strip():
        return Order((), models or DEFAULT, int(factor or _FACTOR), settings)
    question = question_from(text).text
    request = comparison_in(question, parse(question), settings.cache)
    if request.strangers and not models:
        raise InputError(
            f"this server cannot compare with {visible(' or '.join(request.strangers))}; tick "
            "models in the list instead"
        )
    factor = factor or request.factor or _FACTOR
    if factor not in _FACTORS:
        raise InputError(
            f"models can be compared at whole factors from 1 to {_FACTORS[-1]}, but the question "
            f"names {factor:g}; choose one in the settings"
        )
    chosen = tuple(dict.fromkeys((*request.models, *models))) or DEFAULT
    return Order((), chosen, int(factor), settings, request.criterion, question)


def record_of(saved: SavedAnswer) -> ModelComparison:
    """Read the record of a saved comparison."""
    return ModelComparison.model_validate_json((saved.folder / INDEX).read_bytes())


def same_order(saved: SavedAnswer, settings: Settings) -> Order:
    """Return the request that repeats a saved comparison."""
    from agent.systems.model_comparison.comparing import Order

    record = record_of(saved)
    return Order(
        saved.question.images, record.models, record.factor, settings,
        record.criterion, record.question,
    )  # fmt: skip


class Layers(NamedTuple):
    """Two pictures of one size to overlay, as HTML, and their caption."""

    left: str
    right: str
    caption: str


class Slider(NamedTuple):
    """Two results for a picture, overlaid."""

    left: ModelResult
    right: ModelResult
    layers: tuple[Layers, ...]
    """The whole picture, and its most detailed part if the whole does not show it well enough."""


def slider_of(saved: SavedAnswer, picture: ComparedPicture, sides: Sequence[str]) -> Slider | None:
    """Return the slider for a picture, or None if fewer than two models ran.

    Args:
        wanted: keys of the models on the left and on the right; unknown ones are ignored.
    """
    ran = {result.model: result for result in picture.ran}
    keys = list(dict.fromkeys((*(key for key in sides if key in ran), *ran)))
    if len(keys) < 2:
        return None
    left, right = (ran[key] for key in keys[:2])
    assert left.picture and right.picture, "a model that ran made a picture"
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
