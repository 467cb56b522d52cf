"""The head that ships: consistent, symmetric, and its shapes do what their names say."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge._errors import PackError, ParameterError
from a2fbridge.training.head import Head, load_head, named_weights, save_head

Floats = NDArray[np.float32]
FLIP = np.array([-1.0, 1.0, 1.0], np.float32)


@pytest.fixture(scope="module")
def head() -> Head:
    return load_head()


def posed(head: Head, **weights: float) -> Floats:
    return head.skin(named_weights(weights))


def both(name: str, weight: float) -> dict[str, float]:
    return {f"{name}Left": weight, f"{name}Right": weight}


def seam(head: Head, skin: Floats) -> Floats:
    """Return the gap between the lips' outlines [X] at even steps over the middle 3 cm, centimetres."""
    x = np.linspace(-1.5, 1.5, 31)
    upper, lower = (
        [np.interp(x, skin[loop, 0], skin[loop, 1]) for loop in loops] for loops in head.lip_columns
    )
    return np.asarray(np.min(upper, axis=0) - np.max(lower, axis=0), np.float32)


def test_arrays_are_finite_and_consistent(head: Head) -> None:
    count = len(head.skin_neutral)
    assert 4000 <= count <= 5000
    assert head.skin_deltas.shape == (52, count, 3)
    assert head.tongue_deltas.shape == (16, len(head.tongue_neutral), 3)
    for array in (
        head.skin_neutral,
        head.skin_deltas,
        head.tongue_deltas,
        head.tongue_carried,
        head.lip_open,
    ):
        assert array.dtype == np.float32
        assert np.isfinite(array).all()
    for faces, vertices in ((head.skin_faces, head.skin_neutral), (head.tongue_faces, head.tongue_neutral)):
        assert faces.dtype == np.int32
        assert set(np.unique(faces)) == set(range(len(vertices)))
    assert head.frontal_mask.dtype == np.int32
    assert len(np.unique(head.frontal_mask)) == len(head.frontal_mask) > 1500


def test_uncompressed_pack_stays_within_its_size(head: Head) -> None:
    assert len(head.skin_neutral) * 12 * (48 + 54) <= 6_000_000


def test_every_shape_moves_something_plausible(head: Head) -> None:
    largest = np.linalg.norm(head.skin_deltas, axis=2).max(axis=1)
    quiet = {shapes.ARKIT_NAMES[i] for i in np.flatnonzero(largest < 0.09)}
    assert quiet == {"TongueOut"}
    assert largest.max() < 4.0
    tongue = np.linalg.norm(head.tongue_deltas, axis=2).max(axis=1)
    assert (tongue > 0.4).all()
    assert (tongue < 2.2).all()


def test_left_and_right_mirror_each_other(head: Head) -> None:
    assert np.allclose(head.skin_neutral[head.mirror] * FLIP, head.skin_neutral, atol=2e-3)
    for index, name in enumerate(shapes.ARKIT_NAMES):
        partner = name.replace("Left", "*").replace("Right", "Left").replace("*", "Right")
        mirrored = head.skin_deltas[shapes.INDEX[partner]][head.mirror] * FLIP
        assert np.abs(mirrored - head.skin_deltas[index]).max() <= 6e-4, name


def test_faces_look_outwards(head: Head) -> None:
    solids = [(head.tongue_neutral, head.tongue_faces)]
    solids += [(p.vertices, p.faces) for p in head.parts if p.name.startswith(("eye", "teeth"))]
    for vertices, faces in solids:
        a, b, c = (vertices[faces[:, i]] - vertices.mean(axis=0) for i in range(3))
        assert np.einsum("ij,ij->", a, np.cross(b, c)) > 0


def test_the_mouth_is_shut_at_rest_and_opens_with_the_jaw(head: Head) -> None:
    opening = [float(head.mouth_aperture(posed(head, JawOpen=w))) for w in (0.0, 0.1, 0.3, 0.6, 1.0)]
    assert opening[0] == 0.0
    assert all(a < b for a, b in itertools.pairwise(opening))
    assert opening[-1] > 2.0


@pytest.mark.parametrize("weight", [0.05, 0.1, 0.2, 0.3, 0.5, 1.0])
def test_mouth_close_seals_the_lips_over_an_open_jaw(head: Head, weight: float) -> None:
    skin = posed(head, MouthClose=weight)
    assert float(head.mouth_aperture(skin)) == pytest.approx(0.0, abs=1e-3)
    chin = head.skin_neutral[:, 1].copy()
    chin[head.skin_neutral[:, 2] < 8.0] = np.inf
    lowest = int(np.argmin(chin))
    assert skin[lowest, 1] - head.skin_neutral[lowest, 1] < -1.4 * weight
    assert seam(head, skin).max() < 0.03
    depth = skin[head.lip_columns[:, 2], 2]
    assert np.abs(depth[0] - depth[1]).max() < 0.5


