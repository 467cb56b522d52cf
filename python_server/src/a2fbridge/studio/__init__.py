"""The studio: a web page that shows, tunes and exports faces, and live streams over WebSocket (docs/web.md).

Everything that animates is a server's: its own, started beside it on loopback, or another one, a NIM too.  The
studio carries messages between a browser and that server, maps, and writes files.  Must not know how faces are
made.
"""

import importlib.util

from a2fbridge._errors import ConfigError

if importlib.util.find_spec("aiohttp") is None:
    raise ConfigError("the studio needs aiohttp: pip install 'a2fbridge[studio]'")

from a2fbridge.studio._config import StudioConfig
from a2fbridge.studio._life import run_studio
from a2fbridge.studio._studio import Studio

__all__ = ["Studio", "StudioConfig", "run_studio"]
