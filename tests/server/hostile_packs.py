"""Attacks on a pack by its archives, its paths and its JSON: each changes one thing in a sound pack."""

from __future__ import annotations

import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from pack_edits import edit_json, edit_npz

Attack = Callable[[Path], None]


class Trap:
    """Leaves a file behind if it is ever unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("/tmp/a2fbridge-unpickled"),))


def npy(header: str, data: bytes = b"", version: bytes = b"\1\0") -> bytes:
    text = header.encode()
    width = 2 if version == b"\1\0" else 4
    return b"\x93NUMPY" + version + len(text).to_bytes(width, "little") + text + data


def header(shape: str, descr: str = "<f4", order: str = "False") -> str:
    return f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n"


def member(content: bytes, name: str = "neutral_jaw.npy", method: int = zipfile.ZIP_STORED) -> Attack:
    """Replace one member of model_data.npz, or add one."""

    def apply(folder: Path) -> None:
        path = folder / "model_data.npz"
        with zipfile.ZipFile(path) as old:
            kept = {info.filename: old.read(info) for info in old.infolist() if info.filename != name}
        with zipfile.ZipFile(path, "w") as new:
            for key, value in kept.items():
                new.writestr(key, value)
            new.writestr(name, content, method)

    return apply


def whole(change: Callable[[bytes], bytes], file: str = "model_data.npz") -> Attack:
    return lambda folder: (folder / file).write_bytes(change((folder / file).read_bytes())) and None


def path_to(target: str) -> Attack:
    return lambda folder: edit_json(folder / "model.json", modelDataPath=target.format(outside=folder.parent))


def linked(link: Callable[[Path, Path], None]) -> Attack:
    def apply(folder: Path) -> None:
        (folder / "model_data.npz").unlink()
        link(folder.parent / "outside.npz", folder / "model_data.npz")

    return apply


def linked_folder(folder: Path) -> None:
    (folder / "way").symlink_to(folder.parent)
    edit_json(folder / "model.json", modelDataPath="way/outside.npz")


def fifo(folder: Path) -> None:
    (folder / "model_data.npz").unlink()
    os.mkfifo(folder / "model_data.npz")


def pickled_array(folder: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, np.array([Trap()], dtype=object), allow_pickle=True)
    member(stream.getvalue())(folder)


def bomb(folder: Path) -> None:
    """A hundred thousand bytes that unpack to a hundred million, of just the size the pack asks for."""
    vertices = 1 << 20
    edit_json(folder / "network_info.json", params__num_verts_skin=vertices, params__num_shapes_skin=8)
    zeros = npy(header(f"(8, {vertices}, 3)"), bytes(8 * vertices * 3 * 4))
    member(zeros, "shapes_matrix_skin.npy", zipfile.ZIP_DEFLATED)(folder)


def forged_sizes(folder: Path) -> None:
    """The directory and the header agree on a size that the packed data goes far beyond."""
    right = npy(header("(5, 3)"), bytes(60))
    member(npy(header("(5, 3)"), bytes(1 << 26)), method=zipfile.ZIP_DEFLATED)(folder)
    data = bytearray((folder / "model_data.npz").read_bytes())
    entry = data.rindex(b"PK\1\2")
    struct.pack_into("<L", data, entry + 24, len(right))
    (folder / "model_data.npz").write_bytes(data)


def many_members(folder: Path) -> None:
    with zipfile.ZipFile(folder / "model_data.npz", "w") as archive:
        for i in range(6000):
            archive.writestr(f"{i}.npy", b"")


def zip64(data: bytes) -> bytes:
    """Put a record before the end that sends readers to another directory."""
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1 << 40, 1 << 40, 1 << 40, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(data) - 22, 1)
    return data[:-22] + record + locator + data[-22:]


def encrypted(data: bytes) -> bytes:
    changed = bytearray(data)
    at = -1
    while (at := changed.find(b"PK\1\2", at + 1)) >= 0:
        changed[at + 8] |= 1
    return bytes(changed)


def twice(folder: Path) -> None:
    data = (folder / "model_data.npz").read_bytes()
    (folder / "model_data.npz").write_bytes(data.replace(b"neutral_jaw.npy", b"neutral_jow.npy"))
    member(npy(header("(5, 3)"), bytes(60)), "neutral_jxw.npy")(folder)
    data = (folder / "model_data.npz").read_bytes()
    data = data.replace(b"neutral_jow.npy", b"neutral_jaw.npy").replace(
        b"neutral_jxw.npy", b"neutral_jaw.npy"
    )
    (folder / "model_data.npz").write_bytes(data)


def forged(shape: str, descr: str = "<f4") -> Attack:
    return member(npy(header(shape, descr)))


NPZ: dict[str, tuple[Attack, str]] = {
    "pickle in an array": (pickled_array, r"neutral_jaw: has type '\|O'; right is type f4, f8"),
    "pickle as a file": (whole(lambda _: pickle.dumps(Trap())), "is no zip archive, or cut short"),
    "forged shape": (forged("(1000000000, 2)"), "the member holds 0; right is 8000000000 bytes for shape"),
    "forged shape, huge number": (forged(f"({'9' * 400},)"), "neutral_jaw: .*the member holds 0"),
    "negative shape": (forged("(-5, 3)"), "a header of descr, fortran_order and shape"),
    "shape that is code": (forged("(__import__('os'), 3)"), "a header of descr, fortran_order and shape"),
    "many dimensions": (forged("(1,1,1,1,1,1,1,15)"), "has 8; right is at most 4 dimensions"),
    "big-endian": (
        forged("(5, 3)", ">f4"),
        "has type '>f4'; right is type f4, f8, i4, i8, S or U, little-endian",
    ),
    "structured type": (forged("(5, 3)", "f4,f4"), "right is type f4, f8"),
    "endless header": (
        member(npy(header("(5, 3)") + " " * 4000, bytes(60))),
        "header of 40\\d\\d bytes; right is a header of at most 1024",
    ),
    "promised header": (member(b"\x93NUMPY\2\0\xff\xff\xff\xff"), "header of 4294967295 bytes"),
    "no header": (member(b"hello"), "begins with b'hello'; right is a .npy member"),
    "unknown version": (member(npy(header("(5, 3)"), bytes(60), b"\x09\0")), "right is a .npy member"),
    "array cut short": (member(npy(header("(5, 3)"), bytes(59))), "holds 59; right is 60 bytes"),
    "array too long": (member(npy(header("(5, 3)"), bytes(61))), "holds 61; right is 60 bytes"),
    "bomb": (
        bomb,
        r"\d+ bytes unpack to 100663296; right is arrays at most 100 times the size of the archive",
    ),
    "forged sizes": (forged_sizes, "neutral_jaw: damaged: .*; right is a sound member"),
    "many members": (many_members, "the list of members is too long"),
    "zip64 directory": (whole(zip64), "the list of members is too long"),
    "encrypted": (whole(encrypted), "encrypted or packed otherwise"),
    "lzma": (member(npy(header("(5, 3)"), bytes(60)), method=zipfile.ZIP_LZMA), "or packed otherwise"),
    "member with a path": (member(b"", "../neutral_jaw.npy"), "right is members named NAME.npy"),
    "member with an absolute path": (member(b"", "/etc/cron.d/x.npy"), "right is members named NAME.npy"),
    "member twice": (twice, "neutral_jaw: the archive holds it twice"),
    "archive cut short": (whole(lambda data: data[:-100]), "is no zip archive, or cut short"),
    "archive cut in front": (whole(lambda data: data[5000:]), "model_data.npz: .*right is a sound"),
    "comment": (whole(lambda data: data[:-2] + b"\x04\0evil"), "is no zip archive"),
    "empty file": (whole(lambda _: b""), "the file is too short"),
    "flipped bits": (
        whole(lambda d: d[:3000] + bytes(b ^ 255 for b in d[3000:3010]) + d[3010:]),
        "damaged: Bad CRC",
    ),
    "names too long": (
        lambda folder: edit_npz(
            folder / "implicit_emo_db.npz", emo_spec_names=np.array(["x" * 2000, "y"], "S")
        ),
        "right is names of at most 1024 bytes",
    ),
}

PATHS: dict[str, tuple[Attack, str]] = {
    "dot dot": (path_to("../outside.npz"), r"'\.\./outside.npz' leads out of it"),
    "dot dot within": (path_to("a/../../outside.npz"), "leads out of it"),
    "backslashes": (path_to("..\\outside.npz"), "leads out of it"),
    "absolute": (path_to("{outside}/outside.npz"), "leads out of it; right is a path within the pack folder"),
    "absolute by dot dot": (path_to("{outside}/egg/../outside.npz"), "leads out of it"),
    "drive": (path_to("C:\\Windows\\outside.npz"), "leads out of it"),
    "share": (path_to("\\\\server\\share\\outside.npz"), "leads out of it"),
    "zero byte": (path_to("model_data.npz\0.npz"), "right is the path of a file"),
    "the folder itself": (path_to("."), "is the folder itself; right is the path of a file"),
    "a folder": (lambda f: (f / "d.npz").mkdir() or path_to("d.npz")(f), "right is a plain file"),
    "a file as folder": (path_to("model.json/x.npz"), "is missing from"),
    "symbolic link": (
        linked(lambda target, link: link.symlink_to(target)),
        "is a symbolic link; right is a file",
    ),
    "linked folder": (linked_folder, "is a symbolic link"),
    "hard link": (
        linked(lambda target, link: os.link(target, link)),
        "has 2 names: hard links lead out of a pack",
    ),
    "pipe": (fifo, "is a folder or a device; right is a plain file"),
    "endless device": (linked(lambda _, link: link.symlink_to("/dev/zero")), "is a symbolic link"),
}

JSON: dict[str, tuple[Attack, str]] = {
    "huge": (
        whole(lambda _: b" " * (1 << 20), "model.json"),
        "the file has 1048576 bytes; right is at most 262144",
    ),
    "deep": (
        whole(lambda _: b"[" * 100_000, "model.json"),
        "nested deeper; right is JSON nested at most 16 deep",
    ),
    "deep objects": (whole(lambda _: b'{"a":' * 40_000, "model.json"), "nested deeper"),
    "NaN": (whole(lambda d: d.replace(b"0.0085", b"NaN"), "model_config.json"), "NaN is not a JSON number"),
    "infinity": (whole(lambda d: d.replace(b"0.0085", b"1e999"), "model_config.json"), "softness: is inf"),
    "huge number": (
        whole(lambda d: d.replace(b"0.0085", b"9" * 5000), "model_config.json"),
        "right is valid JSON",
    ),
    "key twice": (
        whole(lambda d: d.replace(b"{", b'{"networkPath": "x", ', 1), "model.json"),
        "stands twice",
    ),
    "huge sizes": (
        lambda f: edit_json(f / "network_info.json", params__num_verts_skin=10**15),
        "num_verts_skin: is 1000000000000000; right is a whole number from 1",
    ),
    "huge list": (
        lambda f: edit_json(f / "network_info.json", params__explicit_emotions=[str(i) for i in range(9999)]),
        "right is a list of at most 256 strings",
    ),
}
