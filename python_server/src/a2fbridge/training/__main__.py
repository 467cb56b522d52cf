"""The training commands without the product: ``python -m a2fbridge.training corpus --work DIR``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from a2fbridge._errors import A2FBridgeError
from a2fbridge._resources import data_dir
from a2fbridge.training import (
    CorpusConfig,
    ExportConfig,
    FitConfig,
    aligned_recordings,
    evaluate,
    export,
    fit,
    load_fit,
    make_corpus,
    predictor,
    spoken_sentences,
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m a2fbridge.training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    helps = {
        "corpus": "speak, vary and label sentences with every voice",
        "fit": "fit the network to the corpus",
        "export": "write the fit as a model pack",
        "evaluate": "measure the fit on speech that it has not heard",
    }
    for name, text in helps.items():
        command = commands.add_parser(name, help=text)
        command.add_argument("--work", type=Path, required=True, help="folder of corpus and fit")
        if name == "corpus":
            command.add_argument("--sentences", type=int, default=CorpusConfig().sentences, help="per voice")
            command.add_argument("--voices", nargs="+", default=CorpusConfig().voices)
        elif name == "fit":
            command.add_argument(
                "--minutes", type=float, default=FitConfig().minutes, help="wall-clock limit"
            )
        elif name == "export":
            command.add_argument(
                "--out", type=Path, default=data_dir() / "packs" / "builtin", help="pack folder"
            )
        else:
            command.add_argument("--recordings", type=Path, help="folder of NAME.wav with NAME.phone.json")
    return parser


def _report(message: str, done: float) -> None:
    print(f"{100 * done:5.1f} %  {message}", file=sys.stderr)


def _evaluate(work: Path, recordings: Path | None) -> None:
    predict = predictor(load_fit(work / "fit.npz")[0])
    columns = {voice: evaluate(predict, spoken_sentences(voice)) for voice in ("hibari", "rms")}
    if recordings:
        columns["people"] = evaluate(predict, aligned_recordings(recordings))
    print(f"{'':24s}" + "".join(f"{name:>10s}" for name in columns))
    for metric in columns["hibari"]:
        print(f"{metric:24s}" + "".join(f"{column[metric]:10.3f}" for column in columns.values()))


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it worked, 1 with a message when not."""
    options = _parser().parse_args(arguments)
    work: Path = options.work
    corpus, fitted = work / "corpus", work / "fit.npz"
    try:
        if options.command == "corpus":
            config = CorpusConfig(voices=tuple(options.voices), sentences=options.sentences)
            make_corpus(corpus, config, _report)
        elif options.command == "fit":
            fit(corpus, fitted, FitConfig(minutes=options.minutes), _report)
        elif options.command == "export":
            export(fitted, corpus, options.out, ExportConfig(), _report)
        else:
            _evaluate(work, options.recordings)
    except (A2FBridgeError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
