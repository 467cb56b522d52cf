"""Animations to and from files: CSV, NVIDIA's JSON, NumPy archives, Live Link Face CSV and recorded sessions.

Knows Animation and bytes; nothing of audio, networks or models.  Files are written whole or not at all, and read
without trusting the sizes they state.
"""

from a2fbridge.export._atomic import atomic_file
from a2fbridge.export._csv import read_csv, read_table, write_csv
from a2fbridge.export._dispatch import FORMATS, format_of, read, write
from a2fbridge.export._glb import pack_glb, unpack_glb
from a2fbridge.export._gltf import write_glb
from a2fbridge.export._gltf_read import read_gltf_mesh
from a2fbridge.export._head_meshes import HeadMesh, head_meshes
from a2fbridge.export._html import write_html
from a2fbridge.export._json import read_json, write_json
from a2fbridge.export._livelink import (
    LIVE_LINK_NAMES,
    is_livelink,
    live_link_timecode,
    read_livelink,
    write_livelink,
)
from a2fbridge.export._npz import read_npz, write_npz
from a2fbridge.export._playback import AudioChunk, Event, Recording, read_recording
from a2fbridge.export._recording import RecordingWriter, write_recording
from a2fbridge.export._topology import read_obj
from a2fbridge.export._usd import pxr, write_usd

__all__ = [
    "FORMATS",
    "LIVE_LINK_NAMES",
    "AudioChunk",
    "Event",
    "HeadMesh",
    "Recording",
    "RecordingWriter",
    "atomic_file",
    "format_of",
    "head_meshes",
    "is_livelink",
    "live_link_timecode",
    "pack_glb",
    "pxr",
    "read",
    "read_csv",
    "read_gltf_mesh",
    "read_json",
    "read_livelink",
    "read_npz",
    "read_obj",
    "read_recording",
    "read_table",
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
