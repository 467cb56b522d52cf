"""The stage export: a fit becomes a pack, checked by the project's validator before it takes its place."""

from __future__ import annotations

import datetime
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge import packs
from a2fbridge._errors import PackError
from a2fbridge.backends import smoke
from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training._dataset_fit import IMPLICIT_TABLE
from a2fbridge.training._export import (
    PARAMETERS,
    check_network,
    export_parameters,
    savez,
    tensorrt_info,
    write_json,
)
from a2fbridge.training._gaze import saccades
from a2fbridge.training._graph import OFFSET, WINDOW
from a2fbridge.training.config import BuiltinRun, ReferenceExportConfig
from a2fbridge.training.fitting import Parameters
from a2fbridge.training.networks import Network, network_for
from a2fbridge.training.samples import Prepared, Sampler, named_frame, open_prepared
from a2fbridge.training.stages._fit import current_parameters
from a2fbridge.training.stages._work import Work

__all__ = ["export_stage", "network_of", "temporary_pack"]

_PARTS = ("skin", "tongue")


def export_stage(work: Work, out: Path) -> Path:
    """Write the pack folder ``out``; what was there stays when the new one is refused.

    Raises PackError when the validator finds errors, ConfigError when there is no fit.
    """
    work.need(work.fit, "fit")
    with temporary_pack(work) as made:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.exists():
            shutil.rmtree(out)
        shutil.move(made, out)
    work.tell(f"pack in {out}", 1.0)
    return out


@contextmanager
def temporary_pack(work: Work) -> Iterator[Path]:
    """Make a pack of the fit, or of its newest checkpoint, that is gone at the end.

    Raises PackError when the validator finds errors.
    """
    with tempfile.TemporaryDirectory(dir=work.root) as folder:
        made = Path(folder) / "pack"
        parameters, about = current_parameters(work)
        if isinstance(work.run, BuiltinRun):
            export_parameters(
                parameters, about, work.need(work.data, "corpus"), made, work.run.export, work.tell
            )
        else:
            _write_pack(work, parameters, about, made)
        _check(made, work)
        yield made


def _check(made: Path, work: Work) -> None:
    """Run the validator, and the network; raises PackError with every error."""
    findings = packs.validate(made)
    if all(finding.severity != "error" for finding in findings):
        findings = [*findings, *smoke(made)]
    for finding in findings:
        work.tell(f"validator: {finding}", 0.95)
    if errors := [str(finding) for finding in findings if finding.severity == "error"]:
        raise PackError("the pack has errors and is not kept: " + "; ".join(errors))


def network_of(work: Work, prepared: Prepared) -> Network:
    """Return the network of a run on a dataset, without what only training needs."""
    assert not isinstance(work.run, BuiltinRun)
    return network_for(work.run.network, prepared.sizes, prepared.units())


def _write_pack(work: Work, parameters: Parameters, about: dict[str, Any], out: Path) -> None:
    prepared = open_prepared(work.need(work.data, "prepare"))
    network, config = network_of(work, prepared), work.run.export
    out.mkdir(parents=True)
    (out / "network.onnx").write_bytes(network.graph(parameters).SerializeToString())
    work.tell("network written", 0.3)
    poses = [part for part in _PARTS if (prepared.folder / f"bs_{part}.npz").is_file()]
    for part in poses:
        for name in (f"bs_{part}.npz", f"bs_{part}_config.json"):
            shutil.copyfile(prepared.folder / name, out / name)
    savez(out / "model_data.npz", _model_data(prepared, config.saccade_seed))
    database, source = _implicit(work, prepared, parameters)
    savez(out / "implicit_emo_db.npz", database)
    write_json(out, _documents(work, prepared, network, poses, source))
    work.tell("pack written", 0.6)
    checks = check_network(out / "network.onnx")
    write_json(out, {"card.json": _card(work, prepared, network, parameters, about, checks)})


def _model_data(prepared: Prepared, seed: int) -> dict[str, NDArray[Any]]:
    """Return the dataset's arrays; eyes that do not dart get darts of ours."""
    found = dict(prepared.model)
    if not np.any(found.get("saccade_rot_matrix", 0)):
        found["saccade_rot_matrix"] = saccades(seed)
    return found


