"""Mapping tables: blend-shape weights in, the curves of a rig out (language: docs/mapping.md).

Knows names, numbers and YAML; nothing of audio, networks, sockets or files other than the tables.  A table is
a pure function of one frame.
"""

from a2fbridge.mapping._explain import Contribution, Explanation, TargetExplanation
from a2fbridge.mapping._load import list_tables
from a2fbridge.mapping._profiles import Profile, profile_names, shipped_profile
from a2fbridge.mapping._table import MappingTable, TableWarning

__all__ = [
    "Contribution",
    "Explanation",
    "MappingTable",
    "Profile",
    "TableWarning",
    "TargetExplanation",
    "list_tables",
    "profile_names",
    "shipped_profile",
]
