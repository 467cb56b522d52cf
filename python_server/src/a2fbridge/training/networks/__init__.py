"""Networks for datasets behind one small interface; a new one needs no change in fitting, losses or stages.

A network knows its sizes and its parameters' shapes; it must not know of files, takes or stages.
"""

from __future__ import annotations

from a2fbridge.training.config import CompactConfig, ReferenceConfig
from a2fbridge.training.networks._compact import CompactNetwork
from a2fbridge.training.networks._front_end import FrontEnd
from a2fbridge.training.networks._network import Answer, Network, Sizes
from a2fbridge.training.networks._reference import ReferenceNetwork

__all__ = ["Answer", "CompactNetwork", "FrontEnd", "Network", "ReferenceNetwork", "Sizes", "network_for"]


def network_for(
    config: CompactConfig | ReferenceConfig, sizes: Sizes, phonemes: tuple[tuple[str, int], ...] = ()
) -> Network:
    """Return the network that a configuration's section describes."""
    if isinstance(config, ReferenceConfig):
        return ReferenceNetwork(config, sizes, phonemes)
    return CompactNetwork(config, sizes)
