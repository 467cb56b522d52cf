"""``a2fbridge animate``: a recording in, animation files out, on this machine or through a server."""

from __future__ import annotations

import argparse
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import a2fbridge
from a2fbridge import ConfigError
from a2fbridge.cli._arguments import (
    add_backend_options,
    add_client_options,
    add_output_options,
    client_options,
    named_values,
)
from a2fbridge.cli._emotion import add_emotion_options, emotion_options
from a2fbridge.cli._output import Reporter

if TYPE_CHECKING:
    from a2fbridge import Animation

__all__ = ["add_parser"]

_MESHES = ("usd", "usda", "usdc", "glb")


def add_parser(verbs: Any) -> None:
    """Add the verb."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "animate",
        help="animate a recording",
        description="Animate a recording (WAV, FLAC, OGG, MP3; any rate).",
    )
    parser.add_argument("audio", metavar="IN", help="the recording")
    parser.add_argument(
        "-o",
        "--output",
        action="append",
        required=True,
        metavar="OUT",
        help="file to write; its extension says what: .html (talking head), .csv, .json, .npz, .a2frec, "
        ".png (curves); may be repeated",
    )
    parser.add_argument(
        "--format", help="format for every OUT, instead of by extension (livelink: Live Link Face CSV)"
    )
    parser.add_argument(
        "--fps", default="30", help="frames per second, any rational: 30, 59.94, 30000/1001 (default 30)"
    )
    parser.add_argument("--pack", help="model pack, id or folder (default: builtin)")
    parser.add_argument("--identity", metavar="NAME", help="which face of the pack (default: its first)")
    parser.add_argument("--solver", help="bvls (exact, default) or admm (NVIDIA's four steps)")
    add_backend_options(parser)
    parser.add_argument("--fp16", action="store_true", help="half precision on a GPU")
    parser.add_argument(
        "--threads", type=int, help="CPU threads on this machine (default: all cores but one)"
    )
    parser.add_argument(
        "--mapping", metavar="TABLE", help="map to a rig: mh4, mh3, arkit, cc4, vrm or a YAML file"
    )
    parser.add_argument(
        "--convention", choices=["a2f", "arkit"], help="what MouthClose means (default: a2f, NVIDIA's)"
    )
    face = parser.add_argument_group("face")
    add_emotion_options(face)
    face.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="face parameter; may be repeated"
    )
    face.add_argument(
        "--gain", action="append", default=[], metavar="SHAPE=VALUE", help="blend-shape multiplier"
    )
    face.add_argument(
        "--offset", action="append", default=[], metavar="SHAPE=VALUE", help="blend-shape offset"
    )
    face.add_argument("--clamp", action="store_true", help="clamp weights to 0..1")
    mesh = parser.add_argument_group("mesh (on this machine)")
    mesh.add_argument(
        "--geometry", action="store_true", help="vertices, jaw and eyes as well: .npz, .usd, .glb hold them"
    )
    mesh.add_argument(
        "--skip",
        action="append",
        default=[],
        metavar="PART",
        help="part that is not computed: skin, tongue, jaw or eyes; may be repeated",
    )
    mesh.add_argument(
        "--topology",
        action="append",
        default=[],
        metavar="OBJ",
        help="polygons for .usd and .glb, from a mesh with as many vertices; may be repeated (skin, tongue)",
    )
    add_client_options(parser)
    add_output_options(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    reporter = Reporter(options)
    formats = [a2fbridge.output_format(path, options.format) for path in options.output]
    table = a2fbridge.MappingTable.load(options.mapping) if options.mapping else None
    if options.topology and not (options.geometry and set(formats) & set(_MESHES)):
        raise ConfigError("--topology needs --geometry and an output of .usd or .glb")
    animation = _animate(options, reporter)
    if options.convention:
        animation = animation.to_convention(options.convention)
    if table:
        animation = table.map(animation.to_convention(table.convention))
    for path, name in zip(options.output, formats, strict=True):
        a2fbridge.save(animation, path, name, topology=options.topology if name in _MESHES else ())
    reporter.event(
        "finished",
        f"{len(animation)} frames at {float(animation.frame_rate):g} fps ({animation.duration:.2f} s), "
        f"{len(animation.names)} curves -> {', '.join(options.output)}",
        frames=len(animation),
        frame_rate=str(animation.frame_rate),
        curves=len(animation.names),
        outputs=options.output,
        settings=dict(animation.settings),
    )
    return 0


def _animate(options: argparse.Namespace, reporter: Reporter) -> Animation:
    common = emotion_options(options) | {
        "frame_rate": options.fps,
        "parameters": named_values(options.param, "face parameter"),
        "multipliers": named_values(options.gain, "gain"),
        "offsets": named_values(options.offset, "offset"),
        "clamp": options.clamp,
        "on_progress": reporter.progress,
    }
    try:
        return _remote(options, common) if options.server else _local(options, common, reporter)
    finally:
        reporter.close()


def _local(options: argparse.Namespace, common: dict[str, Any], reporter: Reporter) -> Animation:
    return a2fbridge.animate(
        options.audio,
        pack=options.pack or "builtin",
        identity=options.identity or "",
        geometry=options.geometry,
        skip=options.skip,
        solver=options.solver or "bvls",
        backend=options.backend or "auto",
        device=options.device,
        fp16=options.fp16 or None,
        threads=options.threads,
        on_build=reporter.building,
        **({"emotion_pack": options.emotion_pack} if options.emotion_pack else {}),
        **common,
    )


def _remote(options: argparse.Namespace, common: dict[str, Any]) -> Animation:
    from a2fbridge import Client

    for name in ("backend", "device", "fp16", "threads"):
        if getattr(options, name) not in (None, False):
            raise ConfigError(f"--{name} is the server's; leave it out with --server")
    if options.emotion_pack:
        raise ConfigError("--emotion-pack is the server's; leave it out with --server")
    if options.geometry:
        raise ConfigError("--geometry is for this machine: the protocol carries no vertices")
    if options.skip:
        raise ConfigError("--skip is for this machine: the protocol cannot say it")
    _check_names(common)
    rate = a2fbridge.parse_frame_rate(common["frame_rate"])
    # A plain NIM gives 30 frames per second and knows no rate option.
    common["frame_rate"] = None if rate == Fraction(30) else rate
    common["clamp"] = options.clamp or None  # left out: as the server is set
    with Client(options.server, **client_options(options)) as client:
        return client.animate(
            options.audio, pack=options.pack, identity=options.identity, solver=options.solver, **common
        )


def _check_names(common: dict[str, Any]) -> None:
    """Refuse names that a server would ignore."""
    a2fbridge.check_parameters(common["parameters"])
    emotions = common["emotions"]
    for values in [emotions] if isinstance(emotions, dict) else [values for _, values in emotions]:
        a2fbridge.check_emotions(values)
    for name in (*common["multipliers"], *common["offsets"]):
        if name not in a2fbridge.FACE_NAMES:
            raise ConfigError(f"unknown blend shape '{name}'; known are {', '.join(a2fbridge.FACE_NAMES)}")
