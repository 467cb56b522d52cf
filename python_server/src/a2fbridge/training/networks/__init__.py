"""Networks for datasets behind one small interface; a new one needs no change in fitting, losses or stages.

A network knows its sizes and its parameters' shapes; it must not know of files, takes or stages.
"""

from __future__ import annotations

from a2fbridge.training.config import CompactConfig, ReferenceConfig
from a2fbridge.training.networks._compact import CompactNetwork
from a2fbridge.training.networks._front_end import FrontEnd
from a2fbridge.training.networks._network import Answer, Network, Sizes, Units
from a2fbridge.training.networks._reference import ReferenceNetwork

__all__ = [
    "Answer",
    "CompactNetwork",
    "FrontEnd",
    "Network",
    "ReferenceNetwork",
    "Sizes",
    "Units",
    "network_for",
]


def network_for(
    config: CompactConfig | ReferenceConfig,
    sizes: Sizes,
    units: Units | None = None,
    phonemes: tuple[tuple[str, int], ...] = (),
) -> Network:
    """Return the network that a configuration's section describes; ``units`` are the dataset's."""
    units = units or Units.none(sizes)
    if isinstance(config, ReferenceConfig):
        return ReferenceNetwork(config, sizes, units, phonemes)
    return CompactNetwork(config, sizes, units)
