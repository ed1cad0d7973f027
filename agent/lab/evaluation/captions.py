"""Captions of pictures from a file, and distances between pictures by their captions."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import ConfigError, InputError
from agent.files import read_text
from agent.files.tables import HeadingError, read_table
from agent.text import visible

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_BYTES = 500_000_000  # COCO's captions of 118,287 pictures are a fifth of that

Captions = Mapping[str, Sequence[str]]


def read_captions(path: Path) -> dict[str, list[str]]:
    """Read captions by file name of the picture, without folder; a picture may have several.

    The file is CSV with the columns `file` and `caption`, one caption per row; or JSON, an object
    of file names to captions or lists of them, or COCO captions (`images` and `annotations`).

    Raises:
        InputError: for a file that cannot be read or has another format.
    """
    text = read_text(path, "captions as CSV or JSON", _MOST_BYTES)
    pairs = _from_json(text, path) if path.suffix.lower() == ".json" else _from_csv(text, path)
    captions: dict[str, list[str]] = {}
    for name, caption in pairs:
        if caption.strip():
            captions.setdefault(Path(name).name, []).append(caption.strip())
    if not captions:
        raise InputError(f"{path}: holds no captions; expected a file name and a caption a row")
    return captions


def caption_vectors(captions: Captions, names: Sequence[str]) -> NDArray[np.float32]:
    """Return the mean sentence embedding of each picture's captions, `(len(names), 384)`.

    The sentence model is that of the search (all-MiniLM-L6-v2). The study used the Universal
    Sentence Encoder, so figures from these vectors are not comparable with its own.

    Raises:
        ConfigError: if sentences cannot be embedded here.
    """
    import numpy as np

    from agent.search.embedding import Embedder, EmbeddingUnavailableError, model_file

    texts = [caption for name in names for caption in captions[name]]
    ends = np.cumsum([0, *(len(captions[name]) for name in names)])
    try:
        vectors = Embedder(model_file()).embed(texts)
    except EmbeddingUnavailableError as error:
        raise ConfigError(f"captions cannot be compared: {error}") from error
    return np.stack([vectors[a:b].mean(axis=0) for a, b in pairwise(ends)])


def _from_csv(text: str, path: Path) -> Iterator[tuple[str, str]]:
    try:
        names, rows = read_table(io.StringIO(text, newline=""), {"file", "caption"}.issubset)
    except HeadingError as error:
        raise InputError(
            f"{path}: its first line is {visible(str(error)[:200])!r}; expected file,caption"
        ) from None
    columns = [name.casefold() for name in names]
    file, caption = columns.index("file"), columns.index("caption")
    try:
        for number, cells in enumerate(rows, 1):
            if not any(cells):
                continue
            if len(cells) <= max(file, caption) or not cells[file]:
                raise InputError(f"{path}: row {number}: expected a file and a caption")
            yield cells[file], cells[caption]
    except csv.Error as error:
        raise InputError(f"{path}: not valid CSV ({error})") from error


def _from_json(text: str, path: Path) -> Iterator[tuple[str, str]]:
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path}: not valid JSON ({error}); expected file names to captions"
        ) from error
    try:
        if {"images", "annotations"} <= content.keys():
            names = {image["id"]: image["file_name"] for image in content["images"]}
            pairs = [(names[a["image_id"]], a["caption"]) for a in content["annotations"]]
        else:
            pairs = [
                (name, caption)
                for name, captions in content.items()
                for caption in ([captions] if isinstance(captions, str) else captions)
            ]
    except (AttributeError, KeyError, TypeError) as error:
        raise _odd_json(path) from error
    if not all(isinstance(name, str) and isinstance(caption, str) for name, caption in pairs):
        raise _odd_json(path)
    yield from pairs


def _odd_json(path: Path) -> InputError:
    return InputError(
        f'{path}: expected an object such as {{"a.jpg": ["a cat", "a cat asleep"]}}, or COCO '
        "captions with images and annotations"
    )
