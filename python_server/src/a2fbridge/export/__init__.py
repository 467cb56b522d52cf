"""Animations to and from files: CSV, NVIDIA's JSON, NumPy archives, Live Link Face CSV and recorded sessions.

Knows Animation and bytes; nothing of audio, networks or models.  Files are written whole or not at all, and read
without trusting the sizes they state.
"""

from a2fbridge.export._csv import read_csv, write_csv
from a2fbridge.export._dispatch import FORMATS, format_of, read, write
from a2fbridge.export._glb import pack_glb, unpack_glb
from a2fbridge.export._gltf import write_glb
from a2fbridge.export._head_meshes import HeadMesh, head_meshes
from a2fbridge.export._html import write_html
from a2fbridge.export._json import read_json, write_json
from a2fbridge.export._livelink import LIVE_LINK_NAMES, live_link_timecode, write_livelink
from a2fbridge.export._npz import read_npz, write_npz
from a2fbridge.export._playback import AudioChunk, Event, Recording, read_recording
from a2fbridge.export._recording import RecordingWriter, write_recording
from a2fbridge.export._usd import write_usd

__all__ = [
    "FORMATS",
    "LIVE_LINK_NAMES",
    "AudioChunk",
    "Event",
    "HeadMesh",
    "Recording",
    "RecordingWriter",
    "format_of",
    "head_meshes",
    "live_link_timecode",
    "pack_glb",
    "read",
    "read_csv",
    "read_json",
    "read_npz",
    "read_recording",
    "unpack_glb",
    "write",
    "write_csv",
    "write_glb",
    "write_html",
    "write_json",
    "write_livelink",
    "write_npz",
    "write_recording",
    "write_usd",
]
