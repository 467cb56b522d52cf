"""Every option of a training configuration changes something: each is changed alone, and its effect looked at.

What is looked at is the smallest thing that the option must reach: the loop on a toy, a batch, a loss, a graph, a pack.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pack_edits import edit_npz
from tiny_prepared import write_prepared

from a2fbridge import ConfigError
from a2fbridge.training._config import LoopConfig
from a2fbridge.training.config import default_run, table
from a2fbridge.training.samples import Sampler, open_prepared

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None or importlib.util.find_spec("onnx") is None,
    reason="the extra [train] is not installed",
)

Watch = Callable[[Any, Path], Any]
"""What is looked at: of a run and a scratch folder it makes something that the option must change."""


def _loop(run: Any, scratch: Path) -> Any:
    from toy_learner import ToyLearner

    from a2fbridge.training.fitting import _loop as loop
    from a2fbridge.training.fitting import read_metrics, run_loop

    given = {f.name: getattr(run.fit, f.name) for f in fields(LoopConfig)}
    quick = {name: min(given[name], most) for name, most in (("validate_every", 8), ("checkpoint_every", 10))}
    quick["steps"] = given["steps"] if given["minutes"] else min(given["steps"], 24)
    config = LoopConfig(**{**given, **quick, "threads": 1})
    learner = ToyLearner(validation=[0.2, 0.5, 0.5])
    saved: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        real = loop.save_checkpoint
        patch.setattr(loop, "save_checkpoint", lambda *a: (saved.append(a[1]["step"]), real(*a)))
        outcome = run_loop(learner, config, scratch / "fit", {})
    rows = read_metrics(scratch / "fit/metrics.csv")
    return (
        [v.tobytes() for v in outcome.parameters.values()],
        outcome.steps,
        outcome.best,
        saved,
        rows,
        learner.validated,
    )


def _start(run: Any, scratch: Path) -> Any:
    from toy_learner import ToyLearner

    begun = {name: value + 1 for name, value in ToyLearner().initial().items()}
    np.savez(scratch / "start.npz", **begun)
    fit = replace(run.fit, start=str(scratch / "start.npz") if run.fit.start else None)
    return _loop(replace(run, fit=fit), scratch)


def _batch(run: Any, scratch: Path) -> Any:
    prepared = open_prepared(write_prepared(scratch / "prepared", takes=3, frames=24, voices=("deep",)))
    sampler = Sampler(prepared, run.fit.sample, run.fit.muted, run.seed)
    rng = np.random.default_rng(1)
    batches = [sampler.batch(step, 16, rng) for step in range(8)]
    found = [b"".join(np.ascontiguousarray(part).tobytes() for part in batch[:4]) for batch in batches]
    heard = {group: [take.name for take, _, _ in takes] for group, takes in sampler.validation(9).items()}
    return found, sampler.rows, heard


def _learner(run: Any, scratch: Path, prepared: Any = None) -> Any:
    from a2fbridge.training._dataset_fit import DatasetLearner

    found = prepared or open_prepared(write_prepared(scratch / "prepared", takes=3, frames=24))
    return DatasetLearner(run, found, scratch / "features")


def _loss(run: Any, scratch: Path) -> Any:
    """Return losses of two steps, with all losses on where the option could hide behind another."""
    import torch

    folder = write_prepared(scratch / "prepared", takes=3, frames=24)
    losses = run.fit.losses
    if named := getattr(losses, "phonemes", ""):
        steps = np.random.default_rng(ord(named)).dirichlet(np.ones(5), 40).astype(np.float32)
        (scratch / named).mkdir()
        for take in ("take0", "take1"):
            np.save(scratch / named / f"{take}.npy", steps)
        losses = replace(losses, phonemes=str(scratch / named))
    learner = _learner(replace(run, fit=replace(run.fit, losses=losses)), scratch, open_prepared(folder))
    torch.manual_seed(0)
    values = {k: torch.from_numpy(v) for k, v in learner.initial().items()}
    rng, found = np.random.default_rng(2), []
    for step in range(2):
        found.append(float(learner.loss(values, learner.batch(step, rng), 0.5)[0].detach()))
    return (
        found,
        {k: v.shape for k, v in learner.initial().items()},
        learner.rate("implicit"),
        b"".join(v.tobytes() for v in learner.initial().values()),
    )


def _graph(run: Any, scratch: Path) -> Any:
    from a2fbridge.training.networks import Sizes, network_for

    network = network_for(run.network, Sizes(4, 2, 15, 4, 1))
    return network.graph(network.initial(1)).SerializeToString()


def _front(run: Any, scratch: Path) -> Any:
    from a2fbridge.training.networks import Sizes, network_for

    network = network_for(run.network, Sizes(4, 2, 15, 4, 1))
    return sorted(network.initial(1))


def _shifts(run: Any, scratch: Path) -> Any:
    prepared = open_prepared(write_prepared(scratch / "prepared", takes=3, frames=24))
    sampler = Sampler(prepared, run.fit.sample, run.fit.muted, 1, shifts=run.network.front_end_shifts)
    return None if sampler.shifts is None else sampler.shifts.tobytes()


def _stages(run: Any, scratch: Path, *stages: str) -> Path:
    from a2fbridge.training import train

    quick = replace(run.fit, steps=2, batch=1, threads=1)
    folder = write_prepared(scratch / "work/prepared", takes=3, frames=24)
    edit_npz(folder / "model_data.npz", saccade_rot_matrix=np.zeros((5000, 2), np.float32))
    for stage in ("fit", *stages):
        train(stage, scratch / "work", replace(run, fit=quick, threads=1))  # type: ignore[arg-type]
    return scratch / "work"


def _pack(run: Any, scratch: Path) -> Any:
    work = _stages(run, scratch, "export")
    return {p.name: p.read_bytes() for p in sorted((work / "pack").iterdir()) if p.name != "card.json"}


def _report(run: Any, scratch: Path) -> Any:
    """Return the report without its provenance, which names every option."""
    page = (_stages(run, scratch, "evaluate") / "evaluation/report.html").read_text()
    return page.split("<h2>Provenance")[0]


def _recordings(run: Any, scratch: Path) -> Any:
    heard: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        from a2fbridge.training.stages import _evaluate

        patch.setattr(_evaluate, "_recordings", lambda work, folders: (heard.extend(folders), ({}, ""))[1])
        _stages(run, scratch, "evaluate")
    return heard


def _dataset(run: Any, scratch: Path) -> Any:
    from a2fbridge.training import train

    asked: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "a2fbridge.training.stages._run.prepare",
            lambda source, out, config, _: (asked.append((source, config)), out)[1],
        )
        write_prepared(scratch / "work/prepared", takes=3, frames=24)
        train("prepare", scratch / "work", run)
    return str(asked)


def _device(run: Any, scratch: Path) -> Any:
    from a2fbridge.training.fitting import chosen_device

    try:
        return str(chosen_device(run.fit.device))
    except ConfigError as error:
        return str(error)


def _threads(run: Any, scratch: Path) -> Any:
    return run.fit.threads


def _kind(run: Any, scratch: Path) -> Any:
    return type(run.network)


PHONEMES = {"fit.losses.phonemes": "x", "fit.losses.phoneme": 0.1}
FRONT = {"network.front_end": "onnx:x"}
EFFECTS: dict[str, tuple[Watch, Any, dict[str, Any]]] = {
    # key: (what is looked at, another value, what has to be set for it to matter)
    "kind": (_kind, "compact", {}),
    "seed": (_batch, 8, {}),
    "threads": (_threads, 3, {}),
    "device": (_device, "cuda", {"device": "cpu"}),
    "dataset": (_dataset, "elsewhere", {}),
    "network.front_end": (_front, "onnx:x", {}),
    "network.front_end_shifts": (_shifts, 5, FRONT),
    "network.implicit": (_graph, 4, {}),
    "network.spread": (_loss, 1.0, {}),
    "network.level": (_graph, None, {}),
    "network.width": (_graph, 0.5, {}),
    "network.dropout": (_loss, 0.6, {}),
    "fit.steps": (_loop, 20, {"fit.patience": 0}),
    "fit.minutes": (_loop, 0.002, {"fit.minutes": 0.001, "fit.steps": 10**9}),
    "fit.batch": (
        lambda run, scratch: len(_learner(run, scratch).batch(0, np.random.default_rng(0)).rows),
        5,
        {},
    ),
    "fit.learning_rate": (_loop, 0.1, {}),
    "fit.optimiser": (_loop, "adamw", {}),
    "fit.schedule": (_loop, "decay", {}),
    "fit.decay": (_loop, 0.5, {"fit.schedule": "decay"}),
    "fit.warmup": (_loop, 3, {}),
    "fit.weight_decay": (_loop, 0.5, {}),
    "fit.clip": (_loop, 0.01, {}),
    "fit.average": (_loop, 0.1, {"fit.patience": 0}),
    "fit.validate_every": (_loop, 4, {}),
    "fit.patience": (_loop, 1, {}),
    "fit.checkpoint_every": (_loop, 4, {}),
    "fit.start": (_start, "x", {}),
    "fit.blend": (_start, 0.5, {"fit.start": "x"}),
    "fit.implicit_rate": (_loss, 0.5, {}),
    "fit.implicit_spread": (_loss, 0.5, {}),
    "fit.sample.sequence": (_batch, 3, {}),
    "fit.sample.time_shift": (_batch, 2.0, {}),
    "fit.sample.frame_time": (_batch, 0.5, {}),
    "fit.sample.loudest": (_batch, -3.0, {}),
    "fit.sample.softest": (_batch, -30.0, {}),
    "fit.sample.other_voices": (_batch, 0.0, {}),
    "fit.sample.held_out_voices": (_batch, ("deep",), {}),
    "fit.losses.mse": (_loss, 2.0, {}),
    "fit.losses.motion": (_loss, 2.0, {}),
    "fit.losses.emotion": (_loss, 2.0, {}),
    "fit.losses.lip_distance": (_loss, 2.0, {}),
    "fit.losses.lip_distance_exp": (_loss, 0.1, {}),
    "fit.losses.lip_size": (_loss, 2.0, {}),
    "fit.losses.stability": (_loss, 1e6, {"fit.sample.softest": -60.0, "fit.sample.loudest": -60.0}),
    "fit.losses.phoneme": (_loss, 0.5, {"fit.losses.phonemes": "x"}),
    "fit.losses.phoneme_motion": (_loss, 0.5, {"fit.losses.phonemes": "x"}),
    "fit.losses.phoneme_silence": (_loss, 9.0, PHONEMES),
    "fit.losses.phonemes": (_loss, "y", PHONEMES),
    "fit.losses.eye_gap": (_loss, 1000.0, {}),
    "fit.losses.normalise": (_loss, True, {}),
    "fit.losses.anneal": (_loss, True, {}),
    "fit.muted.shots": (_batch, ("take0@3",), {}),
    "fit.muted.frames": (_batch, 9, {}),
    "fit.muted.noise": (_batch, "silence", {}),
    "fit.muted.scale": (_batch, 0.5, {}),
    "fit.muted.rest": (_batch, False, {}),
    "evaluate.takes": (_report, "all", {}),
    "evaluate.curves": (_report, 2, {}),
    "evaluate.drawn": (_report, 0, {}),
    "evaluate.silence_db": (_report, -1.0, {}),
    "evaluate.recordings": (_recordings, ("people",), {}),
    "export.actor": (_pack, "anna", {}),
    "export.version": (_pack, "3", {}),
    "export.source": (_pack, "take0@5", {}),
    "export.saccade_seed": (_pack, 9, {}),
    "export.input_strength": (_pack, 1.3, {}),
    "export.lower_face_smoothing": (_pack, 0.01, {}),
    "export.upper_face_smoothing": (_pack, 0.01, {}),
}


def _corpus(run: Any, scratch: Path) -> Any:
    from a2fbridge.training import make_corpus
    from a2fbridge.training._voices import missing

    if reason := missing("rms") or missing("slt"):
        pytest.skip(reason)
    make_corpus(scratch / "corpus", run.corpus)
    return (scratch / "corpus/clips.npy").read_bytes(), (scratch / "corpus/features.npy").read_bytes()


def _crop(run: Any, scratch: Path) -> Any:
    from a2fbridge.training._fit import SpeechLearner

    _corpus(
        replace(run, corpus=replace(run.corpus, voices=("rms",), sentences=2, variants=1, non_speech=1)),
        scratch,
    )
    return SpeechLearner(scratch / "corpus", run.fit).batch(0, np.random.default_rng(0))[0].shape


def _width(run: Any, scratch: Path) -> Any:
    return run.fit.width


def _speech_report(run: Any, scratch: Path) -> Any:
    from a2fbridge.training import _network
    from a2fbridge.training.stages import _evaluate
    from a2fbridge.training.stages._work import Work

    asked: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            _evaluate, "spoken_sentences", lambda voice, count: (asked.append((voice, count)), [_said()])[1]
        )
        patch.setattr(_evaluate, "aligned_recordings", lambda folder: (asked.append(folder), [_said()])[1])
        patch.setattr(_evaluate, "evaluate", lambda *_: {})
        page = str(_evaluate._speech(Work(scratch, run), _network.initial(1)))
    return asked, page


def _said() -> Any:
    from a2fbridge.training import Segment, Utterance

    segments = (Segment("sil", 0.0, 0.1), Segment("aa", 0.1, 0.3), Segment("m", 0.3, 0.4))
    return Utterance("am", np.zeros(8000, np.float32), segments)


def _speech_pack(run: Any, scratch: Path) -> Any:
    from a2fbridge.training import _export, _network

    weights = np.random.default_rng(0).random((50, 68))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_export, "_typical", lambda corpus: weights)
        _export.export_parameters(_network.initial(1), {}, scratch, scratch / "pack", run.export)
    return {p.name: p.read_bytes() for p in sorted((scratch / "pack").iterdir()) if p.name != "card.json"}


def _prepare(run: Any, scratch: Path) -> Any:
    from a2fbridge.training.dataset import make_example, prepare

    kept = scratch.parent / "example"
    if not kept.exists():
        make_example(kept, "vertices")
    prepare(kept, scratch / "out", run.prepare)
    about = json.loads((scratch / "out/prepared.json").read_text())
    del about["options"]
    arrays = [p.read_bytes() for p in sorted((scratch / "out").rglob("*.np?")) if "work" not in p.parts]
    return arrays, about


SMALL_CORPUS = {
    "corpus.voices": ("rms",),
    "corpus.sentences": 2,
    "corpus.variants": 1,
    "corpus.non_speech": 1,
}
BUILTIN: dict[str, tuple[Watch, Any, dict[str, Any]]] = {
    "seed": (_corpus, 8, SMALL_CORPUS),
    "corpus.voices": (_corpus, ("slt",), SMALL_CORPUS),
    "corpus.sentences": (_corpus, 3, SMALL_CORPUS),
    "corpus.variants": (_corpus, 2, SMALL_CORPUS),
    "corpus.non_speech": (_corpus, 2, SMALL_CORPUS),
    "network.width": (_width, 0.5, {}),
    "fit.crop": (_crop, 64, {}),
    "fit.batch": (_crop, 2, {}),
    "evaluate.voices": (_speech_report, ("rms",), {}),
    "evaluate.sentences": (_speech_report, 2, {}),
    "evaluate.recordings": (_speech_report, ("people",), {}),
    "evaluate.curves": (_speech_report, 2, {}),
    "export.actor": (_speech_pack, "anna", {}),
    "export.version": (_speech_pack, "9", {}),
    "export.skin_shapes": (_speech_pack, 5, {}),
    "export.saccade_seed": (_speech_pack, 9, {}),
    "export.decision.sharpness": (_speech_pack, (3.0, 3.0), {}),
    "export.decision.bias": (_speech_pack, (0.5, 0.5), {}),
}
PREPARE: dict[str, Any] = {
    "validation_share": 0.4, "prune_distance": 0.2, "prune_stride": 2, "distinct_poses": 1, "distinct_variance": 0.5,
    "skin_variance": 0.9, "skin_components": 3, "tongue_prune_distance": 0.1, "tongue_variance": 0.7,
    "tongue_components": 2, "audio_offset": 0.1, "correct_lag": True, "transform_scale": (2.0, 1.0, 1.0, 1.0),
}  # fmt: skip


def changed(run: Any, key: str, value: Any) -> Any:
    """Return a run with one option changed."""
    section, _, rest = key.partition(".")
    if not rest:
        return replace(run, **{key: value})
    return replace(run, **{section: changed(getattr(run, section), rest, value)})


def value_of(run: Any, key: str) -> Any:
    for part in key.split("."):
        run = getattr(run, part)
    return run


def cases() -> list[Any]:
    """Return (kind, key) for every option of every kind; where kinds share code, one of them every day."""
    found = []
    common = {key for key, _, _ in table(default_run("builtin")) if key.startswith("fit.")}
    for kind in ("reference", "compact", "builtin"):
        for key, _, _ in table(default_run(kind)):
            slow = key.startswith(("prepare.", "export.", "evaluate.")) or (
                kind == "builtin" and key.startswith("corpus.")
            )
            shared = key in common and kind != "builtin"
            twice = shared or (kind == "compact" and not key.startswith("network."))
            marks = [pytest.mark.long] if slow or twice else []
            found.append(pytest.param(kind, key, id=f"{kind}-{key}", marks=marks))
    return found


@needs_torch
@pytest.mark.parametrize(("kind", "key"), cases())
def test_every_option_changes_something(kind: str, key: str, tmp_path: Path) -> None:
    run = default_run(kind)
    if key.startswith("prepare."):
        # Which pose comes next matters while not all of them are taken.
        few = {"prepare.distinct_poses": 40} if key == "prepare.distinct_variance" else {}
        watch, value, needed = _prepare, PREPARE[key.removeprefix("prepare.")], few
    else:
        effects = EFFECTS | (BUILTIN if kind == "builtin" else {})
        watch, value, needed = effects[key]
    for name, other in needed.items():
        run = changed(run, name, other)
    if key == "kind":
        other_run = default_run("compact" if kind != "compact" else "reference")
    else:
        if key == "network.level":
            value = "peak" if run.network.level == "input" else "input"
        if value == value_of(run, key):
            value = {"normalise": False, "anneal": False}.get(key.rpartition(".")[2], value)
        other_run = changed(run, key, value)
        assert value_of(other_run, key) != value_of(run, key)
    seen = []
    for name, chosen in (("before", run), ("after", other_run)):
        (tmp_path / name).mkdir()
        seen.append(watch(chosen, tmp_path / name))
    assert seen[0] != seen[1]
