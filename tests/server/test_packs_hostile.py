"""Hostile packs: each is refused before memory is spent, and nothing of it is executed."""

from __future__ import annotations

import shutil
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hostile_networks import ONNX, external, network
from hostile_packs import JSON, NPZ, PATHS, Attack, header, member, npy
from onnx import numpy_helper
from synthetic_packs import write_pack

from a2fbridge import packs
from a2fbridge._errors import PackError

MEMORY = 4 << 20
"""What a refusal may allocate; the sound pack itself takes a third of it."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("packs") / "egg")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    (tmp_path / "outside.npz").write_bytes((original / "model_data.npz").read_bytes())
    (tmp_path / "outside.bin").write_bytes(bytes(4096))
    return Path(shutil.copytree(original, tmp_path / "egg"))


EVERY = NPZ | PATHS | JSON | ONNX


@pytest.mark.parametrize(("attack", "said"), EVERY.values(), ids=EVERY.keys())
def test_refused_before_memory_is_spent(folder: Path, attack: Attack, said: str) -> None:
    attack(folder)
    tracemalloc.start()
    try:
        with pytest.raises(PackError, match=said):
            packs.load(folder)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MEMORY
    assert not Path("/tmp/a2fbridge-unpickled").exists()


def test_external_data_within_the_pack_is_welcome(folder: Path) -> None:
    (folder / "weights.bin").write_bytes(bytes(16))
    external("weights.bin")(folder)
    assert packs.load(folder).network.path.name == "network.onnx"


def test_infinity_is_legal_in_a_network(folder: Path) -> None:
    mask = numpy_helper.from_array(np.array([0, -np.inf], np.float32), "mask")
    network(lambda model: model.graph.initializer.append(mask))(folder)
    packs.load(folder)


def test_members_that_nobody_asks_for_are_never_unpacked(folder: Path) -> None:
    member(npy(header("(33554432,)"), bytes(1 << 27)), "blink_keys.npy", zipfile.ZIP_DEFLATED)(folder)
    tracemalloc.start()
    packs.load(folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEMORY


def test_a_pack_is_bounded_as_a_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("a2fbridge.packs._limits.PACK_BYTES", 100_000)
    with pytest.raises(PackError, match="right is at most 100000 bytes of arrays in a pack"):
        packs.load(folder)
