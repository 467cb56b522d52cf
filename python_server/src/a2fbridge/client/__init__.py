"""The gRPC client: animates through our server or any Audio2Face-3D NIM.

Knows the wire and what a clip is; must not know packs, networks or solvers.
"""

from a2fbridge.client._async import AsyncClient, AsyncClientStream
from a2fbridge.client._channel import TlsFiles
from a2fbridge.client._sync import Client, ClientStream

__all__ = ["AsyncClient", "AsyncClientStream", "Client", "ClientStream", "TlsFiles"]
