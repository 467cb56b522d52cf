"""The stage evaluate: figures and a report, of the network as it will ship."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge import packs, shapes
from a2fbridge.backends import open_backend
from a2fbridge.export import atomic_file
from a2fbridge.face import FaceModel
from a2fbridge.streams import Stream, StreamOptions
from a2fbridge.training._align import aligned_recordings
from a2fbridge.training._articulation import articulate
from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training._dataset_fit import IMPLICIT_TABLE
from a2fbridge.training._evaluate import evaluate, predictor, spoken_sentences
from a2fbridge.training._graph import WINDOW
from a2fbridge.training._phones import Utterance
from a2fbridge.training._quality import FRAME_RATE, METRICS, Figure
from a2fbridge.training.config import BuiltinRun
from a2fbridge.training.fitting import Parameters, read_metrics
from a2fbridge.training.losses import face_regions
from a2fbridge.training.samples import Prepared, Sampler, Take, open_prepared, starts, windows
from a2fbridge.training.stages._export import network_of, temporary_pack
from a2fbridge.training.stages._fit import current_parameters
from a2fbridge.training.stages._metrics import MEASURES, Judged, Shape, judge, r2_by_channel
from a2fbridge.training.stages._report import figure_table, loss_charts, report_page
from a2fbridge.training.stages._svg import curve_rows
from a2fbridge.training.stages._work import Work, provenance

__all__ = ["evaluate_stage"]

Sections = list[tuple[str, str]]
Columns = dict[str, dict[str, Figure]]

_AT_ONCE = 32
_ON_A_FACE = ("JawOpen", "MouthClose", "MouthPucker", "MouthFunnel", "MouthLowerDownLeft", "MouthRollLower")
_LEGEND = (
    '<p class="quiet">What is <b class="right">right</b> and what was <b class="guess">predicted</b>.</p>'
)


def evaluate_stage(work: Work) -> Path:
    """Measure the fit, write ``report.html`` and ``report.json``, and return the former."""
    work.need(work.fit, "fit")
    parameters, about = current_parameters(work)
    measure = _speech if isinstance(work.run, BuiltinRun) else _takes
    columns, sections, extra = measure(work, parameters)
    for group, figures in columns.items():
        for name, figure in figures.items():
            work.tell(f"{group}: {name} {figure}", 0.9)
    found = provenance(work.relative()) | {"fit": about}
    losses = loss_charts(read_metrics(work.checkpoints / "metrics.csv"))
    sections = [*sections, ("Fit", losses or "<p>No metrics were kept.</p>")]
    lead = f"{work.run.kind} network, {about.get('steps')} steps, loss {about.get('loss')}"
    page = report_page(f"Evaluation of {_name(work)}", lead, sections, found)
    document = {
        "figures": {g: {n: f._asdict() for n, f in figures.items()} for g, figures in columns.items()},
        **extra,
        "provenance": found,
    }
    work.evaluation.mkdir(exist_ok=True)
    for name, text in (("report.html", page), ("report.json", json.dumps(document, indent=2, default=str))):
        with atomic_file(work.evaluation / name) as file:
            file.write(text.encode())
    work.tell(f"report in {work.evaluation / 'report.html'}", 1.0)
    return work.evaluation / "report.html"


def _name(work: Work) -> str:
    if isinstance(work.run, BuiltinRun):
        return work.run.export.actor
    return str(open_prepared(work.data).about["name"])


def _speech(work: Work, parameters: Parameters) -> tuple[Columns, Sections, dict[str, Any]]:
    """Measure articulation on synthetic voices and on recordings of people."""
    assert isinstance(work.run, BuiltinRun)
    config = work.run.evaluate
    predict = predictor(parameters, work.run.export.decision)
    speech: dict[str, list[Utterance]] = {}
    for voice in config.voices:
        heard = voice in work.run.corpus.voices
        label = f"{voice} ({'a voice of the corpus' if heard else 'a voice never heard'})"
        speech[label] = spoken_sentences(voice, config.sentences)
    for folder in config.recordings:
        speech[f"people in {Path(folder).name}"] = aligned_recordings(Path(folder))
    columns = {name: evaluate(predict, utterances) for name, utterances in speech.items()}
    calm = np.zeros(len(shapes.EMOTION_NAMES), np.float32)
    drawn = []
    for name, utterances in speech.items():
        said = utterances[0]
        guess = predict(said.samples, calm)
        target = articulate(list(said.segments), len(guess), FRAME_RATE)[0]
        rows = [
            (shape, guess[:, shapes.INDEX[shape]], target[:, shapes.INDEX[shape]])
            for shape in _ON_A_FACE[: config.curves]
        ]
        drawn.append(f"<h3>{name}</h3>" + curve_rows(rows, len(guess) / FRAME_RATE, said.samples))
    table = figure_table(columns, {name: meaning for name, (_, meaning) in METRICS.items()})
    return columns, [("Articulation", table), ("Curves", _LEGEND + "".join(drawn))], {}


def _takes(work: Work, parameters: Parameters) -> tuple[Columns, Sections, dict[str, Any]]:
    """Measure coefficients on takes of the dataset, and articulation on recordings if there are any."""
    assert not isinstance(work.run, BuiltinRun)
    config, prepared = work.run.evaluate, open_prepared(work.data)
    sizes, first = prepared.sizes, 0
    parts: dict[str, slice] = {}
    for name in ("skin", "tongue", "jaw", "eyes"):
        parts[name] = slice(first, first + getattr(sizes, name))
        first = parts[name].stop
    basis, mean = prepared.model["shapes_matrix_skin"], prepared.model["shapes_mean_skin"]
    lips = face_regions(prepared.regions, basis, mean).get("lips")
    shape = Shape(parts, basis, lips, prepared.fps, config.silence_db)
    predict = _Predictor(work, prepared, parameters)
    groups = {"validation": prepared.split("validation")}
    if config.takes == "all" or not groups["validation"]:
        groups["training"] = prepared.split("train")
    columns: Columns = {}
    sections: Sections = []
    channels: dict[str, Any] = {}
    for group, takes in groups.items():
        if not takes:
            continue
        judged = [predict.take(take) for take in takes]
        columns[f"{group} takes"] = judge(judged, shape)
        r2, error, spread = r2_by_channel(judged)
        channels[group] = {"R2": _listed(r2), "MSE": _listed(error), "variance": _listed(spread)}
        drawn = [_drawn(take, parts, config.curves, prepared.fps) for take in judged[: config.drawn]]
        sections += [(f"Curves of {group} takes", _LEGEND + "".join(drawn))] if drawn else []
    table = figure_table(columns, MEASURES)
    sections = [("Figures", table), ("Coefficients", _channel_table(channels, parts)), *sections]
    if config.recordings:
        spoken, articulation = _recordings(work, config.recordings)
        columns |= spoken
        sections.insert(1, ("Articulation on recordings", articulation))
    return columns, sections, {"channels": channels}


def _listed(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(v) else float(f"{v:.6g}") for v in values]


def _channel_table(channels: Mapping[str, Any], parts: Mapping[str, slice]) -> str:
    """Return, by part, how many coefficients move and how well the liveliest are predicted."""
    rows = []
    for group, found in channels.items():
        for part, columns in parts.items():
            spread = np.array(found["variance"][columns], np.float64)
            order = np.argsort(-spread, kind="stable")[:8]
            shown = [
                f"{part} {i}: {found['R2'][columns][i]:.2f}"
                for i in order
                if found["R2"][columns][i] is not None
            ]
            moving = sum(value is not None for value in found["R2"][columns])
            cells = f"<td>{group}</td><td>{part}</td><td class='number'>{moving} of {len(spread)}</td>"
            rows.append(f"<tr>{cells}<td>{', '.join(shown) or '–'}</td></tr>")
    head = "<tr><th>takes</th><th>part</th><th class='number'>that move</th><th>R2 of the liveliest</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def _drawn(take: Judged, parts: Mapping[str, slice], most: int, fps: float) -> str:
    """Return a take's curves: of each part the liveliest coefficients, the skin's first."""
    ranked = [
        [(f"{part} {i}", columns.start + int(i)) for i in np.argsort(-take.target[:, columns].std(axis=0))]
        for part, columns in parts.items()
    ]
    alive = [[(n, i) for n, i in rows if take.target[:, i].std() > 1e-6] for rows in ranked]
    order = [*alive[0][:3], *(row for rows in alive[1:] for row in rows[:1]), *alive[0][3:]]
    rows = [(name, take.guess[:, i], take.target[:, i]) for name, i in order[:most]]
    return f"<h3>{take.name}</h3>" + curve_rows(rows, len(take.target) / fps, take.sound)


class _Predictor:
    """Runs the exported network on takes, on ONNX Runtime, at the level they were recorded at."""

    def __init__(self, work: Work, prepared: Prepared, parameters: Parameters) -> None:
        import onnxruntime

        assert not isinstance(work.run, BuiltinRun)
        self._prepared, self._sample = prepared, work.run.fit.sample
        self._gain = np.float32(work.run.export.input_strength)
        network = network_of(work, prepared)
        self._row = np.zeros(network.implicit, np.float32)
        if IMPLICIT_TABLE in parameters:
            sampler = Sampler(prepared, self._sample, work.run.fit.muted, work.run.fit.seed)
            self._row = parameters[IMPLICIT_TABLE][sampler.source_row]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = work.run.threads
        model = network.graph(parameters).SerializeToString()
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def take(self, take: Take) -> Judged:
        """Return a take's prediction beside what is right."""
        voice, sound = next(iter(take.voices.items()))
        first = starts(np.arange(len(take)) + self._sample.frame_time, self._prepared.fps)
        mood = np.concatenate([self._row, self._prepared.explicit(take.emotion)])[None, None]
        rows = []
        for i in range(0, len(first), _AT_ONCE):
            heard = windows(sound, first[i : i + _AT_ONCE]).reshape(-1, 1, WINDOW) * self._gain
            feeds = {"input": heard, "emotion": np.repeat(mood, len(heard), axis=0)}
            rows.append(self._session.run(None, feeds)[0][:, 0])
        peak = np.asarray(sound, np.float32) / np.float32(take.peaks[voice])
        return Judged(
            f"{take.name} ({voice}, {take.emotion})", np.concatenate(rows), np.array(take.targets), peak
        )