@pytest.mark.parametrize("name", ["MouthPress", "MouthSmile", "MouthFrown", "MouthDimple", "MouthStretch"])
def test_shapes_that_keep_the_lips_together(head: Head, name: str) -> None:
    assert float(head.mouth_aperture(posed(head, **both(name, 1.0)))) < 0.02


@pytest.mark.parametrize(
    "name", ["MouthRollLower", "MouthRollUpper", "MouthPucker", "JawForward", "CheekPuff"]
)
def test_unpaired_shapes_that_keep_the_lips_together(head: Head, name: str) -> None:
    assert float(head.mouth_aperture(posed(head, **{name: 1.0}))) < 0.02


def test_mouth_measures_follow_the_shapes(head: Head) -> None:
    rest = float(head.mouth_width(head.skin_neutral))
    assert float(head.mouth_width(posed(head, **both("MouthSmile", 1.0)))) > rest + 0.5
    assert float(head.mouth_width(posed(head, MouthPucker=1.0))) < rest - 0.5
    assert float(head.mouth_protrusion(head.skin_neutral)) == 0.0
    assert float(head.mouth_protrusion(posed(head, MouthPucker=1.0))) > 0.2


@pytest.mark.parametrize(("side", "name"), [(0, "EyeBlinkRight"), (1, "EyeBlinkLeft")])
def test_a_blink_closes_its_own_eye(head: Head, side: int, name: str) -> None:
    rest, shut = head.lid_aperture(head.skin_neutral), head.lid_aperture(posed(head, **{name: 1.0}))
    assert rest[side] > 0.6
    assert shut[side] == 0.0
    assert shut[1 - side] == rest[1 - side]


