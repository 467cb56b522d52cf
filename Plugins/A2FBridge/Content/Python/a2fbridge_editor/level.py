"""A baked clip in a Level Sequence: the animation on an actor, the sound beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import unreal
from a2fbridge_editor.errors import BakeError


def make_level_sequence(
    sequence: unreal.AnimSequence,
    sound: unreal.SoundBase | None,
    actor: unreal.Actor,
    name: str,
    folder: str = "/Game/A2FBridge/Baked",
) -> unreal.LevelSequence:
    """Make a Level Sequence that plays an AnimSequence on an actor of the level, with its sound; raises BakeError.

    The actor needs a skeletal mesh component of the sequence's skeleton.
    """
    if actor is None:
        raise BakeError("there is no actor to animate; select one in the level")
    component = actor.get_component_by_class(unreal.SkeletalMeshComponent.static_class())
    if component is None:
        raise BakeError(f"{actor.get_name()} has no skeletal mesh component")
    level = _made(name, folder)
    level.set_display_rate(sequence.data_model_interface.get_frame_rate())
    length = unreal.AnimationLibrary.get_sequence_length(sequence)
    level.set_playback_end_seconds(length)
    _animate(level, component, sequence, length)
    if sound is not None:
        _sound(level, sound, length)
    return level


def sound_of(
    source: str | Path | unreal.SoundWave, folder: str = "/Game/A2FBridge/Baked"
) -> unreal.SoundBase | None:
    """Return the sound of what was baked as an asset, imported where it is a file; None when there is none in it.

    A recorded session's sound is written to Saved/A2FBridge/Sounds first.  Raises BakeError.
    """
    if isinstance(source, unreal.SoundWave):
        return source
    path = Path(source)
    if path.suffix.lower() == ".a2frec":
        recorded = _sound_file(path)
        return _imported(recorded, folder) if recorded else None
    return _imported(path, folder) if path.suffix.lower() == ".wav" else None


def _sound_file(recording: Path) -> Path | None:
    clip, error = unreal.A2FBridgeClip.load_recording(str(recording))
    if clip is None:
        raise BakeError(f"{recording}: {error}")
    saved = unreal.Paths.convert_relative_path_to_full(unreal.Paths.project_saved_dir())
    file = Path(saved) / "A2FBridge" / "Sounds" / f"{recording.stem}.wav"
    written, _ = clip.save_sound(str(file))
    return file if written else None


def _imported(file: Path, folder: str) -> unreal.SoundBase:
    task = unreal.AssetImportTask()
    task.filename = str(file)
    task.destination_path = folder.rstrip("/")
    task.automated = True
    task.replace_existing = True
    task.save = True
    unreal.AssetToolsHelpers.get_asset_tools().import_asset_tasks([task])
    sound = next((made for made in task.get_objects() if isinstance(made, unreal.SoundBase)), None)
    if sound is None:
        raise BakeError(f"{file}: could not be imported as a sound; see the message log")
    return sound


def _made(name: str, folder: str) -> unreal.LevelSequence:
    path = f"{folder.rstrip('/')}/{name}"
    if unreal.EditorAssetLibrary.does_asset_exist(path):
        raise BakeError(f"{path} is there already; choose another name")
    tools = unreal.AssetToolsHelpers.get_asset_tools()
    made = tools.create_asset(
        name, folder.rstrip("/"), unreal.LevelSequence.static_class(), unreal.LevelSequenceFactoryNew()
    )
    if not isinstance(made, unreal.LevelSequence):
        raise BakeError(f"{path}: the Level Sequence could not be made")
    return made


def _animate(
    level: unreal.LevelSequence,
    component: unreal.SkeletalMeshComponent,
    sequence: unreal.AnimSequence,
    length: float,
) -> None:
    binding = level.add_possessable(component)
    track = unreal.MovieSceneBindingExtensions.add_track(
        binding, unreal.MovieSceneSkeletalAnimationTrack.static_class()
    )
    section: Any = unreal.MovieSceneTrackExtensions.add_section(track)
    params = unreal.MovieSceneSkeletalAnimationParams()
    params.animation = sequence
    section.params = params
    unreal.MovieSceneSectionExtensions.set_range_seconds(section, 0.0, length)


def _sound(level: unreal.LevelSequence, sound: unreal.SoundBase, length: float) -> None:
    track = level.add_track(unreal.MovieSceneAudioTrack.static_class())
    section: Any = unreal.MovieSceneTrackExtensions.add_section(track)
    section.set_sound(sound)
    unreal.MovieSceneSectionExtensions.set_range_seconds(section, 0.0, length)
