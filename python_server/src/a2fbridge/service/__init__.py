"""The gRPC server: NVIDIA's Audio2Face-3D protocol over the scheduler, with configuration, limits and life cycle.

The event loop only parses, queues and writes; what computes is the scheduler's.  Must not know how faces are made.
"""

from a2fbridge.service._config import ServerConfig, load_server_config
from a2fbridge.service._life import serve
from a2fbridge.service._server import Server

__all__ = ["Server", "ServerConfig", "load_server_config", "serve"]
