"""``a2fbridge map``: validate a mapping table, apply it to an animation file, explain what drives a curve."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

import a2fbridge
from a2fbridge import ConfigError
from a2fbridge.cli._arguments import add_output_options, named_values
from a2fbridge.cli._output import Reporter

__all__ = ["add_parser"]


def add_parser(verbs: Any) -> None:
    """Add the verb."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "map", help="validate, apply and explain mapping tables"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list the tables that ship")
    listing.set_defaults(run=_list)
    validate = actions.add_parser("validate", help="check a table; exit status 1 when it cannot be used")
    validate.add_argument("table", help="mh4, mh3, arkit, cc4, vrm or a YAML file")
    validate.set_defaults(run=_validate)
    apply = actions.add_parser("apply", help="map an animation file")
    apply.add_argument("table")
    apply.add_argument(
        "animation", metavar="IN", help="an animation that `animate` wrote: .npz .csv .json .a2frec"
    )
    apply.add_argument("-o", "--output", required=True, metavar="OUT")
    apply.set_defaults(run=_apply)
    explain = actions.add_parser("explain", help="show where a curve's value comes from")
    explain.add_argument("table")
    explain.add_argument("--curve", help="only this curve")
    explain.add_argument(
        "--weight", action="append", default=[], metavar="SHAPE=VALUE", help="blend-shape weight"
    )
    explain.add_argument("--animation", metavar="IN", help="take the weights from this animation file")
    explain.add_argument("--frame", type=int, default=0, help="frame of --animation")
    explain.set_defaults(run=_explain)
    for action in (apply, explain):
        action.add_argument(
            "--convention",
            choices=["a2f", "arkit"],
            help="of an animation file that does not say it (CSV, JSON)",
        )
    for action in (listing, validate, apply, explain):
        add_output_options(action)


def _list(options: argparse.Namespace) -> int:
    reporter = Reporter(options)
    for name in a2fbridge.list_tables():
        table = a2fbridge.MappingTable.load(name)
        text = f"{name:8} {table.convention:6} {len(table.targets):4} curves  {table.name}"
        reporter.event(
            "table", text, id=name, name=table.name, convention=table.convention, curves=len(table.targets)
        )
    return 0


def _validate(options: argparse.Namespace) -> int:
    reporter = Reporter(options)
    table = a2fbridge.MappingTable.load(options.table)
    for warning in table.warnings:
        reporter.event("warning", f"warning: {warning}", message=str(warning))
    text = f"{options.table}: good; {table.name}, convention {table.convention}, {len(table.targets)} curves"
    reporter.event("finished", text, name=table.name, convention=table.convention, curves=list(table.targets))
    return 0


def _apply(options: argparse.Namespace) -> int:
    reporter = Reporter(options)
    table = a2fbridge.MappingTable.load(options.table)
    a2fbridge.output_format(options.output)
    mapped = table.map(_load(options).to_convention(table.convention))
    a2fbridge.save(mapped, options.output)
    text = f"{len(mapped)} frames, {len(mapped.names)} curves -> {options.output}"
    reporter.event("finished", text, frames=len(mapped), outputs=[options.output])
    return 0


def _load(options: argparse.Namespace) -> a2fbridge.Animation:
    return a2fbridge.load_animation(options.animation, convention=options.convention)


def _explain(options: argparse.Namespace) -> int:
    import numpy as np

    reporter = Reporter(options)
    table = a2fbridge.MappingTable.load(options.table)
    weights = named_values(options.weight, "weight")
    if options.animation:
        animation = _load(options).to_convention(table.convention)
        if not 0 <= options.frame < len(animation):
            raise ConfigError(
                f"frame {options.frame} is not there; {options.animation} has frames 0 to {len(animation) - 1}"
            )
        frame = animation.weights[options.frame].tolist()
        weights = dict(zip(animation.names, frame, strict=True)) | weights
    unknown = [name for name in weights if name not in a2fbridge.FACE_NAMES]
    if unknown:
        raise ConfigError(
            f"unknown blend shape '{unknown[0]}'; names are like JawOpen (a2fbridge map explain --help)"
        )
    values = np.array([weights.get(name, 0.0) for name in a2fbridge.FACE_NAMES])
    explanation = table.explain(values, a2fbridge.FACE_NAMES, options.curve)
    reporter.event("explanation", str(explanation), **asdict(explanation))
    return 0
