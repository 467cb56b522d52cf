"""NVIDIA's authoring client in small, on their own published stubs; knows nothing of A2FBridge.

    python nvidia_authoring.py HOST:PORT RECORDING.wav

Upload, then a pose for each of int(30 * seconds) times, as their ``data_capture`` does; prints what came as JSON.
"""

import json
import sys
import wave

import grpc
from nvidia_ace import audio_pb2
from nvidia_audio2face_3d import messages_pb2 as common
from nvidia_audio2face_3d_authoring import audio2face_3d_authoring_pb2_grpc, messages_pb2

EMOTIONS = "amazement anger cheekiness disgust fear grief joy outofbreath pain sadness".split()


def main(target: str, path: str) -> None:
    with wave.open(path) as recording:
        rate, count = recording.getframerate(), recording.getnframes()
        content = recording.readframes(count)
    header = audio_pb2.AudioHeader(
        audio_format=audio_pb2.AudioHeader.AUDIO_FORMAT_PCM,
        channel_count=1,
        samples_per_second=rate,
        bits_per_sample=16,
    )
    poses = []
    with grpc.insecure_channel(target) as channel:
        stub = audio2face_3d_authoring_pb2_grpc.A2FAuthoringServiceStub(channel)
        handle = stub.UploadAudioClip(messages_pb2.AudioClip(audio_header=header, content=content))
        for i in range(int(30 * count / rate)):
            request = messages_pb2.FacePoseRequest(
                audio_hash=handle.audio_clip_id,
                preferred_emotions=dict.fromkeys(EMOTIONS, 0.0) | {"joy": 0.5},
                time_stamp=i / 30,
                face_params=common.FaceParameters(
                    float_params={"eyelidOpenOffset": 0.06, "tongueHeightOffset": 0.53}
                ),
                emotion_pp_params=common.EmotionPostProcessingParameters(
                    emotion_contrast=0.5,
                    live_blend_coef=0.5,
                    enable_preferred_emotion=True,
                    preferred_emotion_strength=0.5,
                    emotion_strength=1.0,
                    max_emotions=6,
                ),
                blendshape_params=common.BlendShapeParameters(
                    bs_weight_multipliers=dict.fromkeys(handle.blendshape_names, 1.0),
                    bs_weight_offsets=dict.fromkeys(handle.blendshape_names, 0.0),
                ),
            )
            data = stub.GetAvatarFacePose(request)
            weights = [data.blendshapes[k] for k in range(len(handle.blendshape_names))]
            poses.append([data.time_code, weights, [data.emotions[name] for name in EMOTIONS]])
    print(json.dumps({"id": handle.audio_clip_id, "names": list(handle.blendshape_names), "poses": poses}))


if __name__ == "__main__":
    main(*sys.argv[1:])
