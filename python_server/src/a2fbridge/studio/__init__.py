"""The studio: a web page that shows, tunes and exports faces, and live streams over WebSocket (docs/web.md).

Everything that animates is a server's: its own, started beside it on loopback, or another one, a NIM too.  The
studio carries messages between a browser and that server, maps, and writes files.  Must not know how faces are
made.
"""

from a2fbridge.studio._config import StudioConfig
from a2fbridge.studio._life import studio
from a2fbridge.studio._studio import Studio

__all__ = ["Studio", "StudioConfig", "studio"]
