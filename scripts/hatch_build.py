"""Build hook: wheels and editable installs carry the code generated from ``proto/``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ProtoHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs ``build_proto.py``; an sdist needs nothing, it carries ``proto/`` itself."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        sys.path.insert(0, str(Path(__file__).parent))
        from build_proto import build

        build()
