"""BERT as an OpenVINO graph, built from safetensors weights: neither torch nor transformers.

One builder serves the embedder (unit rows: the mean over a text's tokens) and the reader (a
start and an end logit for each token). Devlin et al. 2019, arXiv:1810.04805; parameter names as in
Hugging Face's checkpoints.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Weights = Mapping[str, NDArray[Any]]
Output = Literal["rows", "logits"]
Precision = Literal["bf16", "f32"]
Inputs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]  # as `Encoder.run` has them

HEADS = 12
EPSILON = 1e-12  # of layer norms, from the published configuration
LENGTH_STEP = 16  # word pieces
FEW_BATCHES = 3  # fewer are done before a second graph is made, or sooner than by it
_MASKED = -10_000.0  # added to the attention logit of padding
_ENCODER = "encoder.layer."
_TELEMETRY = "openvino_telemetry"


def processor_precision() -> Precision:
    """Return bf16 where the processor multiplies in it, else f32."""
    capabilities = import_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bf16" if "BF16" in capabilities else "f32"


def import_openvino() -> Any:
    """Import openvino without its telemetry, which reports every import to the outside."""
    kept = sys.modules.get(_TELEMETRY)
    sys.modules[_TELEMETRY] = None  # type: ignore[assignment]  # then openvino takes its own stub
    try:
        import openvino
    finally:
        if kept is None:
            del sys.modules[_TELEMETRY]
        else:
            sys.modules[_TELEMETRY] = kept
    return openvino


class Encoder:
    """A compiled graph; may be shared by threads, which take turns.

    Args:
        weights: by Hugging Face's names without a leading ``bert.``; float16 or float32.
        output: ``rows`` gives ``(B, HIDDEN)`` unit rows, ``logits`` gives ``(B, L, 2)``.
        precision: of the products; sums and norms stay float32.
    """

    def __init__(self, weights: Weights, output: Output, precision: Precision) -> None:
        self._model = _graph(weights, output)
        self._precision = precision
        self._request = self._compile("LATENCY").create_infer_request()  # all cores, one batch
        self._lock = threading.Lock()
        self._queue: Any = None  # a batch a core, which takes less time in all
        self._queue_lock = threading.Lock()

    def run(
        self, ids: NDArray[np.int64], attended: NDArray[np.int64], segments: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Run one batch: token ids, 1 where a token is no padding, and 0 or 1, ``(B, L)`` each."""
        with self._lock:
            results = self._request.infer([ids, attended, segments], share_inputs=True)
            output: NDArray[np.float32] = np.array(results[0], dtype=np.float32)
        return output

    def run_many(self, batches: Sequence[Inputs]) -> list[NDArray[np.float32]]:
        """Run batches as ``run`` does each, one on every core; ``run`` does not wait for them."""
        if len(batches) < FEW_BATCHES:
            return [self.run(*batch) for batch in batches]
        outputs: dict[int, NDArray[np.float32]] = {}

        def keep(request: Any, number: int) -> None:
            outputs[number] = np.array(request.get_output_tensor(0).data, dtype=np.float32)

        with self._queue_lock:
            if self._queue is None:
                openvino = import_openvino()
                self._queue = openvino.AsyncInferQueue(self._compile("THROUGHPUT"))
            self._queue.set_callback(keep)
            for number, batch in enumerate(batches):
                self._queue.start_async(list(batch), number, share_inputs=True)
            self._queue.wait_all()
        return [outputs[number] for number in range(len(batches))]

    def _compile(self, hint: str) -> Any:
        config = {"INFERENCE_PRECISION_HINT": self._precision, "PERFORMANCE_HINT": hint}
        return import_openvino().Core().compile_model(self._model, "CPU", config)


def load_weights(path: Path) -> dict[str, NDArray[Any]]:
    """Return the tensors of a safetensors file by their names, without a leading ``bert.``."""
    from safetensors.numpy import load_file

    return {name.removeprefix("bert."): tensor for name, tensor in load_file(path).items()}


