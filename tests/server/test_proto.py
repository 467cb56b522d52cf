"""proto/: identical on the wire to NVIDIA's published stubs, and able to live beside them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from describe_proto import describe
from peers import peers_dir, run_peer

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "python_server/src"
OURS = "a2fbridge._proto.nvidia_ace"
SHARED_SERVICES = ("a2f_controller", "a2x_export_config", "a2f_authoring")


@pytest.fixture(scope="module")
def nvidia() -> dict[str, dict[str, object]]:
    services = ("audio2face_3d.audio2face", "audio2face_3d.a2x_export_config")
    modules = [f"nvidia_{name}_pb2" for name in services]
    modules.append("nvidia_audio2face_3d_authoring.audio2face_3d_authoring_pb2")
    done = run_peer(
        HERE / "describe_proto.py", ",".join(modules), "nvidia_audio2face_3d.messages_pb2.EmotionAggregate"
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def ours() -> dict[str, dict[str, object]]:
    services = [f"{OURS}.services.{name}.v1_pb2" for name in SHARED_SERVICES]
    return describe(services, [f"{OURS}.emotion_aggregate.v1_pb2.EmotionAggregate"])


def test_same_methods_and_messages_as_nvidia(nvidia, ours):
    assert set(ours) == set(nvidia)
    assert len(ours) == 5


@pytest.mark.parametrize(
    "name",
    [
        "/nvidia_ace.services.a2f_controller.v1.A2FControllerService/ProcessAudioStream",
        "/nvidia_ace.services.a2x_export_config.v1.A2XExportConfigService/GetConfigs",
        "/nvidia_ace.services.a2f_authoring.v1.A2FAuthoringService/UploadAudioClip",
        "/nvidia_ace.services.a2f_authoring.v1.A2FAuthoringService/GetAvatarFacePose",
        "EmotionAggregate",
    ],
)
def test_identical_on_the_wire(nvidia, ours, name):
    assert ours[name] == nvidia[name]


def test_legacy_services_have_their_paths():
    services = [
        f"{OURS}.services.{name}.v1_pb2" for name in ("a2f", "animation_data", "animation_controller")
    ]
    kinds = {
        path.removeprefix("/nvidia_ace.services."): what["streaming"]
        for path, what in describe(services, []).items()
    }
    assert kinds == {
        "a2f.v1.A2FService/PushAudioStream": [True, False],
        "animation_data.v1.AnimationDataService/PushAnimationDataStream": [True, False],
        "animation_data.v1.AnimationDataService/PullAnimationDataStream": [False, True],
        "animation_controller.v1.AnimationControllerService/RequestAnimationIds": [False, False],
        "animation_controller.v1.AnimationControllerService/PullAnimationDataStream": [False, True],
        "animation_controller.v1.AnimationControllerService/PushAudioStream": [True, False],
        "animation_controller.v1.AnimationControllerService/UpdateAnimationGraphVariable": [True, False],
    }


def test_legacy_messages_keep_their_own_numbers():
    """Messages of one name have other numbers in the legacy packages: the ids come first there."""
    from a2fbridge._proto.nvidia_ace.a2f import v1_pb2 as a2f
    from a2fbridge._proto.nvidia_ace.animation_data import v1_pb2 as animation_data

    def numbers(message: type) -> list[tuple[int, str]]:
        return [(field.number, field.name) for field in message.DESCRIPTOR.fields]

    assert numbers(a2f.AudioStreamHeader)[:2] == [(1, "animation_ids"), (2, "audio_header")]
    assert numbers(animation_data.AnimationDataStream)[2] == (3, "status")
    assert numbers(animation_data.AnimationDataStreamHeader) == [
        (1, "animation_ids"),
        (2, "source_service_id"),
        (3, "audio_header"),
        (4, "skel_animation_header"),
        (5, "start_time_code_since_epoch"),
    ]


BOTH_FAMILIES = """
import sys
from google.protobuf import any_pb2
from nvidia_audio2face_3d import audio2face_pb2, messages_pb2
from nvidia_audio2face_3d_authoring import audio2face_3d_authoring_pb2
import nvidia_ace.animation_pb2
from a2fbridge._proto.nvidia_ace.services.a2f_controller import v1_pb2
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.emotion_aggregate import v1_pb2 as aggregate

sent = controller.AnimationDataStream()
sent.animation_data.metadata["emotion_aggregate"].Pack(aggregate.EmotionAggregate())
theirs = messages_pb2.A2F3DAnimationDataStream.FromString(sent.SerializeToString())
assert theirs.WhichOneof("stream_part") == "animation_data"
print(theirs.animation_data.metadata["emotion_aggregate"].type_url)
assert "nvidia_ace" in sys.modules and not hasattr(sys.modules["nvidia_ace"], "controller")
"""


def test_both_families_live_in_one_process():
    environment = {"PYTHONPATH": f"{SOURCE}{os.pathsep}{peers_dir()}"}
    command = [sys.executable, "-W", "error", "-c", BOTH_FAMILIES]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "type.googleapis.com/nvidia_ace.emotion_aggregate.v1.EmotionAggregate"
