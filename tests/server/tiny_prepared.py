"""A tiny prepared dataset: an egg whose face follows loudness, in a second or two for each take.

Small enough that a fit of a few steps takes a second; true to what `train prepare` writes.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
from synthetic_packs import write_pack

EMOTIONS = ("joy",)
SKIN, TONGUE = 12, 4


def write_prepared(
    folder: Path, takes: int = 4, frames: int = 40, fps: int = 30, voices: tuple[str, ...] = ()
) -> Path:
    """Write a prepared folder and return it; the last take is for validation, every second one is joyful."""
    (folder / "targets").mkdir(parents=True)
    for voice in ("", *voices):
        (folder / "audio" / voice).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        pack = write_pack(Path(scratch) / "pack")
        for name in (
            "model_data.npz",
            "bs_skin.npz",
            "bs_skin_config.json",
            "bs_tongue.npz",
            "bs_tongue_config.json",
        ):
            shutil.copyfile(pack / name, folder / name)
    with np.load(folder / "model_data.npz") as model:
        mean, spread = model["shapes_mean_skin"], model["shapes_matrix_skin"]
    write_regions(folder, mean, spread)
    described = []
    for number in range(takes):
        name, emotion = f"take{number}", "joy" if number % 2 else "neutral"
        sound, targets = performance(np.random.default_rng(number), frames, fps, emotion == "joy")
        np.save(folder / "targets" / f"{name}.npy", targets)
        np.save(folder / "audio" / f"{name}.npy", sound)
        for k, voice in enumerate(voices):
            np.save(folder / "audio" / voice / f"{name}.npy", np.roll(sound, 40 * (k + 1)))
        described.append({
            "name": name, "frames": frames, "emotion": emotion, "language": "en",
            "split": "validation" if number == takes - 1 else "train",
            "norm_factor": float(np.abs(sound).max()), "voices": ["original", *voices], "voice_norm_factors": {},
            "audio_offset": 0.0, "lag_ms": 0.0, "lag_correlation": 1.0,
        })  # fmt: skip
    about = {
        "format": 1, "name": "egg", "actor": "egg", "fps": fps, "sample_rate": 16000, "emotions": list(EMOTIONS),
        "shapes": {"skin": SKIN, "tongue": TONGUE, "jaw": 15, "eyes": 4}, "vertices": {"skin": 300, "tongue": 60},
        "takes": described, "statistics": {}, "dataset": "0" * 64, "options": {}, "warnings": [],
    }  # fmt: skip
    (folder / "prepared.json").write_text(json.dumps(about))
    return folder


def write_regions(folder: Path, mean: np.ndarray, basis: np.ndarray) -> None:
    """Write regions whose lips move most with the basis, and whose eyes are open."""
    front = np.flatnonzero(mean[:, 2] > 0)
    upper = front[np.argsort(mean[front, 1])[-8:]]
    lower = front[np.argsort(mean[front, 1])[:8]]
    pairs = {"lip": (lower[3:8], lower[:5]), "eye": (upper[:2], lower[:2])}
    found = {
        f"{name}_{side}": part
        for name, parts in pairs.items()
        for side, part in zip(("upper", "lower"), parts, strict=True)
    }
    for lip in ("upper", "lower"):
        found |= {f"lip_size_{lip}_top": upper[:5], f"lip_size_{lip}_bottom": lower[:5]}
    np.savez(folder / "regions.npz", **{name: part.astype(np.int32) for name, part in found.items()})


def performance(
    rng: np.random.Generator, frames: int, fps: int, joyful: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return bursts of a tone with noise, and a face that opens with them; joy adds a smile of its own."""
    count = frames * 16000 // fps
    time = np.arange(count) / 16000
    envelope = np.zeros(count)
    for start in np.arange(0.2, frames / fps - 0.2, 0.35):
        envelope += rng.uniform(0.3, 1.0) * np.exp(-np.square((time - start - rng.uniform(0, 0.1)) / 0.06))
    sound = envelope * (np.sin(2 * np.pi * 220 * time) + 0.2 * rng.standard_normal(count)) * 0.5
    loud = np.interp(np.arange(frames) / fps, time, envelope)
    targets = np.zeros((frames, SKIN + TONGUE + 15 + 4), np.float32)
    mix = np.random.default_rng(99).uniform(-1, 1, 35)
    targets[:, :SKIN] = 6.0 * loud[:, None] * mix[:SKIN]
    targets[:, SKIN : SKIN + TONGUE] = 2.0 * loud[:, None] * mix[SKIN : SKIN + TONGUE]
    targets[:, SKIN + TONGUE : -4] = 0.5 * loud[:, None] * mix[SKIN + TONGUE : SKIN + TONGUE + 15]
    if joyful:
        targets[:, 0] += 2.0
    return sound.astype(np.float32), targets
