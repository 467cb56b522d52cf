"""Corpus, fit and export in small: labels against the sound, files as described, a pack at the end."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from a2fbridge import ConfigError
from a2fbridge.training import (
    CorpusConfig,
    ExportConfig,
    FitConfig,
    evaluate,
    export,
    fit,
    load_fit,
    make_corpus,
    predictor,
    spoken_sentences,
)
from a2fbridge.training._augment import breathe, non_speech, vary
from a2fbridge.training._batches import batches
from a2fbridge.training._compose import CHANNELS
from a2fbridge.training._corpus import load_corpus
from a2fbridge.training._features import CONTEXT
from a2fbridge.training._fit import SpeechLearner
from a2fbridge.training._labels import closure_depth, measure_shift, refine, shifted
from a2fbridge.training._languages import invented, russian
from a2fbridge.training._neural import _segments
from a2fbridge.training._phones import CONSONANTS, VOWELS, from_misaki, from_russian
from a2fbridge.training._text import plain, sentences
from a2fbridge.training._voices import missing

needs_flite = pytest.mark.skipif(missing("rms") is not None, reason=str(missing("rms")))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if reason := missing("rms"):
        pytest.skip(reason)
    pytest.importorskip("scipy", reason="scipy is not installed")
    folder = tmp_path_factory.mktemp("corpus")
    make_corpus(folder, CorpusConfig(voices=("rms",), sentences=13, variants=2, non_speech=3))
    return folder


def test_sentences_are_many_different_and_the_same_again() -> None:
    texts = sentences(600, 5)
    assert len(set(texts)) == 600
    assert texts == sentences(600, 5)
    assert texts != sentences(600, 6)
    assert not any("{" in text or "  " in text for text in texts)
    assert {text[-1] for text in texts} == set(".?!")


def test_plain_sentences_hold_few_letters_of_closing_lips() -> None:
    texts = plain(400, 5)
    assert len(set(texts)) == 400
    assert texts == plain(400, 5)
    assert not any("{" in text or "  " in text for text in texts)

    def share(texts: list[str]) -> float:
        letters = "".join(texts).lower()
        return sum(letters.count(c) for c in "pbm") / len(letters)

    assert share(texts) < 0.005 < 0.05 < share(sentences(400, 5))


def test_invented_words_hold_the_sounds_of_other_languages() -> None:
    texts = invented(50, 3)
    assert texts == invented(60, 3)[:50]
    assert len(set(texts)) == 50
    sounds = {from_misaki(symbol) for text in texts for symbol in text}
    assert {"ue", "oe", "e", "o", "b", "p", "m", "f", "ch", "sh", "iy"} <= sounds
    assert set("".join(russian(20, 3))) <= set("абвгдежзиклмнопрстуфхчшыэюя ,.?!")


def test_russian_phones_are_understood() -> None:
    names = "pau b bb m mm aa ee ii oo uu yy ae ay ur sch sh zh ch c h hh j rr".split()
    assert [from_russian(name) for name in names[:8]] == ["sil", "b", "b", "m", "m", "aa", "e", "iy"]
    assert {from_russian(name) for name in names} <= VOWELS | CONSONANTS | {"sil"}


def test_length_and_tone_belong_to_the_phone_before_them() -> None:
    found = _segments(list("aːm"), np.array([2, 4, 3, 5, 2]), 0.0)
    assert [(s.phone, round(s.start, 3), round(s.end, 3)) for s in found] == [
        ("sil", 0.0, 0.05),
        ("aa", 0.05, 0.225),
        ("m", 0.225, 0.35),
        ("sil", 0.35, 0.4),
    ]


def test_a_breath_fills_pauses_and_spares_speech() -> None:
    pytest.importorskip("scipy", reason="scipy is not installed")
    sound = np.zeros(32000, np.float32)
    sound[8000:16000] = 0.5
    breathed = breathe(sound, [(0.0, 0.5), (1.0, 2.0)], np.random.default_rng(1))
    assert np.array_equal(breathed[8000:16000], sound[8000:16000])
    assert 0.0 < np.abs(breathed - sound).max() < 0.2


def test_an_unknown_voice_is_refused_with_its_nearest_name() -> None:
    with pytest.raises(ConfigError, match="did you mean 'hibari'"):
        missing("hibary")


@pytest.mark.parametrize("wrong", [{"voices": ()}, {"sentences": 0}, {"variants": 0}, {"non_speech": -1}])
def test_an_empty_corpus_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        CorpusConfig(**wrong)


def test_a_blend_without_a_start_is_refused() -> None:
    with pytest.raises(ConfigError, match="only with a start"):
        FitConfig(blend=0.5)


@needs_flite
def test_a_shift_of_labels_is_measured_and_refined_away() -> None:
    spoken = spoken_sentences("rms", 6)
    assert np.abs(measure_shift(spoken)).max() <= 0.0151
    late = [shifted(utterance, 0.050) for utterance in spoken]
    assert np.abs(np.array(measure_shift(late)) + 0.050).max() <= 0.0151
    assert closure_depth(late) < closure_depth(spoken) - 8
    nearly = [refine(shifted(utterance, 0.020)) for utterance in spoken]
    assert np.abs(measure_shift(nearly)).max() <= 0.0151
    for utterance in nearly:
        starts = [segment.start for segment in utterance.segments]
        assert starts == sorted(starts)


def test_varied_sound_keeps_its_length_and_level() -> None:
    pytest.importorskip("scipy", reason="scipy is not installed")
    rng = np.random.default_rng(0)
    sound = np.sin(np.arange(16000) / 10).astype(np.float32)
    for _ in range(20):
        out, ratio = vary(sound, rng, plain=False)
        assert abs(len(out) - ratio * 16000) < 20
        assert 0.8 <= ratio <= 1.25
        assert np.isfinite(out).all()
        assert np.abs(out).max() < 3.0
    same, ratio = vary(sound, rng, plain=True)
    assert ratio == 1.0
    assert np.corrcoef(same, sound)[0, 1] > 0.999


def test_what_is_no_speech_is_finite() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        sound = non_speech(rng)
        assert 3 * 16000 <= len(sound) <= 10 * 16000
        assert np.isfinite(sound).all()


def test_a_corpus_folder_is_as_described(corpus: Path) -> None:
    data = load_corpus(corpus)
    first, frames, voice, held_out = data.clips.T
    assert data.features.shape == (frames.sum(), 32)
    assert data.tracks.shape == (frames.sum(), len(CHANNELS))
    assert np.array_equal(first, np.cumsum(frames) - frames)
    assert sorted(set(voice)) == [-1, 0]
    assert (voice == 0).sum() == 42  # 13 sentences and 8 plain ones, twice
    assert held_out.sum() == 5
    rest = data.tracks[first[-1] :]
    assert rest.max() == 0.0
    assert 0.3 < data.tracks[: first[-3]].max() <= 1.3
    about = json.loads((corpus / "corpus.json").read_text())
    assert about["voices"]["rms"].startswith("flite")
    assert abs(about["labels"]["rms"]["applied_ms"]) <= 15
    assert 15 < about["labels"]["rms"]["closures_db"] < 40


def test_a_corpus_made_again_speaks_nothing_and_is_the_same(corpus: Path, tmp_path: Path) -> None:
    shutil.copytree(corpus / "spoken", tmp_path / "spoken")
    with mock.patch("a2fbridge.training._spoken.speak", side_effect=AssertionError("spoke again")):
        make_corpus(tmp_path, json_config(corpus))
    for name in ("features", "tracks", "clips"):
        assert np.array_equal(np.load(tmp_path / f"{name}.npy"), np.load(corpus / f"{name}.npy")), name


def json_config(corpus: Path) -> CorpusConfig:
    config = json.loads((corpus / "corpus.json").read_text())["config"]
    return CorpusConfig(**{**config, "voices": tuple(config["voices"])})


def test_batches_vary_what_is_heard_not_what_is_meant(corpus: Path) -> None:
    features, tracks = next(batches(load_corpus(corpus), 8, 40, 1))
    assert features.shape == (8, 40 + 2 * CONTEXT, 32)
    assert np.isfinite(features).all()
    assert tracks.shape == (8, 40, len(CHANNELS))
    again = next(batches(load_corpus(corpus), 8, 40, 1))
    assert np.array_equal(again[0], features)


def test_a_fit_learns_and_becomes_a_pack(corpus: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("onnx", reason="onnx is not installed")
    losses: list[float] = []

    def note(message: str, done: float) -> None:
        assert 0.0 <= done <= 1.0
        losses.append(float(message.rsplit(" ", 1)[1]))

    about = fit(corpus, tmp_path / "fit.npz", FitConfig(steps=150, batch=4, crop=64, threads=1), note)
    assert about["steps"] == 150
    assert losses[-1] < 0.7 * losses[0]
    scores = evaluate(predictor(load_fit(tmp_path / "fit.npz")[0]), spoken_sentences("rms", 2))
    assert scores["openness r"].value > 0.3
    assert scores["composite"].value > 0.1
    start, again = str(tmp_path / "fit.npz"), tmp_path / "again.npz"
    further = fit(corpus, again, FitConfig(steps=2, batch=4, crop=64, start=start, blend=1.0))
    assert further["start"]["steps"] == 150
    first, second = (load_fit(path)[0] for path in (Path(start), again))
    assert all(np.allclose(first[name], second[name]) for name in first)
    np.savez(tmp_path / "other.npz", nothing=np.zeros(3))
    with pytest.raises(ConfigError, match=r"other\.npz is no fit to start from: onset\.w"):
        fit(corpus, again, FitConfig(steps=2, start=str(tmp_path / "other.npz")))
    card = export(tmp_path / "fit.npz", corpus, tmp_path / "pack", ExportConfig(actor="small", skin_shapes=8))
    assert card["checks"]["batch_difference"] < 1e-4
    assert json.loads((tmp_path / "pack" / "network_info.json").read_text())["params"]["num_shapes_skin"] == 8


SHORT = FitConfig(steps=6, batch=2, crop=32, threads=1, warmup=3, checkpoint_every=2, validate_every=3)


@pytest.mark.parametrize("optimiser", ["adamw", "muon"])
def test_the_loop_does_what_a_plain_one_does(corpus: Path, tmp_path: Path, optimiser: str) -> None:
    """The same bits as a loop without checkpoints, logs or validation."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from a2fbridge.training._fit import _losses
    from a2fbridge.training._network import initial
    from a2fbridge.training._optimiser import Muon

    config = replace(SHORT, optimiser=optimiser)
    fit(corpus, tmp_path / "fit.npz", config)
    torch.set_num_threads(1)
    torch.manual_seed(config.seed)
    values = {k: torch.tensor(v, requires_grad=True) for k, v in initial(config.seed).items()}
    average = {k: v.detach().clone() for k, v in values.items()}
    made = (
        Muon(values, 2e-3)
        if optimiser == "muon"
        else torch.optim.AdamW(values.values(), 2e-3, weight_decay=0.01)
    )
    source = batches(load_corpus(corpus), 2, 32, config.seed)
    for step in range(6):
        for group in made.param_groups:
            group["lr"] = 2e-3 * min(1.0, (step + 1) / 3) * (0.5 + 0.5 * np.cos(np.pi * (step + 1) / 6))
        parts, _, _ = _losses(torch, torch.device("cpu"), values, next(source), 0.1)
        made.zero_grad()
        sum(parts.values()).backward()
        torch.nn.utils.clip_grad_norm_(values.values(), 1.0)
        made.step()
        for name, value in average.items():
            value.lerp_(values[name].detach(), 1 - min(0.998, (step + 1) / (step + 11)))
    found, _ = load_fit(tmp_path / "fit.npz")
    assert all(np.array_equal(found[name], value.numpy()) for name, value in average.items())


def test_an_interrupted_fit_on_a_corpus_goes_on_bit_for_bit(corpus: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    fit(corpus, tmp_path / "whole.npz", SHORT)
    real = SpeechLearner.batch

    def dies(self: SpeechLearner, step: int, rng: np.random.Generator) -> object:
        if step == 5:
            raise KeyboardInterrupt
        return real(self, step, rng)

    with mock.patch.object(SpeechLearner, "batch", dies), pytest.raises(KeyboardInterrupt):
        fit(corpus, tmp_path / "parts.npz", SHORT)
    said: list[str] = []
    fit(corpus, tmp_path / "parts.npz", SHORT, lambda text, done: said.append(text))
    assert said[0] == "going on from step 4"
    whole, parts = (load_fit(tmp_path / name)[0] for name in ("whole.npz", "parts.npz"))
    assert all(whole[name].tobytes() == parts[name].tobytes() for name in whole)
    with pytest.raises(ConfigError, match=r"fit\.crop was 32, is 40"):
        fit(corpus, tmp_path / "parts.npz", replace(SHORT, crop=40))
