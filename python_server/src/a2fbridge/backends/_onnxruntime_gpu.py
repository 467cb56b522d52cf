"""ONNX Runtime on a GPU, by its CUDA or its TensorRT provider (package ``onnxruntime-gpu``).

ONNX Runtime itself goes on on the CPU when a provider cannot be loaded, with a line in its log; here that is an
error.  Inputs that their caller keeps unchanged stay on the GPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from a2fbridge._errors import BackendError
from a2fbridge.backends._build import cache_folder, recipe_for
from a2fbridge.backends._onnxruntime import OnnxRuntimeBackend
from a2fbridge.backends._protocol import Tensors
from a2fbridge.packs import EngineRecipe, NetworkSpec

__all__: list[str] = []

Provider = tuple[str, dict[str, Any]]
PROVIDERS: Final = {
    "onnxruntime-cuda": "CUDAExecutionProvider",
    "onnxruntime-tensorrt": "TensorrtExecutionProvider",
}
"""Backend -> the provider that must be in force."""


class OnnxRuntimeGpuBackend(OnnxRuntimeBackend):
    """Runs a ``network.onnx`` on a GPU; see :class:`Backend`."""

    def __init__(
        self,
        network: NetworkSpec,
        name: str,
        *,
        device: int = 0,
        max_batch: int | None = None,
        fp16: bool | None = None,
        providers: Sequence[Provider] | None = None,
        memory: str = "cuda",
    ) -> None:
        """Load the network; raises BackendError when the provider is not in force afterwards.

        ``providers`` and ``memory`` stand in for a GPU's.
        """
        self.name = name
        self._device, self._memory = device, memory
        self._kept: dict[str, tuple[NDArray[np.float32], Any]] = {}
        chosen = list(providers or provider_options(network, name, device, max_batch, fp16))
        super().__init__(network, 1, chosen)
        if max_batch is not None:
            self.max_batch = min(self.max_batch, max_batch)

    def _infer(self, feeds: Tensors) -> list[NDArray[np.float32]]:
        session = self._session
        assert session is not None
        binding = session.io_binding()
        for name, value in feeds.items():
            if value.flags.writeable:
                binding.bind_cpu_input(name, np.ascontiguousarray(value))
            else:
                binding.bind_ortvalue_input(name, self._resident(name, value))
        for name in self._outputs:
            binding.bind_output(name, "cpu")
        session.run_with_iobinding(binding)
        return [np.asarray(value, np.float32) for value in binding.copy_outputs_to_cpu()]

    def _resident(self, name: str, value: NDArray[np.float32]) -> Any:
        """Return an input that does not change as it lies on the GPU."""
        kept = self._kept.get(name)
        if kept is None or kept[0].ctypes.data != value.ctypes.data or kept[0].shape != value.shape:
            copy = ort.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(value), self._memory, self._device)
            self._kept[name] = kept = (value, copy)
        return kept[1]

    def describe(self) -> dict[str, str | int]:
        """See :meth:`Backend.describe`."""
        return super().describe() | {"name": self.name, "device": f"GPU {self._device}"}

    def close(self) -> None:
        """See :meth:`Backend.close`."""
        self._kept.clear()
        super().close()


def provider_options(
    network: NetworkSpec, name: str, device: int, max_batch: int | None, fp16: bool | None
) -> list[Provider]:
    """Return what ONNX Runtime is asked for; raises BackendError when its package has no such provider."""
    wanted = PROVIDERS[name]
    if wanted not in ort.get_available_providers():
        raise BackendError(
            f"onnxruntime {ort.__version__} has no {wanted}; right: pip install onnxruntime-gpu instead of onnxruntime"
        )
    cuda: Provider = ("CUDAExecutionProvider", {"device_id": device})
    if name == "onnxruntime-cuda":
        return [cuda]
    recipe = recipe_for(network, max_batch, fp16)
    return [(wanted, _tensorrt_options(recipe, device)), cuda]


def _tensorrt_options(recipe: EngineRecipe, device: int) -> dict[str, Any]:
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
        "device_id": device,
        "trt_fp16_enable": recipe.fp16,
        "trt_engine_cache_enable": True,
        "trt_engine_cache_path": str(cache),
        **profiles,
    }
