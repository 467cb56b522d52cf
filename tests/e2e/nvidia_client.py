"""A client on NVIDIA's own published stubs, in the call order of their examples; knows nothing of A2FBridge.

    python nvidia_client.py HOST:PORT RECORDING.wav

Runs in a process of its own with nvidia-audio2face-3d on its path.  Sends the recording in chunks of one second with
two emotion keys on the first, reads to the end of the stream, and prints what it got as JSON.
"""

import hashlib
import json
import sys
import wave

import grpc
from nvidia_ace import animation_pb2, audio_pb2, status_pb2
from nvidia_audio2face_3d import (
    a2x_export_config_pb2,
    a2x_export_config_pb2_grpc,
    audio2face_pb2_grpc,
    messages_pb2,
)


def requests(path: str):
    """Yield header, sound, end."""
    with wave.open(path) as recording:
        rate, data = recording.getframerate(), recording.readframes(recording.getnframes())
        header = audio_pb2.AudioHeader(
            audio_format=audio_pb2.AudioHeader.AUDIO_FORMAT_PCM,
            channel_count=recording.getnchannels(),
            samples_per_second=rate,
            bits_per_sample=8 * recording.getsampwidth(),
        )
    yield messages_pb2.AudioWithEmotionStream(
        audio_stream_header=messages_pb2.AudioWithEmotionStreamHeader(
            audio_header=header,
            face_params=messages_pb2.FaceParameters(float_params={"lowerFaceStrength": 1.1}),
            blendshape_params=messages_pb2.BlendShapeParameters(bs_weight_multipliers={"JawOpen": 1.0}),
        )
    )
    for at in range(0, len(data), 2 * rate):
        chunk = messages_pb2.AudioWithEmotion(audio_buffer=data[at : at + 2 * rate])
        if at == 0:
            chunk.emotions.add(time_code=0.0, emotion={"joy": 0.2})
            chunk.emotions.add(time_code=1.0, emotion={"joy": 0.6})
        yield messages_pb2.AudioWithEmotionStream(audio_with_emotion=chunk)
    yield messages_pb2.AudioWithEmotionStream(end_of_audio=messages_pb2.AudioWithEmotionStream.EndOfAudio())


def main(target: str, path: str) -> None:
    """Run one clip and print a summary."""
    parts, times, weights, echo, statuses, rate, names = [], [], [], hashlib.sha256(), [], 0, []
    echoed = 0
    with grpc.insecure_channel(target) as channel:
        stub = audio2face_pb2_grpc.A2FControllerServiceStub(channel)
        for message in stub.ProcessAudioStream(requests(path)):
            part = message.WhichOneof("stream_part")
            parts.append(part)
            if part == "animation_data_stream_header":
                rate = message.animation_data_stream_header.audio_header.samples_per_second
                names = list(message.animation_data_stream_header.skel_animation_header.blend_shapes)
            elif part == "animation_data":
                data: animation_pb2.AnimationData = message.animation_data
                (entry,) = data.skel_animation.blend_shape_weights
                times.append(entry.time_code)
                weights.append(len(entry.values))
                echo.update(data.audio.audio_buffer)
                echoed += len(data.audio.audio_buffer) // 2
            elif part == "status":
                statuses.append(status_pb2.Status.Code.Name(message.status.code))
        configs = a2x_export_config_pb2_grpc.A2XExportConfigServiceStub(channel)
        files = [file.name for file in configs.GetConfigs(a2x_export_config_pb2.ConfigsTypeRequest())]
    print(
        json.dumps(
            {
                "first": parts[0],
                "last": parts[-2:],
                "frames": len(times),
                "times": times,
                "weights": sorted(set(weights)),
                "names": names,
                "statuses": statuses,
                "echo_rate": rate,
                "echo_samples": echoed,
                "echo_sha256": echo.hexdigest(),
                "configs": files,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