def pad(
    batch: Sequence[Sequence[int]], length: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return ids and attended, ``(len(batch), length)`` each.

    ``length`` is at least the longest one's, which None stands for; it is rounded up to
    `LENGTH_STEP`, since OpenVINO compiles for each new shape, which takes longer than some padding.
    """
    length = -(-(length or max(map(len, batch))) // LENGTH_STEP) * LENGTH_STEP
    ids = np.zeros((len(batch), length), dtype=np.int64)
    attended = np.zeros_like(ids)
    for row, item in enumerate(batch):
        ids[row, : len(item)] = item
        attended[row, : len(item)] = 1
    return ids, attended


def _graph(weights: Weights, output: Output) -> Any:
    openvino = import_openvino()
    ops = openvino.opset15
    ids, attended, segments = (
        ops.parameter([-1, -1], np.int64, name) for name in ("ids", "attended", "segments")
    )
    builder = _Builder(ops, weights)
    mask = ops.convert(attended, "f32")
    hidden = builder.embeddings(ids, segments)
    bias = builder.bias(mask)
    layers = 1 + max(int(n.split(".")[2]) for n in weights if n.startswith(_ENCODER))
    for number in range(layers):
        hidden = builder.layer(hidden, bias, f"{_ENCODER}{number}.")
    result = (
        builder.mean(hidden, mask) if output == "rows" else builder.linear(hidden, "qa_outputs")
    )
    return openvino.Model([ops.result(result)], [ids, attended, segments], "encoder")


class _Builder:
    """The parts of the graph, with their weights."""

    def __init__(self, ops: Any, weights: Weights) -> None:
        self.ops = ops
        self.weights = weights
        self.size = weights["embeddings.word_embeddings.weight"].shape[1]

    def constant(self, name: str) -> Any:
        return self.ops.constant(self.weights[name].astype(np.float32))

    def linear(self, x: Any, name: str) -> Any:
        weight = self.constant(f"{name}.weight")
        product = self.ops.matmul(x, weight, transpose_a=False, transpose_b=True)
        return self.ops.add(product, self.constant(f"{name}.bias"))

    def norm(self, x: Any, name: str) -> Any:
        axes = self.ops.constant(np.array([-1]))
        unit = self.ops.mvn(x, axes, normalize_variance=True, eps=EPSILON, eps_mode="INSIDE_SQRT")
        scaled = self.ops.multiply(unit, self.constant(f"{name}.weight"))
        return self.ops.add(scaled, self.constant(f"{name}.bias"))

    def embeddings(self, ids: Any, segments: Any) -> Any:
        ops = self.ops
        first = ops.constant(np.int64(0))
        length = ops.gather(ops.shape_of(ids), ops.constant(np.int64(1)), first)
        places = ops.range(first, length, ops.constant(np.int64(1)), "i64")
        words = ops.gather(self.constant("embeddings.word_embeddings.weight"), ids, first)
        at = ops.gather(self.constant("embeddings.position_embeddings.weight"), places, first)
        kinds = self.constant("embeddings.token_type_embeddings.weight")
        total = ops.add(ops.add(words, ops.gather(kinds, segments, first)), at)
        return self.norm(total, "embeddings.LayerNorm")

    def bias(self, mask: Any) -> Any:
        """Return what is added to the attention's logits, ``(B, 1, 1, L)``."""
        ops = self.ops
        masked = ops.multiply(ops.subtract(ops.constant(np.float32(1)), mask), np.float32(_MASKED))
        return ops.unsqueeze(masked, ops.constant(np.array([1, 2])))

    def layer(self, x: Any, bias: Any, name: str) -> Any:
        ops = self.ops
        attention = f"{name}attention."
        q, k, v = (
            self.heads(self.linear(x, f"{attention}self.{part}"))
            for part in ("query", "key", "value")
        )
        mixed = ops.scaled_dot_product_attention(q, k, v, bias)
        order = ops.constant(np.array([0, 2, 1, 3]))
        shape = ops.constant(np.array([0, 0, self.size]))
        mixed = ops.reshape(ops.transpose(mixed, order), shape, special_zero=True)
        x = ops.add(x, self.linear(mixed, f"{attention}output.dense"))
        x = self.norm(x, f"{attention}output.LayerNorm")
        inner = ops.gelu(self.linear(x, f"{name}intermediate.dense"), "erf")
        x = ops.add(x, self.linear(inner, f"{name}output.dense"))
        return self.norm(x, f"{name}output.LayerNorm")

    def heads(self, x: Any) -> Any:
        """Return ``(B, HEADS, L, HIDDEN / HEADS)``."""
        shape = self.ops.constant(np.array([0, 0, HEADS, self.size // HEADS]))
        split = self.ops.reshape(x, shape, special_zero=True)
        return self.ops.transpose(split, self.ops.constant(np.array([0, 2, 1, 3])))

    def mean(self, hidden: Any, mask: Any) -> Any:
        """Return the mean over the tokens that are no padding, as unit rows."""
        ops = self.ops
        axis = ops.constant(np.array([1]))
        total = ops.reduce_sum(ops.multiply(hidden, ops.unsqueeze(mask, np.array([2]))), axis)
        return ops.normalize_l2(total, axis, eps=EPSILON, eps_mode="max")
