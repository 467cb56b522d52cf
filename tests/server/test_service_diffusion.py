"""A diffusion pack on the wire: identities, frame counts, streams at other places, what is echoed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
import numpy as np
import pytest
from service_support import clip, exchange, make_config, pcm, running_server, with_bridge
from synthetic_diffusion import write_diffusion_pack

import a2fbridge
from a2fbridge._errors import ConfigError, ParameterError
from a2fbridge.service._export import _filled
from a2fbridge.service._models import open_schedulers


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_diffusion_pack(tmp_path_factory.mktemp("packs") / "multi")


@pytest.fixture(scope="module")
def local(folder: Path) -> dict[str, np.ndarray]:
    """Weights of a clip by identity, from the engine of this process."""
    with a2fbridge.Engine.open(folder, threads=1) as engine:
        assert engine.identities == ("Claire", "James", "Mark")
        sound = np.frombuffer(pcm(1.3), np.int16)
        return {name: engine.animate(sound, 16000, identity=name).weights for name in engine.identities}


async def test_streams_of_all_identities_together_are_the_local_ones(folder: Path, local) -> None:
    config = with_bridge(make_config(pack=str(folder), identity="james", threads=1), max_load=1e9)
    async with running_server(config, open_schedulers(config)) as server:
        asked = [(("a2fbridge-identity", name),) for name in ("claire", "MARK", "James")]
        got = await asyncio.gather(
            *(exchange(server, clip(pcm(1.3)), metadata=metadata) for metadata in (*asked, ()) * 2)
        )
    for outcome, name in zip(got, ("Claire", "Mark", "James", "James") * 2, strict=True):
        assert outcome.code is grpc.StatusCode.OK
        assert outcome.kinds == ["animation_data_stream_header", "animation_data", "event", "SUCCESS"]
        assert outcome.settings["identity"] == name
        assert outcome.settings["noise"] == {"constant": True, "seed": 0}
        assert len(outcome.frames) == 39
        np.testing.assert_allclose(outcome.weights, local[name], atol=1e-5)
        assert outcome.audio[: 2 * 20800] == pcm(1.3)


async def test_an_identity_that_is_not_there_is_refused(folder: Path) -> None:
    config = make_config(pack=str(folder), threads=1)
    async with running_server(config, open_schedulers(config)) as server:
        got = await exchange(server, clip(pcm(0.1)), metadata=(("a2fbridge-identity", "jim"),))
    assert got.code is grpc.StatusCode.NOT_FOUND
    assert "identity 'jim' is not in pack 'multi': 'Claire', 'James', 'Mark'" in got.details
    for options in ({"pack": str(folder)}, {}):
        with pytest.raises(ConfigError, match="unknown identity 'jim'"):
            open_schedulers(make_config(identity="jim", threads=1, **options))


def test_the_stylization_names_model_identity_and_noise(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "stylization_config.yaml").write_text(
        "a2f:\n  inference_type: diffusion\n"
        f"  diffusion_model: {{inference_model_id: '{folder}', identity: mark, constant_noise: false}}\n"
    )
    config = a2fbridge.load_server_config(tmp_path)
    (scheduler,) = open_schedulers(config)
    assert scheduler.model.pack.id == "multi"
    assert scheduler.model.face(config.stylization.a2f.diffusion_model.identity).identity.name == "Mark"
    assert not scheduler.model.noise.constant
    exported = _filled(config.stylization, scheduler.model, scheduler.model.face("mark"))
    assert exported.a2f.diffusion_model.identity == "Mark"
    assert exported.a2f.diffusion_model.inference_model_id == "multi"


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("{inference_model_id: 'FOLDER', identity: jim}", ParameterError, "unknown identity 'jim'"),
        ("{inference_model_id: builtin}", ConfigError, "inference_type is diffusion, but pack 'builtin'"),
    ],
)
def test_a_stylization_that_contradicts_its_pack_is_refused(folder, tmp_path, text, error, said) -> None:
    text = text.replace("FOLDER", str(folder))
    (tmp_path / "stylization_config.yaml").write_text(
        f"a2f:\n  inference_type: diffusion\n  diffusion_model: {text}\n"
    )
    with pytest.raises(error, match=said):
        open_schedulers(a2fbridge.load_server_config(tmp_path))
