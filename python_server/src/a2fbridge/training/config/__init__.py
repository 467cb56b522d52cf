"""The configuration of a training run: one YAML file, checked; its schema and its starting file.

Knows what can be set and what is in range, not what it does.
"""

from a2fbridge.training.config._describe import json_schema, starting_file, table
from a2fbridge.training.config._file import default_run, read_run, run_schema, training_config
from a2fbridge.training.config._runs import (
    KINDS,
    BuiltinRun,
    CompactRun,
    DatasetRun,
    ReferenceRun,
    Run,
    placed,
)
from a2fbridge.training.config._sections import (
    CompactConfig,
    DatasetEvaluateConfig,
    DatasetExportConfig,
    DatasetFitConfig,
    LossConfig,
    MutedConfig,
    ReferenceConfig,
    ReferenceExportConfig,
    ReferenceFitConfig,
    ReferenceLossConfig,
    SampleConfig,
    SpeechEvaluateConfig,
    SpeechNetworkConfig,
)

__all__ = [
    "KINDS",
    "BuiltinRun",
    "CompactConfig",
    "CompactRun",
    "DatasetEvaluateConfig",
    "DatasetExportConfig",
    "DatasetFitConfig",
    "DatasetRun",
    "LossConfig",
    "MutedConfig",
    "ReferenceConfig",
    "ReferenceExportConfig",
    "ReferenceFitConfig",
    "ReferenceLossConfig",
    "ReferenceRun",
    "Run",
    "SampleConfig",
    "SpeechEvaluateConfig",
    "SpeechNetworkConfig",
    "default_run",
    "json_schema",
    "placed",
    "read_run",
    "run_schema",
    "starting_file",
    "table",
    "training_config",
]
