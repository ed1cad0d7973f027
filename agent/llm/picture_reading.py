"""Questions about a picture put to LLaVAR or to a vision-language model, and who answered."""

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
#: Longest side that is sent to a model; most reduce what is larger themselves.
_MOST_SENT = 2048


@dataclass(frozen=True)
class Reading:
    """What a model said about a picture; its words, not a measurement."""

    image: str
    question: str
    text: str
    reader: str
    """LLaVAR with the folder of its weights, or the model that answered, by its own name."""
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
    """Ask LLaVAR.

    Raises:
        InputError: for a picture that cannot be read, or a question that is empty or too long.
        ConfigError: where a library, weights or memory are missing.
    """
    question = _checked(question)
    picture = read(image)
    from agent.systems.text.llavar_reader import Llavar

    began = time.monotonic()
    reader = Llavar(folder, device, four_bit=four_bit)
    text = reader(on_white(picture), question, length=length)
    return Reading(picture.name, question, text, reader.name, _since(began))


def read_with_model(image: Path, question: str, client: ChatClient, prompts: Prompts) -> Reading:
    """Ask a vision-language model, which is sent the picture.

    Raises:
        InputError: for a picture that cannot be read, or a question that is empty or too long.
        ConfigError: where the model takes no pictures.
        ServiceError: where it does not answer.
    """
    question = _checked(question)
    if not client.takes_images:
        raise ConfigError(f"{client.name} takes no pictures; name a model that does")
    picture = read(image)
    began = time.monotonic()
    png = write_png(Picture(picture.name, _bounded(on_white(picture))))
    text = client.reply(prompts.render("read", images=(png,), question=question)).strip()
    return Reading(picture.name, question, text, client.name, _since(began))


def _checked(question: str) -> str:
    if not question.strip() or len(question) > MOST_CHARACTERS:
        raise InputError(
            f"the question has {len(question.strip()):,} characters; expected 1 to "
            f"{MOST_CHARACTERS:,}"
        )
    return question.strip()


def _bounded(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import numpy as np

    height, width = pixels.shape[:2]
    scale = _MOST_SENT / max(height, width)
    if scale >= 1:
        return pixels
    wide, tall = (max(1, round(side * scale)) for side in (width, height))
    return np.asarray(resized(pixels, wide, tall), np.uint8)


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
