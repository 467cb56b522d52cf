"""The gRPC server: NVIDIA's Audio2Face-3D protocol over the scheduler, with configuration, limits and life cycle.

The event loop only parses, queues and writes; what computes is the scheduler's.  Must not know how faces are made.
"""

from a2fbridge._settings import dump_yaml
from a2fbridge.service._config import ServerConfig, is_loopback, load_server_config
from a2fbridge.service._imported import import_settings
from a2fbridge.service._life import on_signals, serve
from a2fbridge.service._parent import on_exit
from a2fbridge.service._server import Server
from a2fbridge.service._stylization import Stylization, read_stylization

__all__ = [
    "Server",
    "ServerConfig",
    "Stylization",
    "dump_yaml",
    "import_settings",
    "is_loopback",
    "load_server_config",
    "on_exit",
    "on_signals",
    "read_stylization",
    "serve",
]
