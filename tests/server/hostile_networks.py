"""Attacks on a pack by its ONNX network."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from hostile_packs import Attack, whole
from onnx import TensorProto, helper, numpy_helper
from pack_edits import edit_json


def network(change: Callable[[onnx.ModelProto], None]) -> Attack:
    def apply(folder: Path) -> None:
        model = onnx.load(folder / "network.onnx", load_external_data=False)
        change(model)
        (folder / "network.onnx").write_bytes(model.SerializeToString())

    return apply


def external(location: str | None, place: str = "initializer", **entries: str) -> Attack:
    """Let a tensor take its data from a file."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    if location is not None:
        tensor.external_data.add(key="location", value=location)
    for key, value in ({"length": "16"} | entries).items():
        tensor.external_data.add(key=key, value=value)

    def change(model: onnx.ModelProto) -> None:
        if place == "initializer":
            model.graph.initializer.append(tensor)
        elif place == "constant":
            model.graph.node.append(helper.make_node("Constant", [], ["w"], value=tensor))
        elif place == "subgraph":
            inner = helper.make_graph([], "inner", [], [], [tensor])
            model.graph.node.append(
                helper.make_node("If", ["c"], ["w"], then_branch=inner, else_branch=inner)
            )
        elif place == "function":
            node = helper.make_node("Constant", [], ["w"], value=tensor)
            model.functions.append(helper.make_function("x", "f", [], ["w"], [node], model.opset_import))
        elif place == "sparse":
            indices = numpy_helper.from_array(np.arange(4), "i")
            model.graph.sparse_initializer.append(helper.make_sparse_tensor(tensor, indices, [9]))
        else:
            model.training_info.add().initialization.initializer.append(tensor)

    return network(change)


def beside(data: bytes, **entries: str) -> Attack:
    """Take the weights from a file within the pack."""

    def apply(folder: Path) -> None:
        (folder / "w.bin").write_bytes(data)
        external("w.bin", **entries)(folder)

    return apply


def two_places(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer.add()
    tensor.name, tensor.data_type, tensor.data_location = "w", TensorProto.FLOAT, TensorProto.EXTERNAL
    for value in ("../outside.bin", "w.bin"):
        tensor.external_data.add(key="location", value=value)


def nan_weight(model: onnx.ModelProto) -> None:
    tensor = next(t for t in model.graph.initializer if t.data_type == TensorProto.FLOAT)
    values = numpy_helper.to_array(tensor).copy()
    values.flat[5] = np.nan
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))


def nan_list(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(helper.make_tensor("w", TensorProto.FLOAT, [2], [1.0, float("nan")]))


def engine_context(model: onnx.ModelProto) -> None:
    node = helper.make_node("EPContext", [], ["w"], domain="com.microsoft", ep_cache_context="../outside.bin")
    model.graph.node.append(node)


def nested(data: bytes) -> bytes:
    """A graph within an attribute within a node, 200 times."""
    for _ in range(200):
        for number in (6, 5, 1):
            data = bytes([number << 3 | 2]) + varint(len(data)) + data
    return b"\x3a" + varint(len(data)) + data


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


ESCAPE = "external data of w: '.*' leads out of it; right is a path within the pack folder"
ONNX: dict[str, tuple[Attack, str]] = {
    "external dot dot": (external("../outside.bin"), ESCAPE),
    "external bare dot dot": (external(".."), ESCAPE),
    "external absolute": (external("/etc/passwd"), ESCAPE),
    "external in memory": (external("*/_ORT_MEM_ADDR_/*"), "is missing from"),
    "external missing": (external("weights.bin"), "external data of w: 'weights.bin' is missing from"),
    "external without a file": (external(None), "w: none is named; right is the file of an external tensor"),
    "external empty": (external(""), "external data of w: ''; right is the path of a file"),
    "external constant": (external("../outside.bin", "constant"), ESCAPE),
    "external in a subgraph": (external("../outside.bin", "subgraph"), ESCAPE),
    "external in a function": (external("../outside.bin", "function"), ESCAPE),
    "external sparse": (external("../outside.bin", "sparse"), ESCAPE),
    "external in training": (external("../outside.bin", "training"), ESCAPE),
    "external by symbolic link": (
        lambda f: (f / "w.bin").symlink_to(f.parent / "outside.bin") or external("w.bin")(f),
        "external data of w: .*'w.bin' is a symbolic link",
    ),
    "external by hard link": (
        lambda f: os.link(f.parent / "outside.bin", f / "w.bin") or external("w.bin")(f),
        "external data of w: 'w.bin' has 2 names",
    ),
    "external NaN": (
        beside(np.array([0, 0, 1, np.nan, 2, 3], "<f4").tobytes(), offset="8"),
        "w: the tensor holds NaN; right is weights that are numbers",
    ),
    "external beyond its file": (
        beside(bytes(64), offset="60"),
        "external data of w: ends at 76; right is at most the 64 bytes of w.bin",
    ),
    "external without end": (beside(bytes(64), length="9" * 15), "right is at most the 64 bytes of w.bin"),
    "external at no number": (
        beside(bytes(64), offset="-8"),
        "external data of w: '-8'; right is an offset and a length in bytes",
    ),
    "external in two places": (network(two_places), "w: 'location' stands twice; right is each entry"),
    "engine context": (network(engine_context), "a node that loads an engine's own file"),
    "NaN weight": (network(nan_weight), "constant0: the tensor holds NaN; right is weights that are numbers"),
    "NaN in a list": (network(nan_list), "w: the tensor holds NaN"),
    "network cut short": (whole(lambda data: data[:-7], "network.onnx"), "damaged: cut short at byte"),
    "network empty": (whole(lambda _: b"", "network.onnx"), "the file is empty; right is an ONNX network"),
    "network of noise": (
        whole(lambda _: bytes(range(255, 0, -1)), "network.onnx"),
        "right is an ONNX network",
    ),
    "network without a graph": (whole(lambda _: b"\x08\x08", "network.onnx"), "the file holds no graph"),
    "network nested": (
        whole(nested, "network.onnx"),
        "nested deeper; right is graphs nested at most 32 deep",
    ),
    "network of crumbs": (
        whole(lambda _: b"\x08\x01" * 200_000, "network.onnx"),
        "right is at most 100000 fields",
    ),
    "another input": (
        network(lambda m: m.graph.input.append(helper.make_tensor_value_info("shot", 1, ["n", 1, 3]))),
        "shot: another input; right is inputs emotion, input",
    ),
    "wrong length": (
        lambda f: edit_json(
            f / "network_info.json", audio_params__buffer_len=8000, audio_params__buffer_ofs=4000
        ),
        "input: input is n x 1 x 8320; right is float32 n x 1 x 8000",
    ),
    "wrong name": (
        network(lambda m: setattr(m.graph.output[0], "name", "y")),
        "y: another output; right is outputs result",
    ),
    "wrong rank": (
        network(lambda m: m.graph.output[0].CopyFrom(helper.make_tensor_value_info("result", 1, ["n", 35]))),
        "result: output is n x 35; right is float32 n x 1 x 35",
    ),
    "wrong type": (
        network(
            lambda m: m.graph.output[0].CopyFrom(helper.make_tensor_value_info("result", 11, ["n", 1, 35]))
        ),
        "result: output is n x 1 x 35 of ONNX type 11",
    ),
}
