"""The client library against a real server, driven by ctypes: frames equal Python's, faults end in words."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from capi import Api, ApiError, Pair, Session, Value, text
from native_build import client_library
from processes import RunningServer, running_server

import a2fbridge
from a2fbridge.audio import read_audio

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "python_server/src/a2fbridge/data/samples/hello.wav"
TLS = ROOT / "tests/server/tls"
UNAVAILABLE, AUTHENTICATION, TIMEOUT, REFUSED, CANCELLED = -20, -21, -23, -26, -28

pytestmark = pytest.mark.timeout(1000)  # the first test builds


@pytest.fixture(scope="module")
def api() -> Api:
    return Api(client_library())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running


def sample() -> tuple[np.ndarray, int]:
    samples, rate = read_audio(SAMPLE, None)
    return np.asarray(samples, np.float32), rate


def generated(rate: int, seconds: float = 2.3) -> np.ndarray:
    """Something like speech, exact in 16 bits: a hum that opens and closes four times a second, and noise."""
    t = np.arange(int(seconds * rate)) / rate
    voice = sum(np.sin(2 * np.pi * 120 * k * t) / k for k in range(1, 12))
    noise = np.random.default_rng(7).normal(size=len(t))
    envelope = np.clip(np.sin(2 * np.pi * 4 * t), 0, 1)
    return (np.rint(0.08 * envelope * (voice + 0.2 * noise) * 32768) / 32768).astype(np.float32)


def compare(frames: list, expected: a2fbridge.Animation) -> None:
    assert len(frames) == len(expected)
    assert [index for index, *_ in frames] == list(range(len(expected)))
    assert np.allclose([time_code for *_, time_code, _ in frames], expected.time_codes, atol=1e-9)
    assert np.array_equal([sample_index for _, sample_index, *_ in frames], expected.sample_indices)
    assert np.abs(np.stack([weights for *_, weights in frames]) - expected.weights).max() <= 1e-5


def test_the_sample_equals_python(api, server):
    samples, rate = sample()
    with Session(api, server.address, sample_rate=rate) as session:
        frames = session.clip(samples)
        assert session.names() == list(a2fbridge.FACE_NAMES)
        assert json.loads(session.settings())["frame_rate"] == "30/1"
        assert session.warnings() == []
    compare(frames, a2fbridge.animate(SAMPLE))


@pytest.mark.parametrize(("rate", "fps"), [(16000, "60"), (48000, "30000/1001")])
def test_generated_sound_equals_python(api, server, rate, fps):
    samples = generated(rate)
    numerator, _, denominator = fps.partition("/")
    options = {"frame_rate_numerator": int(numerator), "frame_rate_denominator": int(denominator or 1)}
    with Session(api, server.address, sample_rate=rate, **options) as session:
        frames = session.clip(samples)
    compare(frames, a2fbridge.animate(samples, rate, frame_rate=fps))


def test_stereo_emotions_and_parameters_equal_python(api, server):
    samples = generated(16000)
    pcm = (samples * 32768).astype(np.int16)
    parameters = (Value * 1)(Value(text("lowerFaceStrength"), 1.4))
    gains = (Value * 2)(Value(text("JawOpen"), 0.5), Value(text("MouthSmileLeft"), 1.5))
    options = {
        "face_parameters": parameters,
        "face_parameter_count": 1,
        "multipliers": gains,
        "multiplier_count": 2,
        "clamp": 1,
    }
    with Session(api, server.address, **options) as session:
        session.emotions(0.0, {"joy": 0.8})
        session.emotions(1.5, {"anger": 0.6})
        frames = session.clip(np.stack([pcm, pcm], axis=1))
    expected = a2fbridge.animate(
        samples,
        16000,
        emotions=[(0.0, {"joy": 0.8}), (1.5, {"anger": 0.6})],
        parameters={"lowerFaceStrength": 1.4},
        multipliers={"JawOpen": 0.5, "MouthSmileLeft": 1.5},
        clamp=True,
    )
    compare(frames, expected)


def test_small_pushes_equal_one_large(api, server):
    samples, rate = sample()
    with Session(api, server.address, sample_rate=rate) as session:
        for at in range(0, len(samples), 480):
            assert session.push(samples[at : at + 480]) == len(samples[at : at + 480])
        session.end()
        frames = session.frames()
    compare(frames, a2fbridge.animate(SAMPLE))


def test_unknown_names_come_back_as_warnings(api, server):
    parameters = (Value * 1)(Value(text("lowerFaceStrenght"), 1.0))
    with Session(api, server.address, face_parameters=parameters, face_parameter_count=1) as session:
        session.clip(generated(16000, 0.5))
        assert any("lowerFaceStrenght" in warning for warning in session.warnings())


def test_what_is_not_served_is_refused(api, server):
    with Session(api, server.address, pack=text("no-such-pack")) as session:
        with pytest.raises(ApiError, match="no-such-pack") as caught:
            session.clip(generated(16000, 0.5))
    assert caught.value.status == REFUSED


def test_cancelled_mid_stream(api, server):
    with Session(api, server.address) as session:
        session.push(generated(16000, 2.0))
        assert api("session_wait", session._session, 10_000, error=False) == 0
        session.cancel()
        with pytest.raises(ApiError, match="cancelled") as caught:
            session.frames()
    assert caught.value.status == CANCELLED


def test_a_server_killed_mid_stream(api, tmp_path):
    with running_server(tmp_path) as doomed, Session(api, doomed.address) as session:
        session.push(generated(16000, 2.0))
        assert api("session_wait", session._session, 10_000, error=False) == 0
        doomed.process.kill()
        with pytest.raises(ApiError) as caught:
            session.frames()
    assert caught.value.status == UNAVAILABLE
    assert doomed.address in str(caught.value)


def test_a_server_that_stands_still(api, tmp_path):
    with running_server(tmp_path) as slow, Session(api, slow.address, idle_timeout_ms=500) as session:
        session.push(generated(16000, 2.0))
        assert api("session_wait", session._session, 10_000, error=False) == 0
        os.kill(slow.process.pid, signal.SIGSTOP)
        try:
            session.end()
            started = time.monotonic()
            with pytest.raises(ApiError, match="said nothing for 500 ms") as caught:
                session.frames()
        finally:
            os.kill(slow.process.pid, signal.SIGCONT)
    assert caught.value.status == TIMEOUT
    assert time.monotonic() - started < 20


def test_a_connection_that_takes_its_time(api, server):
    """A far server, by a relay that holds everything back for 400 ms at first."""
    with _slow_relay(server.address, 0.4) as address, Session(api, address) as session:
        assert len(session.clip(generated(16000, 0.5))) == 15


@contextmanager
def _slow_relay(address: str, delay: float) -> Iterator[str]:
    host, _, port = address.partition(":")
    listening = socket.create_server(("127.0.0.1", 0))

    def relay() -> None:
        near, _ = listening.accept()
        with near, socket.create_connection((host, int(port))) as far:
            time.sleep(delay)
            back = threading.Thread(target=_copy, args=(far, near), daemon=True)
            back.start()
            _copy(near, far)
            back.join()

    thread = threading.Thread(target=relay, daemon=True)
    thread.start()
    with listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    thread.join(10)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def test_nothing_listens(api):
    with (
        Session(api, "localhost:9") as session,
        pytest.raises(ApiError, match="nothing answers at localhost:9") as caught,
    ):
        session.clip(generated(16000, 0.5))
    assert caught.value.status == UNAVAILABLE


def test_an_unknown_host(api):
    with Session(api, "no-such-host.invalid:52000") as session:
        with pytest.raises(ApiError, match="is not known; check the address") as caught:
            session.clip(generated(16000, 0.5))
    assert caught.value.status == UNAVAILABLE


def test_tokens(api, tmp_path):
    (tmp_path / "tokens.txt").write_text("right-token\n")
    with running_server(tmp_path, "--token-file", str(tmp_path / "tokens.txt")) as guarded:
        with Session(api, guarded.address, connection={"token": text("right-token")}) as session:
            assert len(session.clip(generated(16000, 0.5))) == 15
        for connection in ({"token": text("wrong-token")}, {}):
            with Session(api, guarded.address, connection=connection) as session:
                with pytest.raises(ApiError) as caught:
                    session.clip(generated(16000, 0.5))
            assert caught.value.status == AUTHENTICATION
            assert "wrong-token" not in str(caught.value)


def test_certificates(api, tmp_path):
    def pem(name: str):
        return text((TLS / name).read_bytes())

    options = (
        "--tls-cert",
        str(TLS / "server.pem"),
        "--tls-key",
        str(TLS / "server.key"),
        "--client-ca",
        str(TLS / "ca.pem"),
    )
    mine = {"certificate_pem": pem("client.pem"), "key_pem": pem("client.key")}
    with running_server(tmp_path, *options) as secured:
        right = {"security": 1, "root_pem": pem("ca.pem"), **mine}
        with Session(api, secured.address, connection=right) as session:
            assert len(session.clip(generated(16000, 0.5))) == 15
        strange = {**right, "root_pem": pem("stranger.pem")}
        assert _refused(api, secured.address, strange)[0] == AUTHENTICATION
        wrong_name = {**right, "server_name": text("elsewhere.example.com")}
        assert _refused(api, secured.address, wrong_name)[0] == AUTHENTICATION
        without = {"security": 1, "root_pem": pem("ca.pem")}
        assert _refused(api, secured.address, without)[0] in (AUTHENTICATION, UNAVAILABLE)
        status, message = _refused(api, secured.address, {})
        assert status == UNAVAILABLE
        assert "TLS" in message


def _refused(api: Api, address: str, connection: dict) -> tuple[int, str]:
    with Session(api, address, connection=connection) as session:
        with pytest.raises(ApiError) as caught:
            session.clip(generated(16000, 0.5))
    return caught.value.status, str(caught.value)


def test_tls_to_a_server_without(api, server):
    status, message = _refused(
        api, server.address, {"security": 1, "root_pem": text((TLS / "ca.pem").read_bytes())}
    )
    assert status == UNAVAILABLE
    assert "does not speak TLS" in message


def test_metadata_is_sent_and_harmless(api, server):
    pairs = (Pair * 2)(Pair(text("function-id"), text("f-1")), Pair(text("authorization"), text("Bearer x")))
    connection = {"metadata": pairs, "metadata_count": 2}
    with Session(api, server.address, connection=connection) as session:
        assert len(session.clip(generated(16000, 0.5))) == 15
