"""Part 3 of the check-list: what loads here but would be misread, refused or not built by NVIDIA's tools; the
older spellings and containers that are taken all the same."""

from __future__ import annotations

import json
import os
import shutil
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from pack_edits import edit_json, edit_npz, write_json
from synthetic_packs import KINDS, tensor_file, write_pack

import a2fbridge
from a2fbridge import packs
from a2fbridge._errors import PackError

TINY = KINDS["tiny"]
Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("packs") / "egg")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "egg"))


def recipe(**changes: Any) -> Change:
    return lambda folder: edit_json(folder / "trt_info.json", **changes)


def batch(*arguments: str) -> Change:
    return recipe(trt_build_param__batch=list(arguments))


def basis(change: Callable[[np.ndarray], np.ndarray]) -> Change:
    def apply(folder: Path) -> None:
        with np.load(folder / "model_data.npz") as data:
            edit_npz(folder / "model_data.npz", shapes_matrix_skin=change(data["shapes_matrix_skin"].copy()))

    return apply


def first_twice(rows: np.ndarray) -> np.ndarray:
    rows[1] = rows[0]
    return rows


def compressed(folder: Path) -> None:
    with np.load(folder / "bs_skin.npz") as data:
        np.savez_compressed(folder / "bs_skin.npz", allow_pickle=False, **dict(data))


def old_opset(folder: Path) -> None:
    model = onnx.load(folder / "network.onnx")
    model.opset_import[0].version = 11
    onnx.save(model, folder / "network.onnx")


def engine(data: bytes, age: float) -> Change:
    def apply(folder: Path) -> None:
        (folder / "network.trt").write_bytes(data)
        then = (folder / "network.onnx").stat().st_mtime - age
        os.utime(folder / "network.trt", (then, then))

    return apply


IN = "input:{n}x1x8320,emotion:{n}x1x26"
WARNINGS: dict[str, tuple[Change, str]] = {
    "keys of both kinds": (
        lambda f: edit_json(f / "model.json", blendshapePaths__tongue=None),
        "blendshapePaths: the tongue of egg is missing; right is skin and tongue for NVIDIA's weight output",
    ),
    "compressed": (compressed, "is compressed; right is stored members (numpy.savez) for NVIDIA's reader"),
    "another neutral": (
        lambda f: edit_npz(f / "model_data.npz", neutral_skin=np.ones((300, 3), "f4")),
        "right is equal to shapes_mean_skin",
    ),
    "neutral of another size": (
        lambda f: edit_npz(f / "model_data.npz", neutral_tongue=np.ones((5, 3), "f4")),
        "neutral_tongue: has shape 5 x 3; right is shape 60 x 3",
    ),
    "long rows": (
        basis(lambda rows: 2 * rows),
        "shapes_matrix_skin: one has length 2; right is PCA rows of length 1",
    ),
    "slanted rows": (basis(first_twice), "two have a product of 1; right is PCA rows at right angles"),
    "old opset": (old_opset, "network.onnx: opset: is 11; right is 14 or newer, as NVIDIA exports"),
    "old engine": (
        engine(b"x", 100),
        "network.trt: is older than the network; right is an engine built from",
    ),
    "empty engine": (engine(b"", -1), "network.trt: the file is empty; right is a TensorRT engine"),
    "no recipe": (
        lambda f: (f / "trt_info.json").unlink(),
        "trt_info.json: the file is missing; right is how a",
    ),
    "recipe without defaults": (
        recipe(defaults=None),
        "trt_info.json: defaults: is missing; right is MAX_BATCH_SIZE and OPT_BATCH_SIZE",
    ),
    "recipe of no use": (
        lambda f: (f / "trt_info.json").write_text("{"),
        "trt_info.json: .*right is valid JSON",
    ),
    "unknown place": (
        batch("--minShapes=input:{LEAST}x1x8320"),
        "defaults.LEAST: is missing; right is a number for every",
    ),
    "unknown argument": (
        batch("--dumpProfile"),
        "'--dumpProfile' is not understood; right is arguments of trtexec",
    ),
    "a shell": (
        batch("--minShapes=input:1x1x8320;rm -rf"),
        "is not understood; right is arguments of trtexec",
    ),
    "an attribute": (
        batch("--minShapes=input:{MAX_BATCH_SIZE.__class__}x1"),
        "is missing; right is a number for",
    ),
    "unbalanced": (batch("--minShapes=input:{"), "right is arguments of trtexec"),
    "no ends": (batch("--minShapes=input:1x1x8320,emotion:1x1x26"), "has 1x1x8320 / none / none"),
    "wrong order": (
        batch(*(f"--{end}Shapes={IN.format(n=n)}" for end, n in (("min", 4), ("opt", 2), ("max", 8)))),
        "input: has 4 / 2 / 8; right is min <= opt <= max on axis 0",
    ),
    "wrong length": (
        batch(*(f"--{end}Shapes=input:1x1x8000,emotion:1x1x26" for end in ("min", "opt", "max"))),
        "input: has 8000 / 8000 / 8000; right is 8320 on axis 2, as in the network",
    ),
    "another input": (
        batch(*(f"--{end}Shapes={IN.format(n=1)},shot:1x1" for end in ("min", "opt", "max"))),
        "shot: the network has no such input; right is inputs emotion, input",
    ),
    "an input without": (
        batch(*(f"--{end}Shapes=input:1x1x8320" for end in ("min", "opt", "max"))),
        "emotion: none is given; right is ranges for every input of free length",
    ),
    "defaults of no use": (recipe(defaults__MAX_BATCH_SIZE=0), "defaults.MAX_BATCH_SIZE: is 0"),
}


