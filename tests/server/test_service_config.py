"""Configuration: NIM's three files, partial or whole, refused with file and line where they are wrong."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import yaml

from a2fbridge._errors import ConfigError
from a2fbridge._settings import dump_yaml
from a2fbridge.service import ServerConfig, load_server_config
from a2fbridge.service._advanced import InputLimits
from a2fbridge.service._limits import Watch
from a2fbridge.service._models import open_schedulers

DEPLOYMENT, STYLIZATION, ADVANCED = (
    f"{name}_config.yaml" for name in ("deployment", "stylization", "advanced")
)


def load(folder: Path, name: str, text: str, **options: object) -> ServerConfig:
    (folder / name).write_text(text)
    return load_server_config(folder, **options)


def test_the_defaults_are_local_and_cut_nothing():
    config = load_server_config()
    assert config == ServerConfig()
    assert config.listen.url == "127.0.0.1:52000"
    assert config.packs == ("builtin",)
    limits = config.advanced.input_sanitization
    assert limits.max_audio_clip_size_second == limits.max_processing_duration_second == 0
    assert limits.low_fps_max_duration_second == 0
    assert limits.max_wait_time_idle_ms == 30000


def test_files_may_be_partial_and_options_go_before_them(tmp_path):
    text = (
        "common:\n  stream_number: 3\n"
        "endpoints:\n  bidirectional:\n    server:\n      url: '127.0.0.1:1234'\n"
        "logging:\n"
        "a2fbridge:\n  packs: [one, two]\n  solver: admm\n  threads: 2\n"
    )
    config = load(tmp_path, DEPLOYMENT, text, port=4321, max_streams=5)
    assert config.listen.url == "127.0.0.1:4321"
    assert config.deployment.common.stream_number == 5
    assert config.packs == ("one", "two")
    assert (config.deployment.a2fbridge.solver, config.deployment.a2fbridge.threads) == ("admm", 2)
    assert load_server_config(tmp_path).listen.url == "127.0.0.1:1234"
    assert load_server_config(tmp_path, pack="three").packs == ("three",)


def test_the_stylization_names_the_model(tmp_path):
    text = "a2f:\n  regression_model:\n    inference_model_id: claire_v2.3.1\n"
    assert load(tmp_path, STYLIZATION, text).packs == ("claire_v2.3.1",)


@pytest.mark.parametrize("name", [DEPLOYMENT, STYLIZATION, ADVANCED])
def test_a_whole_file_is_read_as_it_was_written(tmp_path, name):
    default = load_server_config()
    part = name.removesuffix("_config.yaml")
    read = load(tmp_path, name, dump_yaml(getattr(default, part)))
    assert read == default


def test_a_file_of_nvidia(tmp_path, caplog):
    """Every key of NIM 2.0's samples is known; nothing of it is without effect."""
    text = (
        "a2e:\n  enabled: true\n  live_transition_time: 0.5\n  post_processing_params:\n"
        "    emotion_contrast: 1.0\n    emotion_strength: 0.6\n    enable_preferred_emotion: true\n"
        "    live_blend_coef: 0.7\n    max_emotions: 3\n    preferred_emotion_strength: 0.5\n"
        "a2f:\n  inference_type: regression\n"
        "  regression_model:\n    inference_model_id: claire_v2.3.1\n"
        "  face_params:\n    eyelid_offset: 0.06\n    face_mask_level: 0.6\n    face_mask_softness: 0.0085\n"
        "    input_strength: 1.3\n    lip_close_offset: -0.03\n    lower_face_smoothing: 0.0023\n"
        "    lower_face_strength: 1.4\n    skin_strength: 1.1\n    tongue_depth_offset: 0.0\n"
        "    tongue_height_offset: 0.0\n    tongue_strength: 1.3\n    upper_face_smoothing: 0.001\n"
        "    upper_face_strength: 1.0\n"
        "  blendshape_params:\n    enable_clamping_bs_weight: false\n"
        "    active_poses:\n      JawOpen: 1\n      EyeLookInLeft: 0\n"
        "    cancel_poses:\n      JawOpen: -1\n    symmetry_poses:\n      EyeBlinkLeft: 0\n"
        "default_beginning_emotions:\n  joy: 0.0\n  outofbreath: 0.0\n"
    )
    config = load(tmp_path, STYLIZATION, text)
    assert config.stylization.a2f.face_params["lipOpenOffset"] == -0.03
    assert config.stylization.a2f.face_params["eyelidOpenOffset"] == 0.06
    assert config.stylization.a2f.blendshape_params.active_poses == {"JawOpen": 1, "EyeLookInLeft": 0}
    assert config.stylization.a2e.enabled is True
    assert config.stylization.a2e.post_processing_params.max_emotions == 3
    assert "without effect" not in caplog.text


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (DEPLOYMENT, "common:\n  stream_nmber: 3", r":2: unknown key 'common.stream_nmber' \(did you mean"),
        (DEPLOYMENT, "common:\n  stream_number: 0", ":2: 'common.stream_number' is 0; right is 1 to 4096"),
        (DEPLOYMENT, "common:\n  stream_number: many", ":2: .* right is a whole number"),
        (DEPLOYMENT, "common:\n  stream_number: 1.5", ":2: .* right is a whole number"),
        (DEPLOYMENT, "common:\n  add_silence_padding_after_audio: yes", ":2: .* right is true or false"),
        (DEPLOYMENT, "common: 3", ":1: common. is not a section"),
        (DEPLOYMENT, "common: [1]", ":1: common. is not a section"),
        (DEPLOYMENT, "common:\n  stream_number: [1]", ":2: .* is not a single value"),
        (DEPLOYMENT, "logging:\n  log_level: err", r":2: .* one of trace, debug.* \(did you mean 'error'"),
        (DEPLOYMENT, "common: {}\ncommon: {}", ":2: key 'common' appears twice"),
        (DEPLOYMENT, "a: &x 1", ":1: anchors, aliases and tags"),
        (DEPLOYMENT, "a: !!python/object:os.system 1", ":1: anchors, aliases and tags"),
        (DEPLOYMENT, "a: [" * 40, "nested deeper than 32"),
        (DEPLOYMENT, "a: [1", ":1: |:2: "),
        (DEPLOYMENT, "- 1", ":1: the file is not a section"),
        (DEPLOYMENT, "#" * (1 << 20) + "#", "at most 1048576"),
        (DEPLOYMENT, "endpoints:\n  use_bidirectional: false", "one-directional services are not supported"),
        (DEPLOYMENT, "a2fbridge:\n  packs:\n    - {a: 1}", ":3: .* is not a list of words"),
        (DEPLOYMENT, "a2fbridge:\n  shutdown_grace_second: .nan", ":2: "),
        (STYLIZATION, "a2f:\n  inference_type: diffuse", ":2: .*did you mean 'diffusion'"),
        (STYLIZATION, "a2f:\n  face_params:\n    skin_strength: 5", r"skinStrength' is 5; right is 0 to 2"),
        (
            STYLIZATION,
            "a2f:\n  face_params:\n    skinStrength: 1",
            ":3: unknown key .*did you mean 'skin_str",
        ),
        (STYLIZATION, "default_beginning_emotions:\n  joy: 1.5", ":2: .* is 1.5; right is 0 to 1"),
        (STYLIZATION, "default_beginning_emotions:\n  bored: 1", ":2: unknown key"),
        (ADVANCED, "input_sanitization:\n  min_sample_rate: 200000", "above max_sample_rate"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path, name, text, message):
    with pytest.raises(ConfigError, match=message) as caught:
        load(tmp_path, name, text)
    assert name in str(caught.value)


