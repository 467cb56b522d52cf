"""The emotion options of ``animate``: given, keyed over time, or heard in the voice."""

from __future__ import annotations

import argparse
from typing import Any

import a2fbridge
from a2fbridge import ConfigError
from a2fbridge.cli._arguments import emotion_keys, named_values

__all__ = ["add_emotion_options", "emotion_options"]

_AUTO = "auto"


def add_emotion_options(group: Any) -> None:
    """Add the options to a parser or a group of it."""
    group.add_argument(
        "--emotion",
        action="append",
        default=[],
        metavar="NAME=VALUE|auto",
        help="emotion 0..1, may be repeated; or auto: heard in the voice",
    )
    group.add_argument("--emotions", metavar="CSV", help="emotion keys: time_code,<emotion>,...")
    group.add_argument(
        "--hold-emotions",
        action="store_true",
        help="with --emotions: each key holds until the next one (default: linear in between)",
    )
    group.add_argument(
        "--prefer",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="with --emotion auto: emotion 0..1 that what is heard is mixed with; may be repeated",
    )
    group.add_argument(
        "--emotion-pack",
        metavar="ID|PATH",
        help="with --emotion auto: the pack that hears (default: builtin-emotion)",
    )
    group.add_argument(
        "--emotion-param",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="with --emotion auto: post-processing, such as emotion_strength=0.8; may be repeated",
    )


def emotion_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return keyword arguments of ``animate``; raises ConfigError for options that do not go together."""
    automatic = _AUTO in options.emotion
    given = [pair for pair in options.emotion if pair != _AUTO]
    if automatic and given:
        raise ConfigError(f"--emotion auto hears the emotion; what you would like is --prefer {given[0]}")
    if not automatic:
        for name in ("prefer", "emotion_pack", "emotion_param"):
            if getattr(options, name):
                raise ConfigError(f"--{name.replace('_', '-')} goes with --emotion auto")
    wanted: Any = named_values(given or options.prefer, "emotion")
    if options.emotions:
        if wanted:
            one = "--prefer" if automatic else "--emotion"
            raise ConfigError(f"{one} and --emotions exclude each other: put the constant into the keys")
        wanted = emotion_keys(options.emotions)
        if options.hold_emotions:
            wanted = a2fbridge.hold_emotions(wanted)
    elif options.hold_emotions:
        raise ConfigError("--hold-emotions goes with --emotions")
    if not automatic:
        return {"emotions": wanted}
    return {"emotions": wanted, "automatic_emotion": True} | _post_processing(options)


def _post_processing(options: argparse.Namespace) -> dict[str, Any]:
    values: dict[str, Any] = named_values(options.emotion_param, "emotion parameter")
    a2fbridge.check_emotion_parameters(values)
    for name in ("max_emotions", "enable_preferred_emotion"):
        if name in values:
            values[name] = (int if name == "max_emotions" else bool)(values[name])
    return {"live_transition_time": values.pop("live_transition_time", None), "post_processing": values}
