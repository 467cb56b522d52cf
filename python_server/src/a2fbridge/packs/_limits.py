"""How large the parts of a pack may be; all of them are checked before memory is spent.

Mark, the largest pack known (272 skin shapes of 61520 vertices), needs 200 MiB of arrays: each limit leaves
several times that.
"""

from __future__ import annotations

from typing import Final

__all__: list[str] = []

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

JSON_BYTES: Final = 256 * KIB
JSON_DEPTH: Final = 16

ARCHIVE_BYTES: Final = GIB
"""Largest ``.npz`` file."""
DIRECTORY_BYTES: Final = 256 * KIB
"""Largest list of members of an ``.npz``."""
MEMBERS: Final = 1024
HEADER_BYTES: Final = KIB
"""Largest header of a ``.npy`` member; NumPy writes 118 bytes."""
INFLATION: Final = 100
"""How many times its own size an archive above INFLATION_FREE bytes may unpack to."""
INFLATION_FREE: Final = 64 * MIB
"""Below this an archive of zeros is harmless (deflate packs zeros about 1000 times)."""
PACK_BYTES: Final = 2 * GIB
"""All arrays of a pack together, unpacked."""

NETWORK_BYTES: Final = 2 * GIB - 1
"""Largest message that protobuf can hold."""
EXTERNAL_BYTES: Final = 4 * GIB
NETWORK_FIELDS: Final = 100_000
"""Most protobuf fields walked in a network; a thousand nodes have some twenty thousand."""
NETWORK_DEPTH: Final = 32

SHAPES: Final = 1024
VERTICES: Final = 1 << 20
WINDOW: Final = 1 << 20
EMOTIONS: Final = 256
IDENTITIES: Final = 64
FRAMES: Final = 1024
"""Frames of a diffusion network's window."""
LATENTS: Final = 1 << 20
"""Values of a diffusion network's state, per stream (v3.0: 1024)."""
ROW_BYTES: Final = 512 * MIB
"""Noise and prediction of one row of a diffusion network (v3.0: 82 MiB)."""
POSES: Final = 512
NAME_BYTES: Final = 1024
"""Longest name in an array of names."""
SHOTS: Final = 10_000
ROWS: Final = 1_000_000
"""Longest free length of an array: rows of the emotion database or of the saccade."""
