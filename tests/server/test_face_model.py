"""The folded path against geometry, and what a batch may hold."""

from collections.abc import Mapping

import numpy as np
import pytest
from in_memory import RandomNetwork, make_pack, run, speechlike
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge._errors import ConfigError, ParameterError
from a2fbridge.face import (
    FaceModel,
    FaceSettings,
    PoseSettings,
    SkinAnimator,
    _bvls,
    _smoothing,
    fit_jaw,
    pose_tongue,
)

PERIOD = 1 / 60
FRAMES = 40


def _inputs(model: FaceModel, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    info = model.pack.info
    sound = speechlike(2.0, seed=seed)
    audio = np.stack([sound[k * 266 : k * 266 + info.window] for k in range(FRAMES)])
    emotion = np.random.default_rng(seed).uniform(size=(FRAMES, 10)).astype(np.float32)
    return audio, emotion


def _naive(
    model: FaceModel, overrides: Mapping[str, float], result: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Weights by way of vertices: animators, D^T (pose - neutral), solver one frame at a time."""
    pack, parameters = model.face().identity, model.face().parameters | dict(overrides)
    assert pack.tongue
    skin = SkinAnimator(pack, parameters, PERIOD)
    ns, nt = model.pack.info.skin_columns, model.pack.info.tongue_columns
    out = np.zeros((len(result), 68))
    for poses, part, start in ((pack.skin, "skin", 0), (pack.tongue, "tongue", 52)):
        from a2fbridge.face import SolverSystem

        system = SolverSystem.build(poses)
        previous, sides = np.zeros((1, len(system.active))), np.zeros((1, len(system.active)), np.int8)
        for k, row in enumerate(result):
            vertices = skin(row[:ns]) if part == "skin" else pose_tongue(pack, parameters, row[ns : ns + nt])
            b = system.right_hand_side(vertices)[None]
            w = _bvls.solve_bvls_numpy(system, b, np.zeros(1, np.intp), previous, sides)
            out[k, start + system.active] = w[0]
    return out


OVERRIDES = [
    {},
    {"faceMaskLevel": 0.4, "faceMaskSoftness": 0.2, "upperFaceSmoothing": 0.05, "lowerFaceSmoothing": 0.0},
    {
        "eyelidOpenOffset": -0.5,
        "blinkOffset": 0.7,
        "blinkStrength": 1.5,
        "lipOpenOffset": 0.2,
        "skinStrength": 0.5,
    },
    {"tongueStrength": 2.5, "tongueHeightOffset": -1.0, "tongueDepthOffset": 2.0, "upperFaceStrength": 0.0},
]


@pytest.mark.parametrize("overrides", OVERRIDES)
def test_folded_equals_naive(overrides: dict[str, float]) -> None:
    pack = make_pack()
    model = FaceModel(pack, RandomNetwork(pack))
    slot = model.open(FaceSettings(overrides), PERIOD)
    audio, emotion = _inputs(model)
    result = model.infer(audio, emotion[:, None], np.full(FRAMES, slot, np.intp)).rows[:, 0]
    weights = run(model, audio, emotion, np.full(FRAMES, slot, np.intp)).weights
    expected = _naive(model, overrides, result)
    assert weights[:, :52].std() > 0.02
    np.testing.assert_allclose(weights, expected, atol=1e-5)


def test_numpy_twins_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pack = make_pack()

    def weights() -> NDArray[np.float32]:
        model = FaceModel(pack, RandomNetwork(pack))
        slots = [model.open(FaceSettings(o), PERIOD) for o in OVERRIDES]
        audio, emotion = _inputs(model)
        return run(model, audio, emotion, np.repeat(slots, FRAMES // 4).astype(np.intp)).weights

    compiled = weights()
    monkeypatch.setattr(_bvls, "COMPILED", False)
    monkeypatch.setattr(_smoothing, "_COMPILED", False)
    np.testing.assert_allclose(weights(), compiled, atol=1e-6)


@pytest.mark.parametrize("solver", ["bvls", "admm"])
def test_a_stream_does_not_feel_its_neighbours(solver: str) -> None:
    """Alone frame by frame, and in mixed batches with other streams at other places: the same numbers."""
    pack = make_pack()
    alone = FaceModel(pack, RandomNetwork(pack), solver)
    audio, emotion = _inputs(alone)
    slot = alone.open(FaceSettings(), PERIOD)
    single = [
        run(alone, audio[k : k + 1], emotion[k : k + 1], np.array([slot])).weights[0] for k in range(FRAMES)
    ]

    mixed = FaceModel(pack, RandomNetwork(pack), solver)
    others = [mixed.open(FaceSettings(o), PERIOD) for o in OVERRIDES]
    mine = mixed.open(FaceSettings(), PERIOD)
    noise, feelings = _inputs(mixed, seed=9)
    together = []
    for k in range(0, FRAMES, 3):
        mine_rows = np.arange(k, min(k + 3, FRAMES))
        batch = np.concatenate([noise[: k % 5 + 1], audio[mine_rows]])
        slots = [others[i % 4] for i in range(k % 5 + 1)] + [mine] * len(mine_rows)
        feeling = np.concatenate([feelings[: k % 5 + 1], emotion[mine_rows]])
        together.append(run(mixed, batch, feeling, np.array(slots, np.intp)).weights[-len(mine_rows) :])
    np.testing.assert_allclose(np.concatenate(together), single, atol=1e-5)


def test_reset_makes_the_next_row_a_first_frame() -> None:
    pack = make_pack()
    model = FaceModel(pack, RandomNetwork(pack))
    slot = model.open(FaceSettings(rig=True), PERIOD)
    audio, emotion = _inputs(model)
    rows = np.full(FRAMES, slot, np.intp)
    first = run(model, audio, emotion, rows)
    model.reset(slot)
    again = run(model, audio, emotion, rows)
    np.testing.assert_array_equal(first.weights, again.weights)
    np.testing.assert_array_equal(first.eyes[7], again.eyes[7])
    assert not np.allclose(run(model, audio, emotion, rows).weights[0], first.weights[0])


def test_gains_offsets_and_clamping() -> None:
    pack = make_pack()
    model = FaceModel(pack, RandomNetwork(pack))
    settings = FaceSettings(
        multipliers={"JawOpen": 3.0, "EyeBlinkLeft": 0.0}, offsets={"EyeBlinkLeft": 0.25, "TongueOut": -0.5}
    )
    plain, changed = model.open(FaceSettings(), PERIOD), model.open(settings, PERIOD)
    clamped = model.open(
        FaceSettings(multipliers=settings.multipliers, offsets=settings.offsets, clamp=True), PERIOD
    )
    audio, emotion = _inputs(model)
    a, b, c = (
        run(model, audio, emotion, np.full(FRAMES, s, np.intp)).weights for s in (plain, changed, clamped)
    )
    jaw, blink, out = (shapes.INDEX[n] for n in ("JawOpen", "EyeBlinkLeft", "TongueOut"))
    assert a[:, jaw].max() > 0.4
    np.testing.assert_allclose(b[:, jaw], 3 * a[:, jaw], rtol=1e-6)
    assert (b[:, blink] == np.float32(0.25)).all()
    assert (b[:, out] == np.float32(-0.5)).all()
    np.testing.assert_array_equal(c, np.clip(b, 0, 1))


def test_rows_that_are_not_finite_leave_the_others_alone() -> None:
    pack = make_pack()
    network = RandomNetwork(pack)
    model = FaceModel(pack, network)
    good, bad = model.open(FaceSettings(), PERIOD), model.open(FaceSettings(), PERIOD)
    audio, emotion = _inputs(model)
    expected = run(model, audio[:2], emotion[:2], np.array([good, good])).weights
    model.reset(good)
    network.poison = True
    loud = audio[:2].copy()
    loud[1, 0] = 1.2
    result = run(
        model, np.stack([loud[0], loud[1], audio[1]]), emotion[[0, 1, 1]], np.array([good, bad, good])
    )
    assert result.ok.tolist() == [True, False, True]
    assert not result.weights[1].any()
    np.testing.assert_allclose(result.weights[[0, 2]], expected, atol=1e-6)


def test_rig_follows_rigid_motion() -> None:
    rng = np.random.default_rng(0)
    neutral = rng.uniform(-10, 10, (6, 3)).astype(np.float32)
    for _ in range(50):
        q, r = np.linalg.qr(rng.normal(size=(3, 3)))
        rotation = q * np.sign(np.diag(r))
        rotation[:, 0] *= np.sign(np.linalg.det(rotation))
        shift = rng.normal(size=3)
        moved = neutral @ rotation.T + shift
        transform = fit_jaw(neutral, moved[None])[0]
        np.testing.assert_allclose(transform[:3, :3], rotation, atol=1e-4)
        np.testing.assert_allclose(transform[:3, 3], shift, atol=1e-4)


def test_eyes_play_darts_at_thirty_frames_a_second() -> None:
    pack = make_pack()
    model = FaceModel(pack, RandomNetwork(pack))
    settings = FaceSettings(
        {"eyeballsStrength": 0.0, "leftEyeRotYOffset": 3.0, "eyeSaccadeSeed": 2.0}, rig=True
    )
    slot = model.open(settings, PERIOD)
    audio, emotion = _inputs(model)
    eyes = run(model, audio, emotion, np.full(FRAMES, slot, np.intp)).eyes
    for k in range(FRAMES):
        dart = 0.9 * pack.identities[0].saccade[2 + k // 2]
        np.testing.assert_allclose(eyes[k][0], [dart[0], dart[1], 0], atol=1e-5)
        np.testing.assert_allclose(eyes[k][1], [dart[0], dart[1] + 3, 0], atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (FaceSettings({"skinStrenght": 1.0}), "did you mean 'skinStrength'"),
        (FaceSettings({"skinStrength": 2.5}), "0 to 2"),
        (FaceSettings({"skinStrength": float("nan")}), "NaN"),
        (FaceSettings(multipliers={"JawOpne": 1.0}), "did you mean 'JawOpen'"),
        (FaceSettings(offsets={"JawOpen": float("inf")}), "finite"),
    ],
)
def test_bad_settings_are_refused(settings: FaceSettings, text: str) -> None:
    pack = make_pack()
    with pytest.raises(ParameterError, match=text):
        FaceModel(pack, RandomNetwork(pack)).open(settings, PERIOD)


def test_unknown_solver_is_refused() -> None:
    pack = make_pack()
    with pytest.raises(ConfigError, match="did you mean 'bvls'"):
        FaceModel(pack, RandomNetwork(pack), "blvs")


def test_pose_settings() -> None:
    pack = make_pack()
    model = FaceModel(pack, RandomNetwork(pack), poses=PoseSettings(active={"JawOpen": False}, tongue=False))
    assert len(model.face().names) == 52
    slot = model.open(FaceSettings(), PERIOD)
    audio, emotion = _inputs(model)
    assert (
        not run(model, audio, emotion, np.full(FRAMES, slot, np.intp))
        .weights[:, shapes.INDEX["JawOpen"]]
        .any()
    )
    with pytest.raises(ParameterError, match="JawOpen"):
        FaceModel(pack, RandomNetwork(pack), poses=PoseSettings(active={"JawOpne": False}))


def test_slots_are_reused_and_grow() -> None:
    pack = make_pack()
    model = FaceModel(pack, RandomNetwork(pack))
    slots = [model.open(FaceSettings(), PERIOD) for _ in range(30)]
    assert len(set(slots)) == 30
    model.close(slots[3])
    assert model.open(FaceSettings(), PERIOD) == slots[3]
