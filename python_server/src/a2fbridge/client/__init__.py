"""The gRPC client: animates through our server or any Audio2Face-3D NIM.

Knows the wire and what a clip is; must not know packs, networks or solvers.
"""

from a2fbridge.client._async import AsyncClient, AsyncClientStream
from a2fbridge.client._authoring import Pose, RemoteClip
from a2fbridge.client._channel import TlsFiles
from a2fbridge.client._decode import read_settings
from a2fbridge.client._exchange import Connection
from a2fbridge.client._options import clip_options
from a2fbridge.client._session import SETTINGS_KEY, Session, plain_nim_error
from a2fbridge.client._sync import Client, ClientStream
from a2fbridge.client._worker import Worker

__all__ = [
    "SETTINGS_KEY",
    "AsyncClient",
    "AsyncClientStream",
    "Client",
    "ClientStream",
    "Connection",
    "Pose",
    "RemoteClip",
    "Session",
    "TlsFiles",
    "Worker",
    "clip_options",
    "plain_nim_error",
    "read_settings",
]
