"""``train fit`` on a dataset: a network, sequences of frames, and the reference's losses, brought together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from a2fbridge._errors import ConfigError
from a2fbridge.training import losses
from a2fbridge.training._config import Progress, silent
from a2fbridge.training.config import CompactRun, ReferenceLossConfig, ReferenceRun
from a2fbridge.training.fitting import Parameters, Tensors, chosen_device, import_torch
from a2fbridge.training.networks import Network, network_for
from a2fbridge.training.samples import (
    FeatureCache,
    PhonemeTargets,
    Prepared,
    Sampler,
    Samples,
    starts,
    windows,
)

__all__ = ["IMPLICIT_TABLE", "DatasetLearner"]

IMPLICIT_TABLE = "implicit"
"""Name of the implicit rows among a fit's parameters."""
_LOOKED_AT = 256
"""Sequences of two frames that one validation looks at."""
_AT_ONCE = 32


class DatasetLearner:
    """A :class:`Learner` for a network of ``networks`` on a prepared dataset."""

    def __init__(
        self, run: ReferenceRun | CompactRun, prepared: Prepared, cache: Path, progress: Progress = silent
    ) -> None:
        self.run, self.prepared = run, prepared
        self._torch, self._device = import_torch(), chosen_device(run.fit.device)
        phonemes = self._phonemes()
        features, shifts = None, 0
        if isinstance(run, ReferenceRun) and run.network.front_end != "none":
            features = FeatureCache(cache, run.network, prepared, run.fit.sample.frame_time)
            shifts = run.network.front_end_shifts
        self.network: Network = network_for(
            run.network, prepared.sizes, prepared.units(), phonemes.counts if phonemes else ()
        )
        self.sampler = Sampler(
            prepared, run.fit.sample, run.fit.muted, run.fit.seed, features, phonemes, shifts
        )
        if features and self.sampler.shifts is not None:
            features.fill(prepared.split("train"), self.sampler.shifts, progress)
        self.epoch = -(-self.sampler.count // run.fit.batch)
        self._scale = losses.Scale(run.fit.losses.normalise, run.fit.losses.anneal)
        self._regions = self._face_regions(progress)
        self._unheard = self.sampler.validation(_LOOKED_AT)
        first = ("mse", "motion", "R2") if "" in self._unheard else ()
        self.measures = first + tuple(f"R2 {voice}" for voice in self._unheard if voice)
        self.parts = tuple(name for name in _PARTS if self._wanted(name))

    def _phonemes(self) -> PhonemeTargets | None:
        chosen = self.run.fit.losses
        if not isinstance(chosen, ReferenceLossConfig) or not (chosen.phoneme or chosen.phoneme_motion):
            return None
        return PhonemeTargets(Path(chosen.phonemes), self.prepared)

    def _face_regions(self, progress: Progress) -> dict[str, Any]:
        """Return heights as torch tensors; tells which losses a dataset without regions cannot have."""
        model, torch = self.prepared.model, self._torch
        found = losses.face_regions(
            self.prepared.regions, model["shapes_matrix_skin"], model["shapes_mean_skin"]
        )
        missing = [loss for loss, needed in _NEEDS.items() if self._weight(loss) and not needed <= set(found)]
        self.left_out = tuple(missing)
        """Losses with a weight that the dataset has no regions for."""
        if missing:
            progress(f"the dataset names no regions for {', '.join(missing)}: left out", 0.0)
        return {
            name: tuple(torch.from_numpy(np.array(part)).to(self._device) for part in region)
            for name, region in found.items()
        }

    def _weight(self, name: str) -> float:
        return float(getattr(self.run.fit.losses, name, 0.0))

    def _wanted(self, name: str) -> bool:
        return self._weight(name) > 0 and name not in self.left_out

    def initial(self) -> Parameters:
        """Return the network's fresh parameters, and the implicit rows if it has any."""
        found = self.network.initial(self.run.fit.seed)
        if self.network.uses_implicit and isinstance(self.run, ReferenceRun):
            rng = np.random.default_rng([self.run.fit.seed, 9])
            rows = rng.standard_normal((self.sampler.rows, self.network.implicit))
            found[IMPLICIT_TABLE] = (self.run.fit.implicit_spread * rows).astype(np.float32)
        return found

    def rate(self, name: str) -> float | None:
        """Return the implicit rows' relative learning rate."""
        if name == IMPLICIT_TABLE and isinstance(self.run, ReferenceRun):
            return self.run.fit.implicit_rate
        return None

    def batch(self, step: int, rng: np.random.Generator) -> Samples:
        """Return the sequences of a step."""
        return self.sampler.batch(step, self.run.fit.batch, rng)

    def _tensor(self, array: Any) -> Any:
        return self._torch.from_numpy(np.ascontiguousarray(array)).to(self._device)

    def loss(self, parameters: Tensors, batch: Samples, done: float) -> tuple[Any, dict[str, float]]:
        """Return the weighted sum of the losses, and each by itself before weight and scale."""
        torch, length = self._torch, batch.rows.shape[1]
        explicit = self._tensor(batch.explicit)[:, None].expand(-1, length, -1)
        if IMPLICIT_TABLE in parameters:
            rows = parameters[IMPLICIT_TABLE][self._tensor(batch.rows)]
        else:
            rows = torch.zeros(*batch.rows.shape, self.network.implicit, device=self._device)
        features = None if batch.features is None else self._tensor(batch.features)
        heard = self._tensor(batch.windows)
        emotion = torch.cat([rows, explicit], dim=2)
        answer = self.network.forward(parameters, heard, emotion, features, training=True)
        terms = self._terms(answer, self._tensor(batch.targets), heard, rows, batch)
        total = 0.0
        for name, value in terms.items():
            scaled = self._scale(name, value, done) if name in _SCALED else value
            total = total + self._weight(name) * scaled
        return total, {name: float(value.detach()) for name, value in terms.items()}

    def _terms(self, answer: Any, target: Any, heard: Any, rows: Any, batch: Samples) -> dict[str, Any]:
        chosen, skin = self.run.fit.losses, self.prepared.sizes.skin
        open_eyes = self._open_eyes(target)
        guess, target = answer.result * open_eyes, target * open_eyes

        def pair(name: str) -> tuple[Any, Any]:
            region = self._regions[name]
            return losses.measured(guess[..., :skin], region), losses.measured(target[..., :skin], region)

        make = {
            "mse": lambda: losses.squared(guess, target),
            "motion": lambda: losses.motion(guess, target),
            "emotion": lambda: losses.implicit_change(rows),
            "lip_distance": lambda: losses.lip_distance(*pair("lips"), chosen.lip_distance_exp),
            "lip_size": lambda: losses.lip_size(*zip(pair("upper_lip"), pair("lower_lip"), strict=True)),
            "stability": lambda: losses.stability(guess, heard, self.prepared.sizes.eyes),
            "phoneme": lambda: self._spoken(answer.phonemes, batch, motion=False),
            "phoneme_motion": lambda: self._spoken(answer.phonemes, batch, motion=True),
        }
        return {name: make[name]() for name in self.parts}

    def _open_eyes(self, target: Any) -> Any:
        """Return [B, 1, 1] 0 for sequences in which the lids are nearer than the threshold, else 1."""
        gap = self.run.fit.losses.eye_gap
        if not gap or "eyes" not in self._regions:
            return 1.0
        lids = losses.measured(target[..., : self.prepared.sizes.skin], self._regions["eyes"]).mean(dim=2)
        return (lids.amin(dim=1) > gap).to(target.dtype)[:, None, None]

    def _spoken(self, phonemes: dict[str, Any], batch: Samples, motion: bool) -> Any:
        """Return the mean over languages of a loss of the phoneme head."""
        found = []
        for language, (which, right) in batch.phonemes.items():
            guess, target = phonemes[language][self._tensor(which)], self._tensor(right)
            silence = self._weight("phoneme_silence")
            found.append(
                losses.motion(guess.exp(), target) if motion else losses.phoneme(guess, target, silence)
            )
        return sum(found) / len(found)

    def validate(self, parameters: Tensors) -> dict[str, float]:
        """Return mse, motion and R2 on validation takes, and R2 on voices held out."""
        found = {}
        for group, takes in self._unheard.items():
            pairs = [self._heard(parameters, *take) for take in takes]
            guess, target = (self._torch.cat(part) for part in zip(*pairs, strict=True))
            mse = losses.squared(guess, target)
            flat = target.flatten(0, 1)
            spread = (flat - flat.mean(dim=0)).square().mean()
            r2 = float(1.0 - mse / spread.clamp(min=1e-12))
            if group:
                found[f"R2 {group}"] = r2
            else:
                found |= {"mse": float(mse), "motion": float(losses.motion(guess, target)), "R2": r2}
        return found

    def _heard(self, parameters: Tensors, take: Any, voice: str, frames: Any) -> tuple[Any, Any]:
        """Return the network's answer and the target [N, 2, R] of pairs of neighbouring frames."""
        frames = (frames[:, None] + np.arange(2)).ravel()
        guess = self.answer(parameters, take, voice, frames)
        target = self._tensor(np.array(take.targets[frames]))
        return guess.unflatten(0, (-1, 2)), target.unflatten(0, (-1, 2))

    def answer(self, parameters: Tensors, take: Any, voice: str, frames: Any) -> Any:
        """Return the network's answer [N, R] at frames of a take, as at run time: peak 1, the calm implicit row."""
        torch, sample = self._torch, self.run.fit.sample
        first = starts(frames + sample.frame_time, self.prepared.fps)
        sound = windows(take.voices[voice], first) / np.float32(take.peaks[voice])
        row = torch.zeros(self.network.implicit, device=self._device)
        if IMPLICIT_TABLE in parameters:
            row = parameters[IMPLICIT_TABLE][self.sampler.source_row]
        mood = torch.cat([row, self._tensor(self.prepared.explicit(take.emotion))])
        parts = []
        for i in range(0, len(sound), _AT_ONCE):
            heard = sound[i : i + _AT_ONCE, None]
            ear = self.sampler.features
            features = self._tensor(ear.front_end(heard[:, 0])[:, None]) if ear else None
            emotion = mood.expand(len(heard), 1, -1)
            parts.append(
                self.network.forward(parameters, self._tensor(heard), emotion, features).result[:, 0]
            )
        return torch.cat(parts)

    def state(self) -> dict[str, float]:
        """Return how large the losses have been."""
        return dict(self._scale.powers)

    def restore(self, state: dict[str, float]) -> None:
        """Take back how large they have been."""
        self._scale.powers = dict(state)

    def check(self) -> None:
        """Raise ConfigError when all eyes count as shut, so that nothing could be learned."""
        takes = self.prepared.split("train")
        flags = [float(self._open_eyes(self._tensor(np.array(take.targets))[:, None]).mean()) if self._regions
                 and self.run.fit.losses.eye_gap and "eyes" in self._regions else 1.0 for take in takes]  # fmt: skip
        if not max(flags):
            raise ConfigError(
                f"losses.eye_gap {self.run.fit.losses.eye_gap}: the eyes of every frame are nearer than this; "
                "right is less than the open eye's gap in the mesh's unit, or 0"
            )


_PARTS = ("mse", "motion", "emotion", "lip_distance", "lip_size", "stability", "phoneme", "phoneme_motion")
_SCALED = {"mse", "motion", "emotion", "phoneme", "phoneme_motion"}
_NEEDS = {"lip_distance": {"lips"}, "lip_size": {"upper_lip", "lower_lip"}}
