"""``python -m a2fbridge.training.emotion``: make the emotion estimator that ships."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from a2fbridge._errors import A2FBridgeError
from a2fbridge.training.emotion import evaluate, export_pack, fit, make_corpus


def main(arguments: list[str] | None = None) -> int:
    """Run one stage; 0 when it worked, 1 with a message when not."""
    parser = argparse.ArgumentParser(prog="python -m a2fbridge.training.emotion", description=__doc__)
    stages = parser.add_subparsers(dest="stage", required=True)
    for name, text in (
        ("corpus", "say sentences in six moods with every voice"),
        ("fit", "train the network"),
        ("evaluate", "measure it on the voices that it has not heard"),
        ("export", "write the pack"),
    ):
        stage = stages.add_parser(name, help=text)
        stage.add_argument("--work", type=Path, required=True, help="folder that all stages share")
        if name in ("corpus", "fit"):
            stage.add_argument("--seed", type=int, default=5)
        if name == "corpus":
            stage.add_argument("--sentences", type=int, default=50, help="per voice (default 50)")
        elif name == "fit":
            stage.add_argument("--steps", type=int, default=2500, help="of the optimiser (default 2500)")
        elif name == "export":
            stage.add_argument("--output", type=Path, help="pack folder (default: the one that ships)")
    options = parser.parse_args(arguments)

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    try:
        if options.stage == "corpus":
            print(make_corpus(options.work, options.sentences, options.seed, say))
        elif options.stage == "fit":
            print(fit(options.work, options.steps, options.seed, say=say))
        elif options.stage == "evaluate":
            print(json.dumps(evaluate(options.work), indent=1))
        else:
            print(export_pack(options.work, options.output))
    except (A2FBridgeError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
