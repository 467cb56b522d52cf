"""A whole configuration file: one class for each kind of training."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal

from a2fbridge._settings import check_ranges, setting
from a2fbridge.training._config import CorpusConfig, Device, ExportConfig, FitConfig
from a2fbridge.training.config._sections import (
    CompactConfig,
    DatasetEvaluateConfig,
    DatasetExportConfig,
    DatasetFitConfig,
    ReferenceConfig,
    ReferenceExportConfig,
    ReferenceFitConfig,
    SpeechEvaluateConfig,
    SpeechNetworkConfig,
)
from a2fbridge.training.dataset import PrepareConfig

__all__ = ["KINDS", "BuiltinRun", "CompactRun", "DatasetRun", "ReferenceRun", "Run", "placed"]


@dataclass(frozen=True, slots=True)
class _Common:
    kind: str = setting("")
    """What is trained, on what: builtin (synthetic speech), reference or compact (a dataset)."""
    seed: int = setting(7, 0)
    """Seed of everything random."""
    threads: int = setting(2, 1, 1024)
    """Threads of the fit; another number may give another last digit."""
    device: Device = setting("auto")
    """auto (a GPU when there is one), cpu or cuda."""

    def __post_init__(self) -> None:
        """Hand seed, threads, device and size to the sections that need them."""
        check_ranges(self)
        for name in ("corpus", "fit", "prepare"):
            if section := getattr(self, name, None):
                given = {f.name for f in dataclasses.fields(section) if f.metadata.get("elsewhere")}
                handed: dict[str, Any] = {
                    key: getattr(self, key) for key in ("seed", "threads", "device") if key in given
                }
                if "width" in given:
                    handed["width"] = self.network.width  # type: ignore[attr-defined]
                object.__setattr__(self, name, dataclasses.replace(section, **handed))


@dataclass(frozen=True, slots=True)
class BuiltinRun(_Common):
    """Training on synthetic speech, as the built-in pack is made."""

    kind: Literal["builtin"] = setting("builtin")
    """What is trained, on what: builtin (synthetic speech), reference or compact (a dataset)."""
    device: Device = setting("cpu")
    """auto (a GPU when there is one), cpu or cuda; the pack that ships was fitted on cpu."""
    stages: ClassVar[tuple[str, ...]] = ("corpus", "fit", "evaluate", "export")
    corpus: CorpusConfig = field(default_factory=CorpusConfig)
    """Synthetic speech with labels: which voices, how much, how varied."""
    network: SpeechNetworkConfig = field(default_factory=SpeechNetworkConfig)
    """The compact network that answers with articulators."""
    fit: FitConfig = field(default_factory=FitConfig)
    """The run of the optimiser."""
    evaluate: SpeechEvaluateConfig = field(default_factory=SpeechEvaluateConfig)
    """Which speech the fit is measured on."""
    export: ExportConfig = field(default_factory=ExportConfig)
    """How the fit becomes a model pack."""


@dataclass(frozen=True, slots=True)
class DatasetRun(_Common):
    """What training on a dataset has in common, whatever the network."""

    stages: ClassVar[tuple[str, ...]] = ("prepare", "fit", "evaluate", "export")
    dataset: str = "dataset"
    """Folder of the dataset, relative to this file."""
    prepare: PrepareConfig = field(default_factory=PrepareConfig)
    """How takes become coefficients."""
    network: Any = None
    fit: DatasetFitConfig = field(default_factory=DatasetFitConfig)
    """The run of the optimiser."""
    evaluate: DatasetEvaluateConfig = field(default_factory=DatasetEvaluateConfig)
    """Which takes are measured and drawn."""
    export: DatasetExportConfig = field(default_factory=DatasetExportConfig)
    """How the fit becomes a model pack."""


@dataclass(frozen=True, slots=True)
class CompactRun(DatasetRun):
    """The compact network on a dataset."""

    kind: Literal["compact"] = setting("compact")
    """What is trained, on what: builtin (synthetic speech), reference or compact (a dataset)."""
    network: CompactConfig = field(default_factory=CompactConfig)
    """The network."""


@dataclass(frozen=True, slots=True)
class ReferenceRun(DatasetRun):
    """NVIDIA's regression architecture on a dataset."""

    kind: Literal["reference"] = setting("reference")
    """What is trained, on what: builtin (synthetic speech), reference or compact (a dataset)."""
    network: ReferenceConfig = field(default_factory=ReferenceConfig)
    """The network."""
    fit: ReferenceFitConfig = field(default_factory=ReferenceFitConfig)
    """The run of the optimiser."""
    export: ReferenceExportConfig = field(default_factory=ReferenceExportConfig)
    """How the fit becomes a model pack."""


Run = BuiltinRun | CompactRun | ReferenceRun
KINDS: Final[dict[str, type[Run]]] = {
    "builtin": BuiltinRun,
    "reference": ReferenceRun,
    "compact": CompactRun,
}


def placed(run: Run, at: Callable[[str], str]) -> Run:
    """Return the configuration with every path in it changed by ``at``."""
    fit: Any = dataclasses.replace(run.fit, start=at(run.fit.start) if run.fit.start else None)
    evaluate: Any = dataclasses.replace(run.evaluate, recordings=tuple(map(at, run.evaluate.recordings)))
    if isinstance(run, BuiltinRun):
        return dataclasses.replace(run, fit=fit, evaluate=evaluate)
    if isinstance(fit, ReferenceFitConfig) and fit.losses.phonemes:
        losses = dataclasses.replace(fit.losses, phonemes=at(fit.losses.phonemes))
        fit = dataclasses.replace(fit, losses=losses)
    network: Any = run.network
    if isinstance(run, ReferenceRun) and run.network.front_end != "none":
        kind, _, path = run.network.front_end.partition(":")
        network = dataclasses.replace(run.network, front_end=f"{kind}:{at(path)}")
    return dataclasses.replace(run, dataset=at(run.dataset), network=network, fit=fit, evaluate=evaluate)
