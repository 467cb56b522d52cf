"""The parity list names what there is: every node, pin, parameter and setting of ours in it exists in the headers."""

from __future__ import annotations

import re

import pytest
from ue_lint import load_project
from ue_project import types_of
from ue_source import ROOT

PARITY = (ROOT / "docs" / "unreal_parity.md").read_text()
# Words of Unreal's own user interface.
UNREALS = {"Editor Preferences"}
ACE_PARAMETERS = (
    "skinStrength upperFaceStrength lowerFaceStrength eyelidOpenOffset blinkStrength lipOpenOffset upperFaceSmoothing "
    "lowerFaceSmoothing faceMaskLevel faceMaskSoftness tongueStrength tongueHeightOffset tongueDepthOffset"
).split()
ACE_EMOTIONS = "Amazement Anger Cheekiness Disgust Fear Grief Joy OutOfBreath Pain Sadness".split()


def plain(name: str) -> str:
    """Spelling without case, spaces and hyphens."""
    return re.sub(r"[^a-z0-9()]", "", name.lower())


@pytest.fixture(scope="module")
def known() -> set[str]:
    """Everything that Blueprint, a details panel or a console shows of the plugin."""
    names: set[str] = set()
    for source, found in types_of(load_project()):
        names |= {found.name[1:], re.sub("^A2FBridge", "A2F", found.name[1:])}
        names |= {name for name, _ in found.enumerators}
        for member in found.members:
            names |= {member.name, re.sub("^b(?=[A-Z])", "", member.name)}
            names |= {parameter.name.partition("=")[0].strip() for parameter in member.parameters}
        names |= set(re.findall(r'DisplayName = "([^"]+)"', source.text))
        names |= set(re.findall(r"^FText.*GetNodeTitle", source.text, re.M))
    names |= {"A2F Face", "Apply A2F Face", "Local"}  # component, AnimGraph node (its title), connection
    return {plain(name) for name in names}


def right_column() -> str:
    """The second cell of each row: ours."""
    rows = [line.split("|")[2] for line in PARITY.splitlines() if line.startswith("| ")]
    return "\n".join(rows)


def test_every_node_and_setting_named_exists(known: set[str]) -> None:
    named = set(re.findall(r"\*([A-Z][\w ()/-]+)\*", right_column())) - UNREALS
    assert len(named) > 30
    assert {name for name in named if plain(name) not in known} == set()


def test_every_property_named_exists(known: set[str]) -> None:
    named = set(re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b", right_column()))
    named -= {
        "MetaHuman",
        "MetaHumans",
        "AnimSequences",
        "AnimInstance",
        "AnimGraph",
        "MouthClose",
        "PreWarm",
    }
    assert len(named) > 15
    assert {name for name in named if plain(name) not in known} == set()


@pytest.mark.parametrize("name", [*ACE_PARAMETERS, *ACE_EMOTIONS])
def test_each_of_aces_parameters_is_ours(known: set[str], name: str) -> None:
    assert plain(name) in known
    assert f"override{plain(name)}" in known  # with a tick each


def test_each_of_aces_functions_stands_in_the_list() -> None:
    for name in (
        "Get Audio2Face-3D Connection Info",
        "Get Available Audio2Face-3D Provider Names",
        "Animate Character From Sound Wave Async",
        "Inference Burst Mode",
        "Max Initial Chunk Size",
        "Allocate / Free Audio2Face-3D Resources",
        "Subscribe Character To Stream",
        "Stop Character",
        "Create Audio2Face Parameters",
        "Get Default Parameter Map / Blendshape Map",
        "Audio Send Completed",
        "OverallEmotionStrength",
        "DetectedEmotionContrast",
        "MaxDetectedEmotions",
        "DetectedEmotionSmoothing",
        "EmotionOverrideStrength",
        "bBlendOutToZero",
        "BlendshapeMultipliers",
        "HeadBone",
        "NvCF Function Id",
        "a2f3d.dump",
    ):
        assert name in PARITY, name
