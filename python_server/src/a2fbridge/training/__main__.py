"""The training commands without the product: ``python -m a2fbridge.training corpus --work DIR``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from a2fbridge._errors import A2FBridgeError
from a2fbridge.training import (
    METRICS,
    aligned_recordings,
    evaluate,
    load_fit,
    predictor,
    spoken_sentences,
    train,
)

_COMMANDS = {
    "corpus": "speak, vary and label sentences with every voice",
    "fit": "fit the network to the corpus",
    "export": "write the fit as a model pack",
    "evaluate": "measure the fit on speech that it has not heard",
}

_HEARD = {"hibari": "a voice of the corpus", "ked": "a voice held out"}
"""Synthetic voices that a fit is measured on."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m a2fbridge.training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in _COMMANDS.items():
        command = commands.add_parser(name, help=text)
        command.add_argument("--work", type=Path, required=True, help="folder that all commands share")
        if name != "evaluate":
            command.add_argument("--seed", type=int, default=1, help="seed of everything random (default 1)")
        if name == "fit":
            command.add_argument("--minutes", type=float, help="wall-clock limit")
            command.add_argument("--start", help="an earlier fit (.npz) to begin with")
            command.add_argument("--blend", type=float, help="share of the earlier fit in the result, 0..1")
            command.add_argument("--steps", type=int, help="optimiser steps")
            command.add_argument("--learning-rate", type=float, help="largest learning rate")
        elif name == "export":
            command.add_argument("--output", type=Path, help="pack folder (default WORK/pack)")
        elif name == "evaluate":
            command.add_argument(
                "--recordings",
                type=Path,
                action="append",
                default=[],
                help="folder of NAME.wav with NAME.txt",
            )
    return parser


def _evaluate(work: Path, recordings: list[Path]) -> None:
    """Print a table of metrics and keep it with the fit, whose description goes into the pack's card."""
    fitted = work / "fit.npz"
    parameters, about = load_fit(fitted)
    predict = predictor(parameters)
    people = {folder.name: aligned_recordings(folder) for folder in recordings}
    speech = {f"{voice}, {note}": spoken_sentences(voice) for voice, note in _HEARD.items()} | people
    columns = {name: evaluate(predict, utterances) for name, utterances in speech.items()}
    for name, figures in columns.items():
        print(f"\n{name}")
        for metric, figure in figures.items():
            print(f"  {metric:18s} {figure!s:28s} {METRICS[metric][1]}")
    about["evaluation"] = {
        name: {metric: str(figure) for metric, figure in figures.items()} for name, figures in columns.items()
    }
    fitted.with_suffix(".json").write_text(json.dumps(about, indent=2))


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it worked, 1 with a message when not."""
    options = vars(_parser().parse_args(arguments))
    command = options.pop("command")
    try:
        if command == "evaluate":
            _evaluate(**options)
        else:
            given = {name: value for name, value in options.items() if value is not None}
            made = train(command, **given, on_message=lambda text: print(text, file=sys.stderr))
            print(made)
    except (A2FBridgeError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
