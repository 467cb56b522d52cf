"""``train example``: a small dataset of made-up speech, to try the trainer on and to see the folder's layout.

Nothing is downloaded: the sound is made with NumPy, the animation by the documented articulation model, and it fits the
sound exactly.  The same call writes the same bytes.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
import soundfile
from numpy.typing import NDArray

from a2fbridge import export, shapes
from a2fbridge._errors import ConfigError
from a2fbridge.animation import Animation
from a2fbridge.training._articulation import articulate
from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training._expression import express
from a2fbridge.training._gaze import saccades
from a2fbridge.training._phones import Segment
from a2fbridge.training.dataset._babble import babble
from a2fbridge.training.dataset._regions import head_regions
from a2fbridge.training.dataset._store import save_array, save_arrays
from a2fbridge.training.head import Head, load_head

__all__ = ["ExampleKind", "make_example"]

Floats = NDArray[np.float32]
ExampleKind = Literal["weights", "vertices"]

_FPS: Final = 30
_SECONDS: Final = (3.2, 3.6, 4.0)
_MOODS: Final = ("neutral", "joy", "anger")
_SKIN_STEP, _TONGUE_STEP = 9, 6
"""Every so manieth vertex of the face and of the tongue is kept."""
_DOCUMENT: Final = """\
# A made-up dataset: docs/dataset.md describes every key.
format: 1
name: example-{kind}
actor: example
fps: {fps}
language: en
convention: a2f
shapes: a2f
emotions: [joy, anger]
"""


class _Take(NamedTuple):
    name: str
    samples: Floats
    weights: Floats


class _Reduced(NamedTuple):
    """Our head with fewer vertices."""

    skin: NDArray[np.int64]
    tongue: NDArray[np.int64]
    rigid: NDArray[np.int64]
    """Of the kept vertices of the tongue, those that never deform."""


def make_example(path: str | Path, kind: ExampleKind = "weights") -> Path:
    """Write an example dataset of nine takes of 3 to 4 s in three emotions into ``path``, which must be new or empty.

    ``weights``: blend-shape weights as CSV, JSON and NPZ for our own head.  ``vertices``: point caches of a reduced
    head (about 600 vertices) with tongue, jaw, eyes, geometry and regions, and a second voice.  Raises ConfigError.
    """
    if kind not in get_args(ExampleKind):
        raise ConfigError(f"no example '{kind}'; right are {', '.join(get_args(ExampleKind))}")
    path = Path(path)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ConfigError(f"{path} is not empty; right is a new folder")
    (path / "audio").mkdir(parents=True)
    (path / "dataset.yaml").write_text(_DOCUMENT.format(kind=kind, fps=_FPS))
    takes = [_take(i) for i in range(len(_MOODS) * len(_SECONDS))]
    for take in takes:
        soundfile.write(path / "audio" / f"{take.name}.wav", take.samples, SAMPLE_RATE, "PCM_16")
    if kind == "weights":
        _write_weights(path, takes)
    else:
        _write_vertices(path, takes)
    return path


def _take(number: int) -> _Take:
    mood, seconds = _MOODS[number // len(_SECONDS)], _SECONDS[number % len(_SECONDS)]
    spoken = babble(seconds, seed=number)
    weights = _weights(spoken.segments, round(seconds * _FPS), mood)
    return _Take(f"{mood}_{number % len(_SECONDS) + 1:02}", spoken.samples, weights)


def _weights(segments: tuple[Segment, ...], frames: int, mood: str) -> Floats:
    """Return [N, 68], each frame taken in its middle."""
    fine, seal = articulate(segments, 2 * frames + 1, 2 * _FPS)
    weights, seal = fine[1::2][:frames], seal[1::2][:frames]
    moods = np.zeros((frames, len(shapes.EMOTION_NAMES)))
    if mood in shapes.EMOTION_NAMES:
        moods[:, shapes.EMOTION_NAMES.index(mood)] = 0.7
    return express(weights, seal, moods).astype(np.float32)


def _write_weights(path: Path, takes: list[_Take]) -> None:
    folder = path / "animation"
    folder.mkdir()
    for i, take in enumerate(takes):
        clock = np.round(np.arange(len(take.weights)) * (SAMPLE_RATE / _FPS)).astype(np.int64)
        emotions = np.full((len(take.weights), len(shapes.EMOTION_NAMES)), np.nan, np.float32)
        clip = Animation(shapes.FACE_NAMES, "a2f", Fraction(_FPS), take.weights, clock, emotions)
        export.write(clip, folder / f"{take.name}.{('csv', 'json', 'npz')[i % 3]}")


def _write_vertices(path: Path, takes: list[_Take]) -> None:
    head = load_head()
    reduced = _reduce(head)
    _write_geometry(path / "geom", head, reduced)
    darts, jaws, eyes = saccades(1), {}, {}
    for i, take in enumerate(takes):
        frames = len(take.weights)
        turn, shift = head.jaw_transform(take.weights)
        tongue = head.tongue(take.weights, carried=False)[:, reduced.tongue]
        save_array(path / "cache" / "skin" / f"{take.name}.npy", head.skin(take.weights)[:, reduced.skin])
        save_array(
            path / "cache" / "tongue" / f"{take.name}.npy", tongue @ np.swapaxes(turn, 1, 2) + shift[:, None]
        )
        jaws[take.name] = head.jaw_points(take.weights)
        eyes[take.name] = np.repeat(darts[200 * i : 200 * i + frames, None], 2, axis=1)
        voice = path / "audio" / "aug" / "high"
        voice.mkdir(parents=True, exist_ok=True)
        other = babble(len(take.samples) / SAMPLE_RATE, seed=i, pitch=210.0)
        soundfile.write(voice / f"{take.name}.wav", other.samples, SAMPLE_RATE, "PCM_16")
    save_arrays(path / "cache" / "jaw.npz", jaws)
    save_arrays(path / "cache" / "eyes.npz", eyes)


def _reduce(head: Head) -> _Reduced:
    """Choose vertices: a share of the face, all of its regions, a share of the scalp; of the tongue also its root."""
    regions = np.concatenate(list(head_regions(head).values()))
    every = np.arange(0, len(head.skin_neutral), 4 * _SKIN_STEP)
    skin = np.unique(np.concatenate([regions, every, head.frontal_mask[:: _SKIN_STEP // 3]]))
    moved = np.abs(head.tongue_deltas).max(axis=(0, 2))
    still = np.argsort(moved, kind="stable")[:12]
    tongue = np.unique(np.concatenate([np.arange(0, len(moved), _TONGUE_STEP), still]))
    return _Reduced(skin, tongue, np.searchsorted(tongue, np.sort(still)))


def _write_geometry(folder: Path, head: Head, reduced: _Reduced) -> None:
    folder.mkdir()
    names = (shapes.ARKIT_NAMES, shapes.TONGUE_NAMES)
    parts = (
        ("skin", head.skin_neutral, head.skin_deltas),
        ("tongue", head.tongue_neutral, head.tongue_deltas),
    )
    for (part, neutral, deltas), labels in zip(parts, names, strict=True):
        kept = reduced.skin if part == "skin" else reduced.tongue
        poses = {shapes.camel_case(name): delta[kept] for name, delta in zip(labels, deltas, strict=True)}
        listed = np.array([b"neutral", *(name.encode() for name in poses)])
        save_arrays(folder / f"{part}.npz", {"poseNames": listed, "neutral": neutral[kept], **poses})
    save_array(folder / "lip_open.npy", head.lip_open[reduced.skin])
    save_array(folder / "eye_close.npy", head.eye_close[reduced.skin])
    save_array(folder / "jaw_neutral.npy", head.jaw_neutral)
    regions = {
        name: np.searchsorted(reduced.skin, kept).tolist() for name, kept in head_regions(head).items()
    }
    (folder / "regions.json").write_text(json.dumps(regions) + "\n")
    (folder / "tongue_rigid.json").write_text(json.dumps(reduced.rigid.tolist()) + "\n")
