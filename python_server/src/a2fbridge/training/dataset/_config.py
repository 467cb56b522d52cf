"""What ``train prepare`` can be told."""

from __future__ import annotations

from dataclasses import dataclass

from a2fbridge._errors import ConfigError

__all__ = ["PrepareConfig"]


@dataclass(frozen=True, slots=True)
class PrepareConfig:
    """How a dataset becomes a prepared folder; the defaults are NVIDIA's values where it has them."""

    seed: int = 1
    """Of the draw of validation takes."""
    validation_share: float = 0.1
    """Share of the takes kept out of training when the dataset names none; 0 keeps all."""
    prune_distance: float = 4.0
    """Skin poses nearer than this to a seed are dropped: L2 over the mesh in centimetres, for a mesh of 24,002
    vertices (NVIDIA's Claire), scaled by the root of the vertex count to other meshes."""
    prune_stride: int = 10
    """Every so manieth frame is a seed."""
    distinct_poses: int = 787
    """Poses added at most to the first four."""
    distinct_variance: float = 0.9999
    """Variance kept by the components that say which pose is missing most."""
    skin_variance: float = 0.9995
    """The skin's basis is the first components whose share of the variance exceeds this."""
    skin_components: int | None = None
    """Or exactly so many."""
    tongue_prune_distance: float = 10.0
    """As ``prune_distance``, for a mesh of 5,602 vertices."""
    tongue_variance: float = 0.9995
    tongue_components: int | None = None
    audio_offset: float = 0.0
    """Seconds added to every take's audio_offset: frame k belongs to the sound at k / fps + offset."""
    correct_lag: bool = False
    """Move each sound by the lag that was measured between it and the mouth; else the lag is only reported."""
    transform_scale: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    """Of skin, tongue, jaw, eyes: their scale in the statistics is divided by it."""

    def __post_init__(self) -> None:
        """Refuse values that make no basis."""
        shares = {"skin_variance": self.skin_variance, "tongue_variance": self.tongue_variance}
        shares["distinct_variance"] = self.distinct_variance
        for name, share in shares.items():
            if not 0 < share < 1:
                raise ConfigError(f"{name} {share} is out of range: right is above 0 and below 1")
        if not 0 <= self.validation_share < 1:
            raise ConfigError(f"validation_share {self.validation_share} is out of range: right is 0 to below 1")
        counts = [self.prune_stride, self.distinct_poses + 1, self.skin_components or 1, self.tongue_components or 1]
        if min(counts) < 1 or 0 in (self.skin_components, self.tongue_components):
            raise ConfigError("prune_stride and components are 1 or more, distinct_poses 0 or more")
        if min(self.prune_distance, self.tongue_prune_distance) < 0 or not abs(self.audio_offset) <= 3600:
            raise ConfigError("distances are 0 or more, audio_offset within an hour")
        if len(self.transform_scale) != 4 or min(self.transform_scale) <= 0:
            raise ConfigError("transform_scale holds four numbers above 0: skin, tongue, jaw, eyes")
