"""What ``train prepare`` can be told."""

from __future__ import annotations

from dataclasses import dataclass

from a2fbridge._errors import ConfigError
from a2fbridge._settings import check_ranges, setting

__all__ = ["PrepareConfig"]


@dataclass(frozen=True, slots=True)
class PrepareConfig:
    """How a dataset becomes a prepared folder; the defaults are NVIDIA's values where it has them."""

    seed: int = setting(1, elsewhere=True)
    """Of the draw of validation takes."""
    validation_share: float = setting(0.1, 0.0, 0.9)
    """Share of the takes kept out of training when the dataset names none; 0 keeps all."""
    prune_distance: float = setting(4.0, 0.0)
    """Skin poses nearer than this to a seed are dropped: L2 over the mesh in centimetres, for a mesh of 24,002
    vertices (NVIDIA's Claire), scaled by the root of the vertex count to other meshes."""
    prune_stride: int = setting(10, 1)
    """Every so manieth frame is a seed."""
    distinct_poses: int = setting(787, 0)
    """Poses added at most to the first four."""
    distinct_variance: float = setting(0.9999, 0.5, 0.999999)
    """Variance kept by the components that say which pose is missing most."""
    skin_variance: float = setting(0.9995, 0.5, 0.999999)
    """The skin's basis is the first components whose share of the variance exceeds this."""
    skin_components: int | None = setting(None, 1, 1024)
    """Or exactly so many."""
    tongue_prune_distance: float = setting(10.0, 0.0)
    """As ``prune_distance``, for a mesh of 5,602 vertices."""
    tongue_variance: float = setting(0.9995, 0.5, 0.999999)
    """As ``skin_variance``."""
    tongue_components: int | None = setting(None, 1, 1024)
    """As ``skin_components``."""
    audio_offset: float = setting(0.0, -3600.0, 3600.0)
    """Seconds added to every take's audio_offset: frame k belongs to the sound at k / fps + offset."""
    correct_lag: bool = setting(False)
    """Move each sound by the lag that was measured between it and the mouth; else the lag is only reported."""
    transform_scale: tuple[float, float, float, float] = setting((1.0, 1.0, 1.0, 1.0), 1e-6, 1e6)
    """Of skin, tongue, jaw, eyes: their scale in the statistics is divided by it."""

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        check_ranges(self)
        if len(self.transform_scale) != 4 or min(self.transform_scale) <= 0:
            raise ConfigError("transform_scale holds four numbers above 0: skin, tongue, jaw, eyes")