@pytest.mark.parametrize(("change", "said"), WARNINGS.values(), ids=WARNINGS.keys())
def test_warns(folder: Path, change: Change, said: str) -> None:
    change(folder)
    findings = packs.validate(folder)
    assert {finding.severity for finding in findings} <= {"warning", "error"}
    import re

    assert any(said in str(finding) or re.search(said, str(finding)) for finding in findings), findings
    packs.load(folder)


def test_the_fixed_recipe_of_an_engine(folder: Path) -> None:
    arguments = json.loads((folder / "trt_info.json").read_text("utf-8"))
    arguments["trt_build_param"]["fp16"] = ["--fp16"]
    write_json(folder / "trt_info.json", arguments)
    found = packs.recipe_of(folder, {"MAX_BATCH_SIZE": 32})
    assert found is not None
    assert found.fp16
    assert found.pools == {"tacticSharedMem": 49152}
    assert found.shapes["emotion"] == packs.ShapeRange((1, 1, 26), (10, 1, 26), (32, 1, 26))


def test_batches_of_a_recipe_without_defaults_are_the_services(folder: Path) -> None:
    edit_json(folder / "trt_info.json", defaults=None)
    found = packs.recipe_of(folder)
    assert found is not None
    assert (found.shapes["input"].best[0], found.shapes["input"].high[0]) == (10, 128)


def test_a_recipe_that_cannot_be_used_is_an_error_for_the_builder(folder: Path) -> None:
    batch("--sparsity=enable")(folder)
    with pytest.raises(PackError, match="'--sparsity=enable' is not understood"):
        packs.recipe_of(folder)
    (folder / "trt_info.json").unlink()
    assert packs.recipe_of(folder) is None


# --- older spellings and containers


def test_model_data_in_the_sdks_own_container(tmp_path: Path) -> None:
    old, new = write_pack(tmp_path / "old", replace(TINY, container="bin")), write_pack(tmp_path / "new")
    assert packs.validate(old) == []
    a, b = packs.load(old).identities[0], packs.load(new).identities[0]
    for name in ("skin_basis", "skin_mean", "lip_open", "tongue_basis", "neutral_jaw", "saccade"):
        assert (getattr(a, name) == getattr(b, name)).all()


def whole(data: bytes) -> Change:
    return lambda folder: (folder / "model_data.bin").write_bytes(data) and None


def tensor(name: bytes, floats: int, data: bytes = b"") -> bytes:
    return struct.pack("<II", 1, len(name)) + name + struct.pack("<I", floats) + data


CONTAINERS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the file ends at byte 0; right is a container of float tensors"),
    "many": (struct.pack("<I", 1 << 31), "says 2147483648; right is a container of at most 1024 tensors"),
    "cut in a name": (struct.pack("<II", 1, 200) + b"ab", "right is a container of float tensors"),
    "long name": (struct.pack("<II", 1, 257), "one of 257; right is names of 1 to 256 bytes"),
    "no name": (struct.pack("<II", 1, 0), "one of 0; right is names of 1 to 256 bytes"),
    "bad name": (tensor(b"\xff\xfe", 0), "right is names in UTF-8"),
    "forged size": (tensor(b"neutral_jaw", 1 << 31), "the file ends after 0; right is 8589934592 bytes"),
    "tail": (tensor(b"a", 1, bytes(9)), "5 bytes more; right is nothing after the last tensor"),
    "missing": (tensor(b"a", 1, bytes(4)), "shapes_matrix_skin: is missing|shapes_mean_skin: is missing"),
    "twice": (
        struct.pack("<I", 2) + 2 * tensor(b"a", 1, bytes(4))[4:],
        "a: the container holds it twice; right is each tensor once",
    ),
    "a pickle": (b"\x80\x04\x95\x10\x00\x00\x00\x00", "says 278201472"),
}


