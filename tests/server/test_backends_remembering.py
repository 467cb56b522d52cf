"""A network that remembers: the same numbers, and only rows that are new are run."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from in_memory import speechlike
from synthetic_diffusion import write_diffusion_pack
from synthetic_packs import write_pack

from a2fbridge.backends import RememberingBackend, open_backend
from a2fbridge.face import FaceModel, FaceSettings, Noise
from a2fbridge.packs import FacePack, load
from a2fbridge.streams import Stream, StreamOptions

SOUND = speechlike(1.4)


class Counted:
    """A backend that counts its rows, and may give none of them."""

    def __init__(self, backend: Any) -> None:
        self._backend, self.rows, self.broken = backend, 0, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def run(self, feeds: Any, slots: Any = None) -> Any:
        self.rows += len(feeds["window" if "window" in feeds else "input"])
        results = self._backend.run(feeds, slots)
        return (
            {name: value * np.float32(np.nan) for name, value in results.items()} if self.broken else results
        )


def whole(model: FaceModel, sound: np.ndarray = SOUND, **options: Any) -> np.ndarray:
    face = FaceSettings(options.pop("parameters", {}))
    with Stream(model, StreamOptions(frame_rate=Fraction(60), face=face, **options)) as stream:
        stream.push(sound)
        stream.end()
        return np.array([frame.weights for frame in stream.pull()])


@pytest.fixture(params=["regression", "diffusion", "diffusion, new noise"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[FacePack, Any, Noise]:
    if request.param == "regression":
        pack = load(write_pack(tmp_path / "egg"))
        return pack, open_backend(pack.network, threads=1), Noise()
    pack = load(write_diffusion_pack(tmp_path / "multi"))
    return pack, open_backend(pack.network, threads=1), Noise(constant="new" not in request.param)


def test_a_clip_again_costs_what_is_new(made: tuple[FacePack, Any, Noise]) -> None:
    pack, network, noise = made
    counted = Counted(network)
    model = FaceModel(pack, RememberingBackend(counted, pack.network, 64 << 20), noise=noise)
    plain = FaceModel(pack, network, noise=noise)
    right = whole(plain)
    np.testing.assert_allclose(whole(model), right, atol=1e-6)
    first = counted.rows
    np.testing.assert_allclose(whole(model), right, atol=1e-6)
    assert counted.rows == first
    parameters = {"skinStrength": 0.5, "lipOpenOffset": 0.1}  # no business of the network's
    np.testing.assert_allclose(
        whole(model, parameters=parameters), whole(plain, parameters=parameters), atol=1e-6
    )
    assert counted.rows == first
    joyful = whole(model, emotions={"joy": 1.0})
    assert counted.rows == 2 * first
    np.testing.assert_allclose(joyful, whole(plain, emotions={"joy": 1.0}), atol=1e-6)
    longer = np.concatenate([SOUND, SOUND[:4000]])
    np.testing.assert_allclose(whole(model, longer), whole(plain, longer), atol=1e-6)
    assert 2 * first < counted.rows < 3 * first  # what lies before the new sound is known


def test_memory_is_bounded_and_a_bad_row_is_not_remembered(tmp_path: Path) -> None:
    pack = load(write_pack(tmp_path / "egg"))
    counted = Counted(open_backend(pack.network, threads=1))
    row = pack.info.row_size * 4
    backend = RememberingBackend(counted, pack.network, 10 * row)
    model = FaceModel(pack, backend)
    right = whole(model)
    assert len(backend._rows) == 10
    assert backend._bytes == 10 * row
    np.testing.assert_allclose(whole(model), right, atol=1e-6)
    backend = RememberingBackend(counted, pack.network, 64 << 20)
    counted.broken = True
    with pytest.raises(Exception, match="not finite"):
        whole(FaceModel(pack, backend))
    counted.broken = False
    np.testing.assert_allclose(whole(FaceModel(pack, backend)), right, atol=1e-6)
    assert (backend.name, backend.max_batch) == (counted.name, counted.max_batch)
    backend.close()
