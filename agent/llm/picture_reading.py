"""Questions about a picture, answered by LLaVAR or a vision-language model."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import ConfigError, InputError
from agent.imaging.picture import Picture
from agent.imaging.reading import read
from agent.imaging.resampling import on_white, resized
from agent.imaging.writing import write_png

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from agent.llm import ChatClient
    from agent.llm.prompts import Prompts

DEFAULT_QUESTION = "What text can be read in this picture?"
MOST_CHARACTERS = 2_000
#: Longest side sent to a model; most services downscale larger pictures anyway.
_MOST_SENT = 2048


@dataclass(frozen=True)
class Reading:
    """A model's answer about a picture: its words, not a measurement."""

    image: str
    question: str
    text: str
    reader: str
    """LLaVAR with the folder of its weights, or the name of the model that answered."""
    seconds: float


def read_with_llavar(
    image: Path,
    question: str,
    folder: Path,
    *,
    device: str = "cpu",
    four_bit: bool = False,
    length: int = 256,
) -> Reading:
    """Ask LLaVAR about a picture.

    Raises:
        InputError: if the picture cannot be read, or the question is empty or too long.
        ConfigError: if a library, weights or memory are missing.
    """
    question = _valid_question(question)
    picture = read(image)
    from agent.systems.text.llavar_reader import Llavar

    start = time.monotonic()
    reader = Llavar(folder, device, four_bit=four_bit)
    text = reader(on_white(picture), question, length=length)
    return Reading(picture.name, question, text, reader.name, _since(start))


def read_with_model(image: Path, question: str, client: ChatClient, prompts: Prompts) -> Reading:
    """Send a picture to a vision-language model and ask about it.

    Raises:
        InputError: if the picture cannot be read, or the question is empty or too long.
        ConfigError: if the model does not accept pictures.
        ServiceError: if it does not answer.
    """
    question = _valid_question(question)
    if not client.takes_images:
        raise ConfigError(f"{client.name} does not accept pictures; name a model that does")
    picture = read(image)
    start = time.monotonic()
    png = write_png(Picture(picture.name, _downscale(on_white(picture))))
    text = client.reply(prompts.render("read", images=(png,), question=question)).strip()
    return Reading(picture.name, question, text, client.name, _since(start))


def _valid_question(question: str) -> str:
    if not question.strip() or len(question) > MOST_CHARACTERS:
        raise InputError(
            f"the question has {len(question.strip()):,} characters; expected 1 to "
            f"{MOST_CHARACTERS:,}"
        )
    return question.strip()


def _downscale(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import numpy as np

    height, width = pixels.shape[:2]
    scale = _MOST_SENT / max(height, width)
    if scale >= 1:
        return pixels
    wide, tall = (max(1, round(side * scale)) for side in (width, height))
    return np.asarray(resized(pixels, wide, tall), np.uint8)


def _since(start: float) -> float:
    return round(time.monotonic() - start, 3)
