"""A baked clip in a Level Sequence: the animation on an actor, the sound beside it."""

from __future__ import annotations

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
