"""Baking without a window:

    UnrealEditor-Cmd Project.uproject -run=pythonscript -unattended -nullrhi -stdout
        -script="C:/.../Plugins/A2FBridge/Content/Python/a2fbridge_bake.py C:/voice --skeleton /Game/Face/Skeleton"

Forward slashes, also on Windows: Unreal mangles backslashes.  Ends with a line ``A2FBridge: N baked, ...``; raises,
so that the commandlet fails, when anything failed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from a2fbridge_editor import BakeError, BakeOptions, Preset, bake_folder, read_preset
from a2fbridge_editor.batch import Report, bake_all

import unreal


def main(arguments: Sequence[str]) -> Report:
    """Bake what the arguments say; raises BakeError when a source failed."""
    options = _parser().parse_args(arguments)
    bake_options = BakeOptions(
        skeleton=options.skeleton,
        folder=options.folder,
        table=options.table,
        frame_rate=options.fps,
        tolerance=options.tolerance,
        connection=options.connection,
        preset=read_preset(options.preset) if options.preset else Preset(),
    )
    source = Path(options.source)
    if source.is_dir():
        report = bake_folder(source, bake_options, changed_only=not options.all)
    else:
        report = bake_all([source], bake_options, changed_only=not options.all)
    unreal.log(f"A2FBridge: {report.text()}")
    if report.failed:
        raise BakeError(report.text())
    return report


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="a2fbridge_bake.py", description="Speech to AnimSequences.")
    parser.add_argument("source", help="a sound, recorded session or curve file, or a folder of them")
    parser.add_argument("--skeleton", required=True, help="asset path of the skeleton or skeletal mesh")
    parser.add_argument("--folder", default="/Game/A2FBridge/Baked", help="content folder of the results")
    parser.add_argument(
        "--table", default="mh4", help="mapping table: mh4, mh3, arkit, cc4, vrm or an asset path"
    )
    parser.add_argument("--fps", default="", help="frames per second of the results (default: the clip's)")
    parser.add_argument("--tolerance", type=float, default=0.001, help="key reduction; below 0: none")
    parser.add_argument(
        "--connection", default="Default", help="connection of the project settings, Local or Mock"
    )
    parser.add_argument("--preset", help="stylization_config.yaml or settings of the studio as JSON")
    parser.add_argument("--all", action="store_true", help="also what has not changed")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