def test_a_folder_that_is_none(tmp_path):
    with pytest.raises(ConfigError, match="is not there"):
        load_server_config(tmp_path / "none")
    with pytest.raises(ConfigError, match="holds none of"):
        load_server_config(tmp_path)


@pytest.mark.parametrize("url", ["localhost", "127.0.0.1:http", ":52000", "127.0.0.1:70000"])
def test_an_address_that_is_none(tmp_path, url):
    with pytest.raises(ConfigError, match="is not HOST:PORT"):
        load(tmp_path, DEPLOYMENT, f"endpoints: {{bidirectional: {{server: {{url: '{url}'}}}}}}")


def test_an_option_that_is_none():
    with pytest.raises(TypeError, match="unknown option prt"):
        load_server_config(prt=1)


def test_settings_reach_the_model(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    text = (
        "a2f:\n  enable_tongue_blendshapes: false\n"
        "  blendshape_params:\n    active_poses: {TongueOut: 1, CheekPuff: 0}\n"
    )
    config = load(tmp_path, STYLIZATION, text, solver="admm", threads=1, max_streams=3)
    (scheduler,) = open_schedulers(config)
    assert scheduler.model.solver == "admm"
    assert len(scheduler.model.face().names) == 52
    assert scheduler.limits.max_streams == 3
    scheduler.model.backend.close()


def test_yaml_that_is_exported_is_plain(tmp_path):
    assert yaml.safe_load(dump_yaml(load_server_config().advanced))["input_sanitization"]["low_fps"] == 29


# --- deadlines, by the clock that they are told ------------------------------------------------------------------


def test_idle():
    watch = Watch(InputLimits(max_wait_time_idle_ms=2000), now=10.0)
    assert watch.due == 12.0
    watch.progress(11.5)
    assert watch.due == 13.5
    assert "nothing came in or went out for 2 s" in watch.refusal().text


def test_processing_time():
    watch = Watch(InputLimits(max_processing_duration_second=5), now=10.0)
    watch.progress(14.0)
    assert watch.due == 15.0
    assert "took more than 5 s" in watch.refusal().text


def test_feed_rate():
    watch = Watch(InputLimits(low_fps=30, low_fps_max_duration_second=7, max_wait_time_idle_ms=0), now=0.0)
    assert watch.due is None
    watch.received(1.0, 2.0)
    assert watch.due == 10.0  # fed from 2.0 on, one second received, seven of grace
    watch.received(3.0, 5.0)
    assert watch.due == 12.0
    assert "30 frames per second" in watch.refusal().text
    watch.fed()
    assert watch.due is None


def test_no_limits():
    assert Watch(InputLimits(max_wait_time_idle_ms=0), now=0.0).due is None


def test_batches_of_an_engine_are_as_the_files_say(tmp_path, monkeypatch):
    from a2fbridge.service import _models

    asked = []
    real = _models.open_backend
    monkeypatch.setattr(
        _models,
        "open_backend",
        lambda *a, batches, **k: (asked.append(batches), real(*a, batches=batches, **k))[1],
    )
    text = (
        "trt_model_generation:\n  a2f:\n    optimal_shape: 3\n    maximum_shape: 7\n"
        "  a2e:\n    optimal_shape: 2\n    maximum_shape: 4\n"
    )
    (scheduler,) = open_schedulers(load(tmp_path, ADVANCED, text))
    scheduler.model.backend.close()
    scheduler.hearing.backend.close()
    assert [(b.best, b.most) for b in asked] == [(3, 7), (2, 4)]  # the face's network, then the ears'