@pytest.mark.parametrize("weight", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_lids_slide_outside_the_eyeball(head: Head, weight: float) -> None:
    skin = posed(head, **both("EyeBlink", weight))
    for side in (0, 1):
        margin = skin[head.lid_columns[side, :, 1:5]]
        distance = np.linalg.norm(margin - head.eye_centres[side], axis=-1)
        assert distance.min() > head.eye_radius


def test_lip_open_and_eye_close_are_offsets_of_their_meaning(head: Head) -> None:
    assert float(head.mouth_aperture(head.skin_neutral + head.lip_open)) > 0.4
    assert (head.lid_aperture(head.skin_neutral + head.eye_close) == 0.0).all()


def test_the_jaw_turns_about_its_hinge(head: Head) -> None:
    moved = head.jaw_points(named_weights({"JawOpen": 1.0}))
    assert moved.shape == (5, 3)
    assert moved[0, 1] < -2.0
    assert np.linalg.matrix_rank(head.jaw_neutral - head.jaw_neutral.mean(axis=0), tol=0.1) == 3
    posed_points = head.jaw_neutral + moved
    lengths = [np.linalg.norm(p[0] - p, axis=1) for p in (head.jaw_neutral, posed_points)]
    assert np.allclose(*lengths, atol=1e-4)
    assert np.allclose(head.jaw_points(named_weights({"MouthClose": 1.0})), moved)
    assert head.jaw_points(named_weights({"JawLeft": 1.0}))[0, 0] > 0.3
    batch = np.stack([named_weights({}), named_weights({"JawOpen": 1.0})])[None]
    assert head.jaw_points(batch).shape == (1, 2, 5, 3)
    assert np.allclose(head.jaw_points(batch)[0, 1], moved, atol=1e-5)


def test_eyes_turn_where_the_shapes_say(head: Head) -> None:
    pupils = {p.name: p for p in head.parts if p.name.startswith("eye")}
    for name, axis, sign in (
        ("EyeLookUpLeft", 1, 1),
        ("EyeLookDownLeft", 1, -1),
        ("EyeLookInLeft", 0, -1),
        ("EyeLookOutLeft", 0, 1),
    ):
        weights = named_weights({name: 1.0})
        moved = head.part(pupils["eye_left"], weights)[0] - pupils["eye_left"].vertices[0]
        assert moved[axis] * sign > 0.3, name
        assert not (head.part(pupils["eye_right"], weights) - pupils["eye_right"].vertices).any()


def tip(head: Head, name: str) -> Floats:
    front = head.tongue_neutral[:, 2] > head.tongue_neutral[:, 2].max() - 0.6
    return np.asarray(head.tongue_deltas[shapes.TONGUE_NAMES.index(name)][front].mean(axis=0), np.float32)


@pytest.mark.parametrize(
    ("name", "axis", "sign"),
    [
        ("TongueTipUp", 1, 1),
        ("TongueTipDown", 1, -1),
        ("TongueTipLeft", 0, 1),
        ("TongueTipRight", 0, -1),
        ("TongueRollUp", 1, 1),
        ("TongueRollDown", 1, -1),
        ("TongueLeft", 0, 1),
        ("TongueRight", 0, -1),
        ("TongueIn", 2, -1),
        ("TongueStretch", 2, 1),
    ],
)
def test_tongue_tips_go_where_their_names_say(head: Head, name: str, axis: int, sign: int) -> None:
    assert tip(head, name)[axis] * sign > 0.25


def test_the_rest_of_the_tongue_does_what_its_names_say(head: Head) -> None:
    x, _, z = head.tongue_neutral.T
    middle = np.abs(z - np.median(z)) < 1.0
    front = z > np.quantile(z, 0.6)

    def shape(name: str) -> Floats:
        return head.tongue_deltas[shapes.TONGUE_NAMES.index(name)]

    assert shape("TongueUp")[middle, 1].mean() > 0.4
    assert shape("TongueDown")[middle, 1].mean() < -0.3
    assert (shape("TongueWide")[front, 0] * np.sign(x[front])).mean() > 0.1
    assert (shape("TongueNarrow")[front, 0] * np.sign(x[front])).mean() < -0.1
    left, right = front & (x > 0.8), front & (x < -0.8)
    assert shape("TongueRollLeft")[left, 1].mean() < shape("TongueRollLeft")[right, 1].mean() - 0.3
    assert shape("TongueRollRight")[left, 1].mean() > shape("TongueRollRight")[right, 1].mean() + 0.3


def test_parts_follow_their_motion(head: Head) -> None:
    parts = {part.name: part for part in head.parts}
    assert set(parts) == {"brows", "eye_left", "eye_right", "lashes", "teeth_lower", "teeth_upper"}
    weights = named_weights({"JawOpen": 1.0, "BrowInnerUp": 1.0, "EyeBlinkLeft": 1.0})
    fall = (head.part(parts["teeth_lower"], weights) - parts["teeth_lower"].vertices)[:, 1]
    assert fall.mean() < -1.0
    assert (head.part(parts["teeth_upper"], weights) == parts["teeth_upper"].vertices).all()
    assert (head.part(parts["brows"], weights) - parts["brows"].vertices)[:, 1].max() > 0.3
    assert (head.part(parts["lashes"], weights) - parts["lashes"].vertices)[:, 1].min() < -0.8


def test_teeth_stay_behind_closed_lips(head: Head) -> None:
    lips = head.skin_neutral[head.lip_columns[:, 0]]
    for part in head.parts:
        if part.name.startswith("teeth"):
            assert part.vertices[:, 2].max() < lips[:, 4, 2].min()


def test_weights_are_checked(head: Head) -> None:
    with pytest.raises(ParameterError, match="52 to 68"):
        head.skin(np.zeros(51, np.float32))
    with pytest.raises(ParameterError, match="68 to 68"):
        head.tongue(np.zeros(52, np.float32))
    with pytest.raises(ParameterError, match="NaN"):
        head.skin(np.full(52, np.nan, np.float32))
    with pytest.raises(ParameterError, match="did you mean 'JawOpen'"):
        named_weights({"JawOpn": 1.0})


def test_saving_is_exact_and_repeatable(head: Head, tmp_path: Path) -> None:
    save_head(head, tmp_path / "a.npz")
    save_head(load_head(tmp_path / "a.npz"), tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def _rewrite(target: Path, **changes: NDArray[np.generic]) -> Path:
    from a2fbridge._resources import data_dir

    with np.load(data_dir() / "head" / "head.npz") as arrays:
        values = {name: arrays[name] for name in arrays.files} | changes
    np.savez(target, **values)
    return target


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"skin_deltas": np.zeros((51, 4319, 3), np.int16)}, "offsets of skin"),
        ({"skin_deltas": np.zeros((52, 4319, 3), np.float32)}, "int16 is right"),
        ({"skin_faces": np.full((9, 3), 60000, np.uint16)}, "faces of skin"),
        ({"frontal_mask": np.full(5, 60000, np.uint16)}, "frontal_mask points beyond"),
        ({"jaw_neutral": np.zeros((4, 3), np.float32)}, "jaw_neutral has shape"),
        ({"part.brows.motion": np.array(b"fly")}, "motion 'fly'"),
        ({"skin_neutral": np.full((4319, 3), np.nan, np.float32)}, "finite"),
    ],
)
def test_a_damaged_head_is_refused(
    tmp_path: Path, changes: dict[str, NDArray[np.generic]], message: str
) -> None:
    with pytest.raises(PackError, match=message):
        load_head(_rewrite(tmp_path / "bad.npz", **changes))


def test_files_that_are_no_head_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="not a usable head"):
        load_head(tmp_path / "missing.npz")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(PackError, match="not a usable head"):
        load_head(tmp_path / "text.npz")
    np.savez(tmp_path / "empty.npz", a=np.zeros(3))
    with pytest.raises(PackError, match="skin_deltas"):
        load_head(tmp_path / "empty.npz")
    np.savez_compressed(tmp_path / "bomb.npz", a=np.zeros(20 << 20, np.float32))
    with pytest.raises(PackError, match="more than 64 MiB"):
        load_head(tmp_path / "bomb.npz")
