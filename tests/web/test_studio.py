"""The studio's HTTP interface and live streams, through real sockets and the built-in pack."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import subprocess
import sys
import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
import yaml
from service_support import header, pcm
from studio_support import live, messages, running_studio

import a2fbridge
from a2fbridge import ConfigError, Studio, StudioConfig
from a2fbridge._proto.nvidia_ace.a2f import v1_pb2 as a2f
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.status import v1_pb2 as status
from a2fbridge._resources import data_dir
from a2fbridge.backends._onnxruntime import OnnxRuntimeBackend

HELLO = data_dir() / "samples" / "hello.wav"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_studio(upload_bytes=1 << 20, clip_seconds=20.0) as address:
        yield address


async def post(url: str, data: Any = None, **options: Any) -> tuple[int, bytes, Any]:
    async with aiohttp.ClientSession() as session, session.post(url, data=data, **options) as response:
        return response.status, await response.read(), response.headers


async def get(url: str, **options: Any) -> tuple[int, bytes, Any]:
    async with aiohttp.ClientSession() as session, session.get(url, **options) as response:
        return response.status, await response.read(), response.headers


async def new_clip(url: str) -> dict[str, Any]:
    code, body, _ = await post(f"{url}/api/clips?name=hello.wav", HELLO.read_bytes())
    assert code == 201
    return dict(json.loads(body))


def error(body: bytes) -> str:
    return str(json.loads(body)["error"]["message"])


def sound(data: bytes) -> bytes:
    message = controller.AudioStream(audio_with_emotion=a2f.AudioWithEmotion(audio_buffer=data))
    return message.SerializeToString()


END = controller.AudioStream(end_of_audio=controller.AudioStream.EndOfAudio()).SerializeToString()


def weights(stream: list[controller.AnimationDataStream]) -> np.ndarray:
    found = [m.animation_data for m in stream if m.HasField("animation_data")]
    return np.array([d.skel_animation.blend_shape_weights[0].values for d in found], np.float32)


async def test_about_tells_what_can_be_chosen(url: str) -> None:
    code, body, headers = await get(f"{url}/api/about")
    about = json.loads(body)
    assert code == 200
    assert about["packs"][0]["id"] == "builtin"
    assert set(about["packs"][0]["parameters"]) == {p["name"] for p in about["parameters"]}
    assert all(p["low"] <= p["default"] <= p["high"] for p in about["parameters"])
    assert {"mh4", "arkit"} <= {t["id"] for t in about["tables"]}
    assert about["server"] is None
    assert not about["plain_nim"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_checks_are_the_doctors(url: str) -> None:
    code, body, _ = await get(f"{url}/api/checks")
    checks = {check["name"]: check for check in json.loads(body)["checks"]}
    assert code == 200
    assert checks["pack"]["ok"]
    assert checks["tables"]["ok"]


async def test_a_clip_is_animated_as_on_the_command_line(url: str) -> None:
    clip = await new_clip(url)
    settings = {"frame_rate": "60/1", "emotions": {"joy": 0.5}, "multipliers": {"JawOpen": 1.2}}
    code, body, headers = await post(f"{url}/api/clips/{clip['clip']}/animation", json.dumps(settings))
    assert code == 200
    expected = a2fbridge.animate(HELLO, frame_rate=60, emotions={"joy": 0.5}, multipliers={"JawOpen": 1.2})
    assert np.allclose(weights(messages(body)), expected.weights, atol=1e-5)
    assert json.loads(headers["a2fbridge-settings"])["frame_rate"] == "60/1"
    assert messages(body)[-1].status.code == status.Status.SUCCESS
    assert not any(m.animation_data.audio.audio_buffer for m in messages(body))


async def test_a_mapped_clip_holds_the_rigs_curves(url: str) -> None:
    clip = await new_clip(url)
    code, body, _ = await post(f"{url}/api/clips/{clip['clip']}/animation", json.dumps({"mapping": "mh4"}))
    assert code == 200
    table = a2fbridge.MappingTable.load("mh4")
    mapped = table.map(a2fbridge.animate(HELLO))
    stream = messages(body)
    names = tuple(stream[0].animation_data_stream_header.skel_animation_header.blend_shapes)
    assert names == mapped.names
    assert np.allclose(weights(stream), mapped.weights, atol=1e-4)


async def test_the_clips_sound_is_what_the_network_hears(url: str) -> None:
    clip = await new_clip(url)
    code, body, _ = await get(f"{url}/api/clips/{clip['clip']}/audio")
    with wave.open(io.BytesIO(body)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (16000, 1, clip["samples"])
    assert code == 200


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        ("csv", ".csv"),
        ("json", ".json"),
        ("npz", ".npz"),
        ("a2frec", ".a2frec"),
        ("livelink", ".csv"),
        ("glb", ".glb"),
        ("usd", ".usd"),
    ],
)
async def test_every_format_can_be_downloaded(url: str, kind: str, ending: str, tmp_path: Path) -> None:
    clip = await new_clip(url)
    code, body, headers = await post(f"{url}/api/clips/{clip['clip']}/export?format={kind}", json.dumps({}))
    assert code == 200, body
    assert headers["Content-Disposition"] == f'attachment; filename="hello{ending}"'
    expected = tmp_path / f"expected{ending}"
    a2fbridge.save(a2fbridge.animate(HELLO), expected, kind)
    assert abs(len(body) - expected.stat().st_size) < 0.05 * len(body) + 300
    if kind == "npz":
        (tmp_path / "got.npz").write_bytes(body)
        got = a2fbridge.load_animation(tmp_path / "got.npz")
        assert np.allclose(got.weights, a2fbridge.animate(HELLO).weights, atol=1e-5)


async def test_settings_survive_the_file(url: str) -> None:
    settings = {
        "pack": "builtin",
        "identity": None,
        "solver": "admm",
        "frame_rate": "30000/1001",
        "emotions": {"joy": 0.25, "sadness": 0.5},
        "emotion": "given",
        "parameters": {"lowerFaceStrength": 1.25},
        "multipliers": {"JawOpen": 1.1},
        "offsets": {"MouthSmileLeft": 0.05},
        "clamp": True,
        "mapping": "mh4",
    }
    code, text, headers = await post(f"{url}/api/settings/yaml", json.dumps(settings))
    assert code == 200
    assert headers["Content-Disposition"] == 'attachment; filename="stylization_config.yaml"'
    assert yaml.safe_load(text)["a2f"]["face_params"] == {"lower_face_strength": 1.25}
    code, body, _ = await post(f"{url}/api/settings/read", text)
    assert code == 200
    assert json.loads(body) == settings


async def test_a_server_reads_the_settings_file(url: str, tmp_path: Path) -> None:
    _, text, _ = await post(
        f"{url}/api/settings/yaml",
        json.dumps({"frame_rate": "60/1", "solver": "admm", "emotions": {"joy": 0.25}}),
    )
    (tmp_path / "stylization_config.yaml").write_bytes(text)
    with running_studio(engine=a2fbridge.load_server_config(tmp_path)) as tuned:
        clip = await new_clip(tuned)
        _, _, headers = await post(f"{tuned}/api/clips/{clip['clip']}/animation", json.dumps({}))
    in_force = json.loads(headers["a2fbridge-settings"])
    assert (in_force["frame_rate"], in_force["solver"], in_force["emotions"]) == (
        "60/1",
        "admm",
        {"joy": 0.25},
    )


async def test_the_classifier_decides_when_asked(url: str) -> None:
    assert json.loads((await get(f"{url}/api/about"))[1])["automatic_emotion"]
    clip = await new_clip(url)
    path = f"{url}/api/clips/{clip['clip']}/animation"
    _, given, _ = await post(path, json.dumps({}))
    code, heard, headers = await post(path, json.dumps({"emotion": "auto"}))
    assert code == 200
    expected = a2fbridge.animate(HELLO, automatic_emotion=True)
    assert np.allclose(weights(messages(heard)), expected.weights, atol=1e-4)
    assert not np.allclose(weights(messages(heard)), weights(messages(given)), atol=1e-3)
    assert json.loads(headers["a2fbridge-settings"])["automatic_emotion"]


async def test_a_file_of_a_pack_with_identities(url: str) -> None:
    settings = {"pack": "v3", "identity": "claire", "emotion": "auto"}
    _, text, _ = await post(f"{url}/api/settings/yaml", json.dumps(settings))
    style = yaml.safe_load(text)
    assert style["a2f"]["inference_type"] == "diffusion"
    assert style["a2f"]["diffusion_model"]["inference_model_id"] == "v3"
    assert style["a2e"]["enabled"] is True
    read = json.loads((await post(f"{url}/api/settings/read", text))[1])
    assert {key: read[key] for key in settings} == settings


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[]", "not an object"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('{"emotons": {}}', "did you mean 'emotions'"),
        ('{"emotions": {"jy": 1}}', "joy"),
        ('{"emotions": {"joy": "much"}}', "names and numbers"),
        ('{"emotions": {"joy": 2}}', "0 to 1"),
        ('{"parameters": {"skinStrength": 99}}', "right is 0 to 2"),
        ('{"multipliers": {"JawOpn": 1}}', "did you mean 'JawOpen'"),
        ('{"offsets": {"JawOpen": 1e9}}', "-100 to 100"),
        ('{"frame_rate": "1/1000000000"}', "frame rate"),
        ('{"clamp": 1}', "true or false"),
        ('{"mapping": "/etc/passwd"}', "not one of"),
        ('{"solver": "bvsl"}', "did you mean 'bvls'"),
        ('{"pack": "nothing"}', "not served here"),
    ],
)
async def test_bad_settings_are_named(url: str, settings: str, said: str) -> None:
    clip = await new_clip(url)
    code, body, _ = await post(f"{url}/api/clips/{clip['clip']}/animation", settings)
    assert code == 422
    assert said in error(body)


async def test_bad_files_are_named(url: str) -> None:
    code, body, _ = await post(f"{url}/api/clips?name=x.wav", b"this is no sound")
    assert (code, "WAV, FLAC, OGG or MP3" in error(body)) == (415, True)
    code, body, _ = await post(f"{url}/api/clips?name=x.wav", b"")
    assert code == 415
    code, body, _ = await post(f"{url}/api/clips?name=x.wav", io.BytesIO(bytes(2 << 20)))
    assert (code, "1 MiB" in error(body)) == (413, True)
    too_long = io.BytesIO()
    with wave.open(too_long, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 8000 * 21))
    code, body, _ = await post(f"{url}/api/clips?name=x.wav", too_long.getvalue())
    assert (code, "at most 20 s" in error(body)) == (415, True)
    code, body, _ = await post(f"{url}/api/settings/read", b"a2f:\n  face_prams: {}\n")
    assert (code, ":2: unknown key" in error(body)) == (422, True)


async def test_what_is_not_there_is_404(url: str) -> None:
    for path in ("/api/clips/nothing/animation", "/api/clips?sample=nothing"):
        assert (await post(url + path, "{}"))[0] == 404
    for path in ("/api/nothing", "/assets/..%2f..%2f_version.py", "/assets/nothing.js"):
        code, body, _ = await get(url + path)
        assert code == 404
        assert error(body)


async def test_a_slow_upload_is_ended() -> None:
    async def dribble() -> Any:
        for _ in range(100):
            yield b"x"
            await asyncio.sleep(0.05)

    with running_studio(upload_seconds=0.3) as slow:
        code, body, _ = await post(f"{slow}/api/clips?name=x.wav", dribble())
    assert (code, "0.3 s" in error(body)) == (408, True)


# --- live -------------------------------------------------------------------------------------------------------


def live_url(url: str, query: str = "") -> str:
    return f"{url}/live{query}".replace("http", "ws", 1)


async def test_a_live_stream_is_a_process_audio_stream_call(url: str) -> None:
    data = pcm(1.0)
    sent = [
        header().SerializeToString(),
        *(sound(data[i : i + 3200]) for i in range(0, len(data), 3200)),
        END,
    ]
    settings, came, code = await live(live_url(url, "?frame-rate=60&audio=1"), sent)
    assert code == 1000
    assert settings["frame_rate"] == [60, 1]
    assert settings["convention"] == "a2f"
    assert 0.1 < settings["look_ahead"] < 1
    assert came[0].HasField("animation_data_stream_header")
    assert came[-1].status.code == status.Status.SUCCESS
    echoed = b"".join(m.animation_data.audio.audio_buffer for m in came)
    assert echoed[: len(data)] == data
    samples = np.frombuffer(data, np.int16)
    assert np.allclose(weights(came), a2fbridge.animate(samples, 16000, frame_rate=60).weights, atol=1e-5)


async def test_a_live_stream_can_be_mapped_and_silent(url: str) -> None:
    settings, came, code = await live(
        live_url(url, "?mapping=mh4"), [header().SerializeToString(), sound(pcm(0.5)), END]
    )
    assert (code, settings["convention"]) == (1000, "target")
    names = came[0].animation_data_stream_header.skel_animation_header.blend_shapes
    assert names[0].startswith("CTRL_expressions_")
    assert weights(came).shape == (15, len(names))
    assert not any(m.animation_data.audio.audio_buffer for m in came)


@pytest.mark.parametrize(
    ("sent", "code", "said"),
    [
        ([sound(bytes(320))], 1002, "first message"),
        ([header(channels=2).SerializeToString()], 1007, "channel_count is 2"),
        ([b"\xff\xff\xff"], 1007, "not an AudioStream"),
        ([header().SerializeToString(), header().SerializeToString()], 1002, "header"),
    ],
)
async def test_a_broken_live_stream_says_why(url: str, sent: list[bytes], code: int, said: str) -> None:
    _, came, closed = await live(live_url(url), sent)
    assert said in came[-1].status.message
    assert came[-1].status.code == status.Status.ERROR
    assert closed == code


async def test_a_message_that_is_too_large_ends_the_stream(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(live_url(url)) as socket:
        await socket.send_bytes(header().SerializeToString())
        with contextlib.suppress(ConnectionError):  # the studio does not read it to its end
            await socket.send_bytes(bytes(5 << 20))
        with contextlib.suppress(ConnectionError):
            while not socket.closed:
                answer = await socket.receive()
                assert (
                    answer.type is not aiohttp.WSMsgType.BINARY
                    or not weights([controller.AnimationDataStream.FromString(answer.data)]).size
                )
        assert socket.close_code in (1006, 1009)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?fps=60", "unknown key 'fps'"),
        ("?frame-rate=0", "frame rate"),
        ("?frame-rate=1e-3000000", "frame rate"),
        ("?mapping=mh5", "did you mean 'mh4'"),
        ("?audio=yes", "right is 1"),
    ],
)
async def test_a_bad_query_is_400(url: str, query: str, said: str) -> None:
    code, body, _ = await get(f"{url}/live{query}")
    assert code == 400
    assert said in error(body)


async def test_a_full_studio_says_when_to_come_back() -> None:
    with running_studio(live_streams=1) as small:
        async with aiohttp.ClientSession() as session, session.ws_connect(live_url(small)):
            code, body, headers = await get(f"{small}/live")
    assert (code, headers["Retry-After"]) == (503, "2")
    assert "taken" in error(body)


async def test_a_browser_that_goes_away_frees_its_stream() -> None:
    with running_studio(live_streams=1) as small:
        for _ in range(3):
            async with aiohttp.ClientSession() as session, session.ws_connect(live_url(small)) as socket:
                await socket.send_bytes(header().SerializeToString())
                await socket.send_bytes(sound(pcm(0.5)))
                await socket.receive()
            await asyncio.sleep(0.2)


# --- who may come -------------------------------------------------------------------------------------------------


async def test_foreign_pages_are_refused(url: str) -> None:
    foreign = {"Origin": "https://evil.example"}
    for path in ("/api/about", "/live"):
        code, body, _ = await get(url + path, headers=foreign)
        assert (code, "may not use this studio" in error(body)) == (403, True)
    code, body, _ = await post(f"{url}/api/clips?sample=hello", headers={"Sec-Fetch-Site": "cross-site"})
    assert code == 403
    code, body, _ = await get(f"{url}/api/about", headers={"Host": "evil.example:8570"})
    assert (code, "--allow-host" in error(body)) == (403, True)
    assert (await get(f"{url}/api/about", headers={"Origin": url}))[0] == 200


async def test_an_allowed_page_may_open_live_streams_and_nothing_else() -> None:
    friend = {"Origin": "https://friend.example", "Sec-Fetch-Site": "cross-site"}
    with running_studio(allow_origins=("https://friend.example",)) as open_to_friend:
        _, came, code = await live(
            live_url(open_to_friend), [header().SerializeToString(), sound(pcm(0.2)), END], friend
        )
        assert (code, came[-1].status.code) == (1000, status.Status.SUCCESS)
        assert (await get(f"{open_to_friend}/api/about", headers=friend))[0] == 403


async def test_tokens() -> None:
    offered = base64.urlsafe_b64encode(b"s3cret").decode().rstrip("=")
    with running_studio(tokens=("s3cret",)) as closed:
        assert (await get(f"{closed}/api/about"))[0] == 401
        wrong = {"Authorization": "Bearer s3cre"}
        assert (await get(f"{closed}/api/about", headers=wrong))[0] == 401
        assert (await get(f"{closed}/api/about", headers={"Authorization": "Bearer s3cret"}))[0] == 200
        assert (await get(f"{closed}/live"))[0] == 401
        async with aiohttp.ClientSession() as session:
            names = ["a2fbridge.v1", f"a2fbridge.token.{offered}"]
            async with session.ws_connect(live_url(closed), protocols=names) as socket:
                assert socket.protocol == "a2fbridge.v1"


def test_other_machines_only_with_https_or_on_purpose() -> None:
    with pytest.raises(ConfigError, match="--insecure"):
        Studio(StudioConfig(host="0.0.0.0"))
    with pytest.raises(ConfigError, match="is not like https"):
        Studio(StudioConfig(allow_origins=("friend.example",)))
    with pytest.raises(ConfigError, match="go together"):
        Studio(StudioConfig(tls_cert="x.pem"))


async def test_a_port_in_use_is_named(url: str) -> None:
    port = int(url.rpartition(":")[2])
    with pytest.raises(ConfigError, match=f"cannot listen at 127.0.0.1:{port}"):
        await Studio(StudioConfig(port=port)).start()


# --- another server ---------------------------------------------------------------------------------------------


async def test_a_server_that_is_down_is_named() -> None:
    with running_studio(server="127.0.0.1:1") as lost:
        code, body, _ = await get(f"{lost}/api/about")
        assert (code, "nothing answers" in error(body)) == (502, True)
        _, came, closed = await live(live_url(lost), [header().SerializeToString()])
        assert "nothing answers" in came[-1].status.message
        assert closed == 1011


async def test_a_remote_server_does_the_work() -> None:
    async with a2fbridge.Server(a2fbridge.load_server_config(port=0)) as server:
        work = asyncio.get_running_loop().run_in_executor

        def through_studio() -> tuple[dict[str, Any], bytes]:
            with running_studio(server=server.address) as remote:
                about = asyncio.run(get(f"{remote}/api/about"))[1]
                clip = asyncio.run(new_clip(remote))
                settings = json.dumps({"frame_rate": "60/1"})
                return json.loads(about), asyncio.run(
                    post(f"{remote}/api/clips/{clip['clip']}/animation", settings)
                )[1]

        about, body = await work(None, through_studio)
    assert about["packs"][0]["id"] == "builtin"
    assert not about["plain_nim"]
    assert np.allclose(weights(messages(body)), a2fbridge.animate(HELLO, frame_rate=60).weights, atol=1e-5)


async def test_a_single_frame_is_the_clips_at_that_time(url: str) -> None:
    clip = await new_clip(url)
    settings = {
        "emotion": "auto",
        "emotions": {"joy": 0.5},
        "parameters": {"lowerFaceStrength": 0.9},
        "multipliers": {"JawOpen": 1.2},
        "offsets": {"MouthSmileLeft": 0.05},
    }
    still = {"upperFaceSmoothing": 0.0, "lowerFaceSmoothing": 0.0}
    with a2fbridge.Engine.open() as engine:
        local = engine.clip(
            HELLO,
            automatic_emotion=True,
            emotions={"joy": 0.5},
            post_processing={"max_emotions": 3},
            parameters={"lowerFaceStrength": 0.9} | still,
            multipliers={"JawOpen": 1.2},
            offsets={"MouthSmileLeft": 0.05},
        )
        for k in (0, 37, len(local) - 1):
            path = f"{url}/api/clips/{clip['clip']}/pose?time={k / 30}"
            code, body, _ = await post(path, json.dumps(settings))
            assert code == 200, body
            frame = local.frame(k)
            assert json.loads(body)["names"] == list(local.names)
            assert np.allclose(json.loads(body)["weights"], frame.weights, atol=1e-4)


async def test_a_single_frame_that_cannot_be_is_refused_in_words(url: str) -> None:
    clip = await new_clip(url)
    for query, body, said in (
        ("time=soon", {}, "time is 'soon'; right is seconds"),
        ("time=99", {}, "right is 0 to "),
        ("time=1", {"identity": "nobody"}, "identity 'nobody'"),
    ):
        code, answer, _ = await post(f"{url}/api/clips/{clip['clip']}/pose?{query}", json.dumps(body))
        assert code in (422, 502)
        assert said in error(answer)


async def test_a_server_without_single_frames_says_so() -> None:
    engine = a2fbridge.load_server_config()
    bridge = replace(engine.deployment.a2fbridge, authoring_clip_mib=0)
    async with a2fbridge.Server(
        replace(a2fbridge.load_server_config(port=0), deployment=replace(engine.deployment, a2fbridge=bridge))
    ) as server:
        with running_studio(server=server.address) as url:
            clip = await new_clip(url)
            code, body, _ = await post(f"{url}/api/clips/{clip['clip']}/pose?time=1", "{}")
            assert code == 501
            assert "gives no single frames" in error(body)
        async with a2fbridge.Server(a2fbridge.load_server_config(port=0)) as author:  # a service of its own
            with running_studio(server=server.address, authoring=author.address) as url:
                clip = await new_clip(url)
                code, body, _ = await post(f"{url}/api/clips/{clip['clip']}/pose?time=1", "{}")
                assert code == 200
                assert len(json.loads(body)["weights"]) == 68
    with pytest.raises(ConfigError, match="goes with a server"):
        StudioConfig(authoring="localhost:1").checked()


async def test_an_edit_runs_the_network_only_where_it_reaches() -> None:
    """One window for the frame that is looked at; none for a whole clip when its post-processing was edited."""
    rows = 0
    run = OnnxRuntimeBackend.run

    def counted(self: Any, feeds: Any, slots: Any = None) -> Any:
        nonlocal rows
        rows += len(feeds["input"]) if "input" in feeds else 0
        return run(self, feeds, slots)

    with pytest.MonkeyPatch.context() as patch, running_studio() as url:
        clip = await new_clip(url)
        patch.setattr(OnnxRuntimeBackend, "run", counted)
        at = f"{url}/api/clips/{clip['clip']}"

        async def cost(kind: str, **settings: Any) -> int:
            nonlocal rows
            rows = 0
            code, body, _ = await post(f"{at}/{kind}", json.dumps(settings))
            assert code == 200, body
            return rows

        frames = -(-clip["samples"] * 30 // 16000)
        assert await cost("animation") == frames
        assert await cost("pose?time=1") == 0  # a frame of the clip that is there
        for settings in (
            {"parameters": {"skinStrength": 0.5}},
            {"multipliers": {"JawOpen": 0.5}},
            {"clamp": True},
        ):
            assert await cost("pose?time=1.1", **settings) == 0
            assert await cost("animation", **settings) == 0
        assert await cost("pose?time=1.1", emotions={"joy": 0.5}) == 1
        assert await cost("pose?time=1.1", emotions={"joy": 0.5}, offsets={"JawOpen": 0.1}) == 0
        assert await cost("animation", emotions={"joy": 0.5}) == frames - 1
        assert await cost("animation") == 0  # and back


async def test_settings_of_nvidias_tools_are_read_and_what_is_ignored_is_told(url: str) -> None:
    exported = {
        "face_params": {"lower_face_strength": 1.3, "eyelid_offset": 0.1, "prediction_delay": 0.15},
        "preferred_emotion": [0, 0, 0, 0, 0, 0, 0.7, 0, 0, 0],
        "emotion_params": {"emotion_strength": 0.9},
    }
    code, body, headers = await post(f"{url}/api/settings/read", json.dumps(exported))
    assert code == 200, body
    settings = json.loads(body)
    assert settings["parameters"] == {"lowerFaceStrength": 1.3, "eyelidOpenOffset": 0.1}
    assert settings["emotions"] == {"joy": 0.7}
    told = json.loads(headers["a2fbridge-ignored"])
    assert told == ["face_params.prediction_delay", "post-processing of emotions"]
    code, body, headers = await post(f"{url}/api/settings/read", json.dumps({"offsets": {"JawOpen": 0.1}}))
    assert (json.loads(body)["offsets"], headers["a2fbridge-ignored"]) == ({"JawOpen": 0.1}, "[]")
    code, body, _ = await post(f"{url}/api/settings/read", '{"nonsense": 1}')
    assert code == 422
    assert "holds no face_params" in error(body)


def test_a_studio_ends_with_the_program_that_started_it() -> None:
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    command = [
        sys.executable,
        "-m",
        "a2fbridge",
        "studio",
        "--port",
        "0",
        "--json",
        "--with-parent",
        str(parent.pid),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as studio:
        try:
            assert studio.stdout
            assert json.loads(studio.stdout.readline())["event"] == "running"
            parent.kill()
            parent.communicate()
            assert studio.wait(30) == 0
        finally:
            studio.kill()