def _recordings(work: Work, folders: tuple[str, ...]) -> tuple[Columns, str]:
    """Measure articulation on recordings, animated through the pack as a player would."""
    columns: Columns = {}
    with temporary_pack(work) as pack, _animator(pack) as animate:
        for folder in folders:
            columns[f"people in {Path(folder).name}"] = evaluate(animate, aligned_recordings(Path(folder)))
    return columns, figure_table(columns, {name: meaning for name, (_, meaning) in METRICS.items()})


@contextmanager
def _animator(pack: Path) -> Iterator[Any]:
    """Open a pack: a function from samples to weights [N, 68] at 60 frames a second."""
    loaded = packs.load(pack)
    backend = open_backend(loaded.network, "onnxruntime", 1)
    model = FaceModel(loaded, backend)
    place = [shapes.FACE_NAMES.index(name) for name in model.face().names]

    def animate(samples: NDArray[np.float32], _: Any) -> NDArray[np.float32]:
        with Stream(model, StreamOptions(SAMPLE_RATE, Fraction(FRAME_RATE))) as stream:
            stream.push(samples)
            stream.end()
            frames = []
            while made := stream.pull(_AT_ONCE):
                frames += made
        weights = np.zeros((len(frames), len(shapes.FACE_NAMES)), np.float32)
        weights[:, place] = np.stack([frame.weights for frame in frames])
        return weights

    try:
        yield animate
    finally:
        backend.close()
