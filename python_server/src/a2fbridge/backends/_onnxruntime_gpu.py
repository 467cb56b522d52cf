"""ONNX Runtime on a GPU, by its CUDA or its TensorRT provider (package ``onnxruntime-gpu``).

ONNX Runtime itself goes on on the CPU when a provider cannot be loaded, with a line in its log; here that is an
error.  Inputs, outputs and state lie in our own memory of the GPU, to which the session is bound, and the session works
in our stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from a2fbridge._errors import BackendError
from a2fbridge.backends._build import Batches, cache_folder, recipe_for
from a2fbridge.backends._cuda import Context, Driver, Gpu
from a2fbridge.backends._device import DeviceTensors
from a2fbridge.backends._onnxruntime import OnnxRuntimeSession
from a2fbridge.backends._protocol import Slots, Tensors, check_feeds, check_silence
from a2fbridge.packs import EngineRecipe, NetworkSpec, ShapeRange, TensorSpec

__all__: list[str] = []

Provider = tuple[str, dict[str, Any]]
PROVIDERS: Final = {
    "onnxruntime-cuda": "CUDAExecutionProvider",
    "onnxruntime-tensorrt": "TensorrtExecutionProvider",
}
"""Backend -> the provider that must be in force."""


class OnnxRuntimeGpuBackend(OnnxRuntimeSession):
    """Runs a ``network.onnx`` on a GPU; see :class:`Backend`."""

    def __init__(
        self,
        network: NetworkSpec,
        name: str,
        driver: Driver,
        gpu: Gpu,
        *,
        batches: Batches | None = None,
        fp16: bool | None = None,
        providers: Sequence[Provider] | None = None,
        memory: str = "cuda",
    ) -> None:
        """Load the network; raises BackendError when the provider is not in force afterwards.

        ``providers`` and ``memory`` stand in for a GPU's.
        """
        self.name = name
        self._gpu, self._memory = gpu, memory
        recipe = recipe_for(network, batches, fp16)
        self._half = recipe.fp16
        self._bindings: dict[int, Any] = {}
        self._context = Context(driver, gpu.index)
        with self._context:
            self._stream = self._context.stream()
            super().__init__(network, 1, providers or provider_options(name, gpu.index, recipe, self._stream))
            most = min(shape.high[t.batch_axis] for t, shape in _ranges(network, recipe))
            self.max_batch = min(self.max_batch, most)
            self._tensors = DeviceTensors(network, self.max_batch, self._context, self._stream)
        try:
            check_silence(self, network)
        except BackendError:
            self.close()
            raise

    def run(self, feeds: Tensors, slots: Slots | None = None) -> dict[str, NDArray[np.float32]]:
        """See :meth:`Backend.run`."""
        session = self.session
        rows = check_feeds(feeds, self._network, self.max_batch, slots)
        with self._context:
            self._tensors.upload(self._tensors.stage(feeds, slots), rows)
            try:
                session.run_with_iobinding(self._binding(rows))
            except Exception as error:  # ONNX Runtime's own errors have no common base
                raise BackendError(f"ONNX Runtime failed on {rows} rows: {error}") from error
            self._tensors.download(rows, slots)
            self._context.wait(self._stream)
            return self._tensors.results(rows, slots)

    def _binding(self, rows: int) -> Any:
        """Return the session's inputs and outputs bound to our memory, for a batch of so many rows."""
        if rows not in self._bindings:
            binding = self.session.io_binding()
            where = (self._memory, self._gpu.index, np.float32)
            for spec in self._network.inputs:
                binding.bind_input(
                    spec.name, *where, list(spec.sized(rows)), self._tensors.address(spec.name)
                )
            for spec in self._network.outputs:
                binding.bind_output(
                    spec.name, *where, list(spec.sized(rows)), self._tensors.address(spec.name)
                )
            self._bindings[rows] = binding
        return self._bindings[rows]

    def commit(self) -> None:
        """See :meth:`Backend.commit`."""
        with self._context:
            self._tensors.commit()

    def state(self, slot: int) -> NDArray[np.float32]:
        """See :meth:`Backend.state`."""
        with self._context:
            return self._tensors.state(slot)

    def set_state(self, slot: int, values: NDArray[np.float32] | None) -> None:
        """See :meth:`Backend.set_state`."""
        with self._context:
            self._tensors.set_state(slot, values)

    def describe(self) -> dict[str, str | int]:
        """See :meth:`Backend.describe`."""
        half = self._half and self.name == "onnxruntime-tensorrt"
        where = f"GPU {self._gpu.index}: {self._gpu.name}"
        return super().describe() | {"device": where, "precision": "fp16" if half else "fp32"}

    def close(self) -> None:
        """See :meth:`Backend.close`."""
        if self._session is None:
            return
        self._bindings.clear()
        super().close()
        with self._context:
            self._tensors.free()
            self._context.destroy_stream(self._stream)
        self._context.close()


def _ranges(network: NetworkSpec, recipe: EngineRecipe) -> list[tuple[TensorSpec, ShapeRange]]:
    return [(tensor, recipe.shapes[tensor.name]) for tensor in network.inputs]


def provider_options(name: str, device: int, recipe: EngineRecipe, stream: int) -> list[Provider]:
    """Return what ONNX Runtime is asked for; raises BackendError when its package has no such provider."""
    wanted = PROVIDERS[name]
    if wanted not in ort.get_available_providers():
        raise BackendError(
            f"onnxruntime {ort.__version__} has no {wanted}; right: pip install onnxruntime-gpu instead of onnxruntime"
        )
    common = {"device_id": device, "user_compute_stream": str(stream)}
    cuda: Provider = ("CUDAExecutionProvider", common)
    if name == "onnxruntime-cuda":
        return [cuda]
    return [(wanted, common | _tensorrt_options(recipe)), cuda]


def _tensorrt_options(recipe: EngineRecipe) -> dict[str, Any]:
    ends = {"min": "low", "opt": "best", "max": "high"}
    profiles = {
        f"trt_profile_{end}_shapes": ",".join(
            f"{name}:{'x'.join(map(str, getattr(shape, part)))}" for name, shape in recipe.shapes.items()
        )
        for end, part in ends.items()
    }
    cache = cache_folder() / "onnxruntime"
    cache.mkdir(parents=True, exist_ok=True)
    return {
        "trt_fp16_enable": recipe.fp16,
        "trt_engine_cache_enable": True,
        "trt_engine_cache_path": str(cache),
        **profiles,
    }