def _implicit(
    work: Work, prepared: Prepared, parameters: Parameters
) -> tuple[dict[str, NDArray[Any]], tuple[str, int]]:
    """Return the emotion database, and the shot and frame that the pack uses."""
    run = work.run
    assert not isinstance(run, BuiltinRun)
    if IMPLICIT_TABLE not in parameters:
        rows = np.zeros((1, network_of(work, prepared).implicit), np.float32)
        return _database(rows, ["neutral"], [0], [1]), ("neutral", 0)
    sampler = Sampler(prepared, run.fit.sample, run.fit.muted, run.fit.seed)
    names = [f"{take.name}_{i}" if not take.voices else take.name for i, take in enumerate(sampler.takes)]
    sizes = [len(take) for take in sampler.takes]
    row = sampler.source_row
    take = int(np.searchsorted(sampler.first_rows, row, side="right")) - 1
    source = (names[take], row - int(sampler.first_rows[take]))
    if isinstance(run.export, ReferenceExportConfig) and run.export.source:
        chosen, frame = named_frame(prepared, run.export.source, "export.source")
        if chosen.split != "train":
            raise PackError(
                f"export.source: {chosen.name} is a validation take and has no rows; right is a training one"
            )
        source = (chosen.name, frame)
    return _database(parameters[IMPLICIT_TABLE], names, list(sampler.first_rows), sizes), source


def _database(
    rows: NDArray[np.float32], names: list[str], starts: list[int], sizes: list[int]
) -> dict[str, NDArray[Any]]:
    return {
        "emo_db": rows,
        "emo_spec_names": np.array([name.encode() for name in names]),
        "emo_spec_start": np.array(starts),
        "emo_spec_size": np.array(sizes),
    }


def _documents(
    work: Work, prepared: Prepared, network: Network, poses: list[str], source: tuple[str, int]
) -> dict[str, Any]:
    config, sizes, model = work.run.export, prepared.sizes, prepared.model
    actor = config.actor or str(prepared.about["actor"])
    info = {
        "id": {"type": "regression", "actor": actor, "version": config.version, "output": "geometry"},
        "params": {
            "implicit_emotion_len": network.implicit,
            "explicit_emotions": list(prepared.emotions),
            "default_emotion": [0.0] * len(prepared.emotions),
            "identities": [actor],
            "num_shapes_skin": sizes.skin,
            "num_verts_skin": len(model["shapes_mean_skin"]),
            "num_shapes_tongue": sizes.tongue,
            "num_verts_tongue": len(model["shapes_mean_tongue"]),
            "result_jaw_size": sizes.jaw,
            "result_eyes_size": sizes.eyes,
        },
        "audio_params": {"buffer_len": WINDOW, "buffer_ofs": OFFSET, "samplerate": SAMPLE_RATE},
    }
    assert not isinstance(work.run, BuiltinRun)
    chosen = work.run.export
    parameters = PARAMETERS | {
        "source_shot": source[0],
        "source_frame": source[1],
        "input_strength": chosen.input_strength,
        "lower_face_smoothing": chosen.lower_face_smoothing,
        "upper_face_smoothing": chosen.upper_face_smoothing,
    }
    card = {
        "networkInfoPath": "network_info.json",
        "networkPath": "network.trt",
        "emotionDatabasePath": "implicit_emo_db.npz",
        "modelConfigPath": "model_config.json",
        "modelDataPath": "model_data.npz",
        "blendshapePaths": {
            part: {"config": f"bs_{part}_config.json", "data": f"bs_{part}.npz"} for part in poses
        },
    }
    return {
        "model.json": card,
        "network_info.json": info,
        "model_config.json": {"config": parameters},
        "trt_info.json": tensorrt_info(network.implicit + sizes.emotions),
    }


def _card(
    work: Work,
    prepared: Prepared,
    network: Network,
    parameters: Parameters,
    about: dict[str, Any],
    checks: dict[str, float],
) -> dict[str, Any]:
    learned = {name: value for name, value in parameters.items() if name != IMPLICIT_TABLE}
    return {
        "name": work.run.export.actor or prepared.about["actor"],
        "made_by": "a2fbridge train run",
        "date": datetime.date.today().isoformat(),
        "network": work.run.kind,
        "export": asdict(work.run.export),
        "fit": about,
        "parameters": sum(value.size for value in learned.values()),
        "multiply_adds_per_frame": network.cost(parameters),
        "checks": checks,
        "dataset": {name: prepared.about[name] for name in ("name", "actor", "dataset")},
    }