@pytest.mark.parametrize(("data", "said"), CONTAINERS.values(), ids=CONTAINERS.keys())
def test_containers_are_refused_before_memory_is_spent(folder: Path, data: bytes, said: str) -> None:
    whole(data)(folder)
    edit_json(folder / "model.json", modelDataPath="model_data.bin")
    with pytest.raises(PackError, match=said):
        packs.load(folder)


def test_container_of_wrong_sizes_and_nan(folder: Path) -> None:
    edit_json(folder / "model.json", modelDataPath="model_data.bin")
    with np.load(folder / "model_data.npz") as data:
        arrays = dict(data)
    wrong = {**arrays, "neutral_jaw": arrays["neutral_jaw"][:4]}
    whole(tensor_file(wrong))(folder)
    with pytest.raises(PackError, match="neutral_jaw: has 12; right is 5 x 3 numbers"):
        packs.load(folder)
    arrays["saccade_rot_matrix"][3, 1] = np.nan
    whole(tensor_file(arrays))(folder)
    with pytest.raises(PackError, match="saccade_rot_matrix: value 7 is nan; right is finite numbers"):
        packs.load(folder)


def test_older_names_of_parameters_are_taken_with_a_warning(folder: Path) -> None:
    path = folder / "model_config.json"
    edit_json(path, config__eyelid_open_offset=None, config__lip_open_offset=None)
    edit_json(path, config__eyelid_offset=0.06, config__lip_close_offset=-0.03)
    said = [str(finding) for finding in packs.validate(folder)]
    assert "model_config.json: config.eyelid_offset: is 0.06; right is 'eyelid_open_offset'" in said[0]
    parameters = packs.load(folder).identities[0].parameters
    assert (parameters["eyelid_open_offset"], parameters["lip_open_offset"]) == (0.06, -0.03)


def test_files_tagged_with_the_actor(folder: Path) -> None:
    """As NVIDIA's training framework deploys them."""
    for part in ("skin", "tongue"):
        (folder / f"bs_{part}.npz").rename(folder / f"bs_{part}_egg.npz")
        (folder / f"bs_{part}_config.json").rename(folder / f"bs_{part}_config_egg.json")
    paths = {p: {"config": f"bs_{p}_config_egg.json", "data": f"bs_{p}_egg.npz"} for p in ("skin", "tongue")}
    edit_json(folder / "model.json", blendshapePaths=paths)
    with np.load(folder / "model_data.npz") as data:
        more = {"neutral_skin": data["shapes_mean_skin"], "blink_keys": np.zeros(10, "f4")}
    edit_npz(folder / "model_data.npz", neutral_tongue=None, **more)
    assert packs.validate(folder) == []


# --- the network is run, too


def test_a_sound_pack_runs(folder: Path) -> None:
    assert a2fbridge.validate_pack(folder) == []


def test_a_network_that_gives_nonsense_on_silence_is_found(folder: Path) -> None:
    model = onnx.load(folder / "network.onnx")
    model.graph.initializer.append(numpy_helper.from_array(np.float32(0), "nothing"))
    for node in model.graph.node:
        if "result" in node.output:
            node.output[0] = "almost"
    model.graph.node.append(helper.make_node("Div", ["almost", "nothing"], ["result"]))
    onnx.save(model, folder / "network.onnx")
    assert packs.validate(folder) == []
    (finding,) = a2fbridge.validate_pack(folder)
    assert finding.severity == "error"
    assert "not finite" in finding.found
    assert a2fbridge.validate_pack(folder, run=False) == []


def test_a_network_that_cannot_run_is_found(folder: Path) -> None:
    model = onnx.load(folder / "network.onnx")
    model.graph.node[0].op_type = "NoSuchOperator"
    onnx.save(model, folder / "network.onnx")
    (finding,) = a2fbridge.validate_pack(folder)
    assert (finding.severity, finding.file) == ("error", "network.onnx")
    assert "NoSuchOperator" in finding.found


def test_rows_that_depend_on_each_other_are_found(folder: Path) -> None:
    model = onnx.load(folder / "network.onnx")
    for node in model.graph.node:
        if "result" in node.output:
            node.output[0] = "almost"
    count = helper.make_node("ReduceSum", ["one"], ["count"], keepdims=0)
    ones = [
        helper.make_node("Shape", ["almost"], ["shape"]),
        helper.make_node(
            "ConstantOfShape", ["shape"], ["one"], value=numpy_helper.from_array(np.ones(1, "f4"))
        ),
        count,
        helper.make_node("Add", ["almost", "count"], ["result"]),
    ]
    model.graph.node.extend(ones)
    onnx.save(model, folder / "network.onnx")
    (finding,) = a2fbridge.validate_pack(folder)
    assert (finding.severity, finding.key) == ("warning", "batch")
