"""Mapping tables as users meet them: loading, conventions, names, extending, explaining, refusing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_mapping import pyyaml_value

from a2fbridge import shapes
from a2fbridge._errors import ConventionError, MappingError, ParameterError
from a2fbridge.animation import Animation
from a2fbridge.mapping import MappingTable, list_tables, profile_names, shipped_profile

ROOT = Path(__file__).parents[2]
REFUSED = json.loads((ROOT / "tests/vectors/mapping/refused.json").read_text(encoding="utf-8"))
FEATURES = sorted((ROOT / "tests/vectors/mapping").glob("*.yaml"))
HEAD = "schema_version: 1\nname: t\nconvention: a2f\n"
CUSTOM = HEAD + "target: {profile: custom, curves: [a, b, cL, cR]}\n"


def clip(weights: np.ndarray, convention: shapes.Convention = "a2f") -> Animation:
    count = len(weights)
    return Animation(
        names=shapes.FACE_NAMES,
        convention=convention,
        frame_rate=Fraction(30),
        weights=weights.astype(np.float32),
        sample_indices=np.arange(count) * 533,
        emotions=np.zeros((count, 10), dtype=np.float32),
    )


def frame(**values: float) -> np.ndarray:
    weights = np.zeros(68)
    for name, value in values.items():
        weights[shapes.INDEX[name]] = value
    return weights


# --- shipped tables -----------------------------------------------------------------------------------------


def test_the_shipped_tables() -> None:
    assert list_tables() == ("arkit", "cc4", "mh3", "mh4", "vrm", "vrm_perfect_sync")


@pytest.mark.parametrize("name", list_tables())
def test_a_shipped_table_is_complete_and_says_where_it_comes_from(name: str) -> None:
    table = MappingTable.load(name)
    assert table.name == name
    assert table.convention == "a2f"
    assert table.warnings == ()
    assert table.provenance
    assert table.description
    rest = table.apply(np.zeros((1, 68)), shapes.FACE_NAMES)
    assert not rest.any(), "a face at rest stays at rest"


def test_profiles_hold_the_curves_of_their_rigs() -> None:
    sizes = {name: len(shipped_profile(name).curves) for name in profile_names()}
    assert sizes["metahuman_mh4"] == 251
    assert sizes["arkit_52"] == sizes["vrm_perfect_sync"] == 52
    assert sizes["live_link"] == 61
    assert sizes["vrm"] == 18
    mh3, mh4 = (set(shipped_profile(f"metahuman_mh{n}").curves) for n in (3, 4))
    assert {"tongueRollUp", "tongueRollDown", "tongueRollLeft", "tongueRollRight"} == mh3 - mh4


def test_mh4_drives_every_source_and_mh3_only_renames_the_rolls() -> None:
    mh4, mh3 = MappingTable.load("mh4"), MappingTable.load("mh3")
    assert set(mh4.targets) - set(mh3.targets) == {
        f"CTRL_expressions_tongue{name}" for name in ("BendUp", "BendDown", "TwistLeft", "TwistRight")
    }
    for name in shapes.FACE_NAMES:
        moved = mh4.apply(frame(**{name: 0.5}), shapes.FACE_NAMES)
        assert moved.max() >= 0.25, name


def test_a_closed_m_is_sealed_on_a_metahuman() -> None:
    table = MappingTable.load("mh4")
    row = dict(zip(table.targets, table.apply(frame(MouthClose=0.3), shapes.FACE_NAMES), strict=True))
    assert row["CTRL_expressions_jawOpen"] == pytest.approx(0.3)
    assert row["CTRL_expressions_mouthLipsTogetherUL"] == pytest.approx(1.0, abs=1e-3)
    row = dict(zip(table.targets, table.apply(frame(JawOpen=0.3), shapes.FACE_NAMES), strict=True))
    assert row["CTRL_expressions_jawOpen"] == pytest.approx(0.3)
    assert row["CTRL_expressions_mouthLipsTogetherUL"] == 0


def test_the_arkit_table_agrees_with_the_conversion_of_shapes() -> None:
    weights = np.random.default_rng(1).random((20, 68)).astype(np.float32)
    table = MappingTable.load("arkit")
    assert table.targets == tuple(shapes.camel_case(name) for name in shapes.ARKIT_NAMES)
    expected = shapes.a2f_to_arkit(weights)[:, :52]
    np.testing.assert_allclose(table.apply(weights, shapes.FACE_NAMES), expected, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_vrm_vowels_never_sum_to_more_than_one(seed: int) -> None:
    weights = np.random.default_rng(seed).random((20, 68)) * 2 - 0.5
    table = MappingTable.load("vrm")
    rows = table.apply(weights, shapes.FACE_NAMES)
    vowels = rows[:, [table.targets.index(name) for name in ("aa", "ih", "ou", "ee", "oh")]]
    assert vowels.sum(axis=1).max() <= 1.0 + 1e-6
    assert (rows >= 0).all()


# --- use ----------------------------------------------------------------------------------------------------


def test_map_gives_a_target_animation() -> None:
    animation = clip(np.random.default_rng(0).random((5, 68)))
    table = MappingTable.load("mh4")
    mapped = table.map(animation)
    assert mapped.convention == "target"
    assert mapped.names == table.targets
    assert mapped.weights.shape == (5, len(table.targets))
    assert mapped.weights.dtype == np.float32
    assert mapped.frame_rate == animation.frame_rate
    np.testing.assert_array_equal(mapped.sample_indices, animation.sample_indices)


def test_map_refuses_the_other_convention_and_says_what_to_do() -> None:
    table = MappingTable.load("mh4")
    with pytest.raises(ConventionError, match=r"to_convention\('a2f'\)"):
        table.map(clip(np.zeros((1, 68)), "arkit"))
    with pytest.raises(ConventionError, match="mapped already"):
        table.map(table.map(clip(np.zeros((1, 68)))))


def test_frames_are_independent_of_each_other() -> None:
    weights = np.random.default_rng(3).random((40, 68))
    table = MappingTable.load("mh4")
    together = table.apply(weights, shapes.FACE_NAMES)
    alone = np.stack([table.apply(row, shapes.FACE_NAMES) for row in weights])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_no_frames_give_no_rows() -> None:
    table = MappingTable.load("mh4")
    assert table.apply(np.zeros((0, 68)), shapes.FACE_NAMES).shape == (0, len(table.targets))


def test_weights_and_names_must_agree() -> None:
    table = MappingTable.load("mh4")
    with pytest.raises(ParameterError, match="68 names"):
        table.apply(np.zeros((2, 52)), shapes.FACE_NAMES)
    with pytest.raises(ParameterError, match="stands twice"):
        table.apply(np.zeros((1, 2)), ("JawOpen", "jawopen"))


def test_missing_sources_are_named() -> None:
    assert MappingTable.load("mh4").missing(shapes.ARKIT_NAMES) == shapes.TONGUE_NAMES


def test_params_change_a_table_and_unknown_ones_are_refused() -> None:
    row = MappingTable.load("mh4", {"Blink_Gain": 2}).apply(frame(EyeBlinkLeft=0.2), shapes.FACE_NAMES)
    assert row.max() == pytest.approx(0.4)
    with pytest.raises(ParameterError, match="blink_gain"):
        MappingTable.load("mh4", {"blink_gian": 2})
    with pytest.raises(ParameterError, match="finite"):
        MappingTable.load("mh4", {"blink_gain": float("nan")})


def test_explain_names_the_sources_of_a_curve() -> None:
    table = MappingTable.load("mh4")
    explained = table.explain(frame(MouthFunnel=0.4, MouthPucker=0.8), shapes.FACE_NAMES, "mouthFunnelUL")
    (target,) = explained.targets
    assert target.curve == "CTRL_expressions_mouthFunnelUL"
    assert target.value == pytest.approx(1.0)
    assert target.combined == pytest.approx(0.4 + 0.75 * 0.8)
    assert [(part.source, part.combine) for part in target.contributions] == [
        ("MouthFunnel", "add"),
        ("MouthPucker", "add"),
    ]
    assert target.contributions[1].amount == pytest.approx(0.6)
    assert "add 0.6000 from MouthPucker 0.8000" in str(explained)
    with pytest.raises(ParameterError, match="mouthFunnelUL"):
        table.explain(frame(), shapes.FACE_NAMES, "mouthFunelUL")


def test_explain_adds_up_to_apply() -> None:
    weights = np.random.default_rng(5).random(68)
    table = MappingTable.load("mh4")
    values = [target.value for target in table.explain(weights, shapes.FACE_NAMES).targets]
    np.testing.assert_allclose(values, table.apply(weights, shapes.FACE_NAMES), atol=1e-6)


def test_unmapped_sources_are_warned_of() -> None:
    text = CUSTOM + "source: {profile: arkit_52}\nmappings: {JawOpen: [{curve: a}]}\n"
    table = MappingTable.parse(text)
    assert len(table.warnings) == 51
    assert "EyeBlinkLeft" in str(table.warnings[0])
    assert MappingTable.parse(text + "defaults: {on_unmapped_source: ignore}\n").warnings == ()


# --- refusing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_a_wrong_table_says_what_and_where(case: dict[str, Any]) -> None:
    with pytest.raises(MappingError) as caught:
        MappingTable.parse(case["text"])
    error = caught.value
    assert (error.code, error.line, error.column) == (case["code"], case["line"], case["column"])


def test_unknown_names_come_with_the_nearest() -> None:
    text = HEAD + "target: {profile: metahuman_mh4}\nmappings:\n  JawOpen: [{curve: jawOpn}]\n"
    with pytest.raises(MappingError, match=r"<table>:6:21: .*did you mean 'jawOpen'"):
        MappingTable.parse(text)
    with pytest.raises(MappingError, match="did you mean 'mh4'"):
        MappingTable.load("mh5")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_table_with_a_piece_torn_out_is_loaded_or_refused(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(FEATURES)).read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    torn = (
        text[:start]
        + data.draw(st.sampled_from(("", "1", ":", "[", "}", "x: 2\n", "$p", "- ", "~")))
        + text[end:]
    )
    try:
        table = MappingTable.parse(torn)
    except MappingError as error:
        code = error.code
    else:
        code = "loaded"
        weights = np.random.default_rng(0).normal(0, 10, (3, len(table.sources)))
        assert np.isfinite(table.apply(weights, table.sources)).all()
    assert code


# --- extending ----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


Write = Callable[[str, str], Path]


def test_a_users_table_extends_a_shipped_one(folder: Write) -> None:
    path = folder(
        "mine.yaml", HEAD + "extends: mh4\nparams: {blink_gain: 3}\nmappings: {TongueStretch: []}\n"
    )
    table = MappingTable.load(path)
    assert table.apply(frame(EyeBlinkLeft=0.2), shapes.FACE_NAMES).max() == pytest.approx(0.6)
    assert table.targets == MappingTable.load("mh4").targets
    assert not table.apply(frame(TongueStretch=1), shapes.FACE_NAMES).any()


def test_errors_name_the_file_of_the_chain(folder: Write) -> None:
    folder("base.yaml", CUSTOM + "mappings: {JawOpen: [{curve: nothing}]}\n")
    path = folder("mine.yaml", HEAD + "extends: base.yaml\n")
    with pytest.raises(MappingError, match=r"base\.yaml:5:30"):
        MappingTable.load(path)


@pytest.mark.parametrize("base", ["../outside.yaml", "/etc/hostname", "sub/../../outside.yaml", "link.yaml"])
def test_extends_stays_in_its_folder(folder: Write, base: str) -> None:
    outside = folder("outside.yaml", CUSTOM)
    path = folder("inner/mine.yaml", HEAD + f"extends: {base}\n")
    folder("inner/sub/x.yaml", CUSTOM)
    (path.parent / "link.yaml").symlink_to(outside)
    with pytest.raises(MappingError, match="outside the table's folder") as caught:
        MappingTable.load(path)
    assert caught.value.code == "extends"


def test_circles_and_long_chains_are_refused(folder: Write) -> None:
    folder("a.yaml", HEAD + "extends: b.yaml\n")
    path = folder("b.yaml", HEAD + "extends: a.yaml\n")
    with pytest.raises(MappingError, match="extends itself"):
        MappingTable.load(path)
    folder("t0.yaml", CUSTOM)
    for i in range(1, 9):
        last = folder(f"t{i}.yaml", HEAD + f"extends: t{i - 1}.yaml\n")
    with pytest.raises(MappingError, match="more than 8 tables"):
        MappingTable.load(last)
    assert MappingTable.load(last.with_name("t7.yaml")).targets == ()


def test_text_finds_files_only_where_it_may(folder: Write) -> None:
    path = folder("base.yaml", CUSTOM + "constants: {a: 1}\n")
    text = HEAD + "extends: base.yaml\n"
    with pytest.raises(MappingError, match="no shipped table"):
        MappingTable.parse(text)
    assert MappingTable.parse(text, folder=path.parent).targets == ("a",)


def test_the_shipped_folder_can_be_copied_and_used(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "mappings" / "metahuman", tmp_path / "m")
    assert MappingTable.load(tmp_path / "m" / "mh3.yaml").targets == MappingTable.load("mh3").targets


# --- the JSON schema ----------------------------------------------------------------------------------------

SCHEMA = json.loads((ROOT / "mappings" / "table.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
TABLES = [path for path in (ROOT / "mappings").glob("*/*.yaml") if path.parent.name != "profiles"]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", [*TABLES, *FEATURES], ids=lambda path: path.stem)
def test_the_schema_accepts_what_the_loader_accepts(path: Path) -> None:
    MappingTable.load(path)
    VALIDATOR.validate(pyyaml_value(path.read_bytes()))


SEMANTIC = {"custom_without_curves", "curves_without_custom", "source_twice"}


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_the_schema_refuses_wrong_shapes_and_only_those(case: dict[str, Any]) -> None:
    shape = case["code"] == "schema" and case["name"] not in SEMANTIC
    assert VALIDATOR.is_valid(pyyaml_value(case["text"])) != shape or case["name"] in (
        "unknown_source_profile",  # the schema lists source profiles
        "yaml_error_first",
    )
