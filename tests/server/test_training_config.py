"""The configuration: strict, with a schema, a starting file, a table in the guide; every option changes something."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import jsonschema
import pytest
import yaml

from a2fbridge import ConfigError, training_config, training_schema
from a2fbridge._resources import data_dir
from a2fbridge.training import read_run
from a2fbridge.training.config import KINDS, default_run, table

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("kind", KINDS)
def test_a_starting_file_says_the_defaults(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(training_config(kind))
    assert read_run(path) == default_run(kind)
    for _, _, meaning in table(default_run(kind)):
        assert meaning
    jsonschema.validate(yaml.safe_load(path.read_text()), training_schema())


def test_the_recipe_that_ships_is_the_default() -> None:
    assert (data_dir() / "training/builtin.yaml").read_text() == training_config("builtin")


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    jsonschema.Draft202012Validator.check_schema(training_schema())
    for text in ("seed: 1", "kind: compact\nsede: 1", "kind: compact\nfit: {steps: many}", "kind: builtin\ndataset: x",
                 "kind: reference\nfit: {losses: {mse: -1}}", "kind: compact\nfit: {minutes: 0}"):  # fmt: skip
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(yaml.safe_load(text), training_schema())


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("kind: compact\nfit:\n  stepz: 5", r"\.yaml:3: unknown key 'fit\.stepz' \(did you mean 'steps'\?\)"),
        ("seed: 1", r"the key 'kind' is missing; right is builtin, reference, compact"),
        ("seed: 1\nkind: compakt", r"\.yaml:2: no kind 'compakt' \(did you mean 'compact'\?\)"),
        ("kind: compact\nfit: {steps: 0}", r"\.yaml:2: 'fit\.steps' is 0; right is 1 to"),
        ("kind: compact\nfit: {steps: some}", r"right is a whole number"),
        ("kind: compact\nnetwork: {level: loud}", r"right is one of input, peak"),
        ("kind: compact\ncorpus: {}", r"unknown key 'corpus'"),
        ("kind: compact\nfit:\n  seed: 3", r"\.yaml:3: unknown key 'fit\.seed'"),
        ("kind: compact\nfit: {blend: 0.5}", r"needs a start"),
        ("kind: reference\nfit: {losses: {phoneme: 0.1}}", r"needs 'phonemes'"),
        ("kind: compact\nfit: {losses: {phoneme: 0.1}}", r"unknown key 'fit\.losses\.phoneme'"),
        ("kind: reference\nexport: {source: take}", r"right is TAKE@FRAME"),
        ("kind: compact\nfit: {muted: {shots: [take]}}", r"right is TAKE@FRAME or auto"),
        ("kind: compact\nfit: {sample: {softest: 3}}", r"softest 3\.0 dB is louder than loudest"),
        ("kind: builtin\ncorpus: {voices: []}", r"at least one voice"),
        ("kind: builtin\nexport: {decision: {sharpness: [1, 2, 3]}}", r"has 3 items; right are 2"),
        ("kind: [compact]", r"no kind"),
        ("kind: compact\nkind: compact", r"appears twice"),
        ("{", r"\.yaml:1: "),
        ("[" * 5000, r"nested deeper than"),
        ("kind: &a compact", r"anchors, aliases and tags are not allowed"),
    ],
)
def test_mistakes_are_named_with_their_line(text: str, right: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=right):
        read_run(path)


def test_changes_are_laid_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("kind: compact\nfit: {steps: 9}\n")
    run = read_run(path, ["fit.losses.mse=2.5", "seed=3", "fit.muted.shots=[a@1, b@2]", "fit.minutes=null"])
    assert (run.fit.steps, run.fit.losses.mse, run.seed, run.fit.seed) == (9, 2.5, 3, 3)
    assert run.fit.muted.shots == ("a@1", "b@2")
    with pytest.raises(ConfigError, match="did you mean 'mse'"):
        read_run(path, ["fit.losses.mze=2"])
    with pytest.raises(ConfigError, match="is not KEY=VALUE"):
        read_run(path, ["fit.steps"])
    with pytest.raises(ConfigError, match=r"'fit\.steps' is 0"):
        read_run(path, ["fit.steps=0"])


def test_the_guide_lists_every_key() -> None:
    spec = importlib.util.spec_from_file_location(
        "training_reference", ROOT / "scripts/training_reference.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = module.GUIDE.read_text()
    assert module.written(text) == text, "run scripts/training_reference.py"
