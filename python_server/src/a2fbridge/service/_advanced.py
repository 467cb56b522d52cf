"""``advanced_config.yaml`` of NIM 2.0 as dataclasses (spec: wire protocol, section 5.3).

A field's name is its key.  Unlike NVIDIA's, our defaults cut no stream for its length or its pace: 0 is "no limit".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from a2fbridge._errors import ConfigError
from a2fbridge._settings import setting

__all__ = ["Advanced", "InputLimits", "Pipeline"]

Precision = Literal["fp16", "fp32"]


@dataclass(frozen=True)
class InputLimits:
    """``input_sanitization``; where a limit is 0 there is none."""

    max_len_uuid: int = setting(50, 1, no_effect=True)
    max_sample_rate: int = setting(144000, 8000, 384000)
    min_sample_rate: int = setting(16000, 8000, 384000)
    max_processing_duration_second: int = setting(0, 0)
    max_audio_buffer_size_second: int = setting(10, 1, 3600)
    max_audio_clip_size_second: int = setting(0, 0)
    max_wait_time_idle_ms: int = setting(30000, 0)
    low_fps: int = setting(29, 1, 1000)
    low_fps_max_duration_second: int = setting(0, 0)

    def __post_init__(self) -> None:
        if self.min_sample_rate > self.max_sample_rate:
            raise ConfigError(
                f"min_sample_rate {self.min_sample_rate} is above max_sample_rate {self.max_sample_rate}"
            )


@dataclass(frozen=True)
class GarbageCollector:
    enabled: bool = setting(False, no_effect=True)
    interval_run_second: int = setting(10, 0, no_effect=True)
    max_size_stored_data_second: int = setting(60, 0, no_effect=True)


@dataclass(frozen=True)
class StreamMux:
    adaptive_batching: int = setting(0, no_effect=True)
    overall_min_fps_n: int = setting(40, no_effect=True)
    overall_min_fps_d: int = setting(1, no_effect=True)


@dataclass(frozen=True)
class Pipeline:
    queue_size_after_a2e: int = setting(1, no_effect=True)
    queue_size_after_a2f: int = setting(300, 1, 100000)
    """Computed frames that may wait per stream."""
    queue_size_after_streammux: int = setting(1, no_effect=True)
    streammux: StreamMux = field(default_factory=StreamMux)
    burst_mode: bool = setting(True)
    """Send frames as soon as they are computed; otherwise no faster than ``blendshape_streaming_fps``."""
    blendshape_streaming_fps: int = setting(90, 1, 100000)


@dataclass(frozen=True)
class AdvancedFace:
    temporal_smoothing: bool = setting(True, no_effect=True)
    device_id: int = setting(-1, -1, 63)
    """GPU of the face's network; -1: the one with the most free memory."""
    use_gpu_solver: bool = setting(False, no_effect=True)


@dataclass(frozen=True)
class AdvancedEmotion:
    inference_interval: int = setting(10, 1, 1000)
    """Emotion frames (30 a second) that share one inference."""
    device_id: int = setting(-1, -1, 63)
    """GPU of the emotion's network; -1: the one with the most free memory."""


@dataclass(frozen=True)
class EmotionEngine:
    precision: Precision = setting("fp32")
    min_shape: int = setting(1, 1, no_effect=True)
    """Our batches hold the rows that are ready, from one on."""
    optimal_shape: int = setting(0, 0, 4096)
    """Batch that an engine is tuned for; 0: what the pack says (10, or 3 for v3.0)."""
    maximum_shape: int = setting(128, 1, 4096)
    """Largest batch of an engine, where neither the pack nor ``a2fbridge.max_batch`` says less."""


@dataclass(frozen=True)
class FaceEngine:
    precision: Precision = setting("fp32")
    """NVIDIA's default is fp16, which the built-in pack is not made for."""
    min_shape: int = setting(1, 1, no_effect=True)
    optimal_shape: int = setting(0, 0, 4096)
    """Batch that an engine is tuned for; 0: what the pack says (10, or 3 for v3.0)."""
    maximum_shape: int = setting(128, 1, 4096)
    """Largest batch of an engine, where neither the pack nor ``a2fbridge.max_batch`` says less."""


@dataclass(frozen=True)
class EngineBuild:
    a2e: EmotionEngine = field(default_factory=EmotionEngine)
    a2f: FaceEngine = field(default_factory=FaceEngine)


@dataclass(frozen=True)
class Resampling:
    chunk_size: int = setting(640, 1, no_effect=True)
    quality: float = setting(1.0, 1, 10, no_effect=True)


@dataclass(frozen=True)
class Advanced:
    input_sanitization: InputLimits = field(default_factory=InputLimits)
    garbage_collector: GarbageCollector = field(default_factory=GarbageCollector)
    pipeline_parameters: Pipeline = field(default_factory=Pipeline)
    a2f: AdvancedFace = field(default_factory=AdvancedFace)
    a2e: AdvancedEmotion = field(default_factory=AdvancedEmotion)
    trt_model_generation: EngineBuild = field(default_factory=EngineBuild)
    resampling: Resampling = field(default_factory=Resampling)
