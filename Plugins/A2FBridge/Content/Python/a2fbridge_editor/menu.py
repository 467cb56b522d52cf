"""Menu entries: Tools > A2FBridge, and the context menu of sounds in the content browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import unreal
from a2fbridge_editor import dialog, preview_menu
from a2fbridge_editor.batch import Report, Source, bake_all, sources_below
from a2fbridge_editor.errors import BakeError
from a2fbridge_editor.level import make_level_sequence, sound_of
from a2fbridge_editor.sources import SOURCE_ENDINGS

_OWNER = "A2FBridge"
_MODULE = "a2fbridge_editor.menu"
_MENUS = {
    "LevelEditor.MainMenu.Tools": (
        ("bake_files", "Bake Speech Files...", "Sounds, recorded sessions and curve files to AnimSequences"),
        ("bake_directory", "Bake Speech Folder...", "All of a folder and its subfolders to AnimSequences"),
        ("check_setup", "Check Setup of Selected Actors", "Why does a face not move?"),
        ("make_environment", "Set Up Local Server", "Makes the Python environment of the local server"),
    ),
    "ContentBrowser.AssetContextMenu.SoundWave": (
        ("bake_selected", "Bake to Facial Animation...", "AnimSequences with the curves of the face"),
        ("preview_selected", "Preview One Frame...", "See a frame on the selected character, then bake"),
    ),
}


def register() -> None:
    """Add the entries; again is harmless."""
    menus = unreal.ToolMenus.get()
    for name, entries in _MENUS.items():
        menu = menus.extend_menu(name)
        menu.add_section(_OWNER, "A2FBridge")
        for function, label, tip in entries:
            menu.add_menu_entry(_OWNER, _entry(function, label, tip))
    menus.refresh_all_widgets()


def _entry(function: str, label: str, tip: str) -> unreal.ToolMenuEntry:
    entry = unreal.ToolMenuEntry(name=f"{_OWNER}.{function}", type=unreal.MultiBlockType.MENU_ENTRY)
    entry.set_label(label)
    entry.set_tool_tip(tip)
    command = f"import {_MODULE}; {_MODULE}.{function}()"
    entry.set_string_command(unreal.ToolMenuStringCommandType.PYTHON, "", command)
    return entry


def bake_selected() -> None:
    """Bake the sounds that are selected in the content browser."""
    sounds = [a for a in unreal.EditorUtilityLibrary.get_selected_assets() if isinstance(a, unreal.SoundWave)]
    _guarded(lambda: _bake(sounds, "select sounds in the content browser first"))


def preview_selected() -> None:
    """Show single frames of the sound that is selected in the content browser, and bake it when they are right."""
    sounds = [a for a in unreal.EditorUtilityLibrary.get_selected_assets() if isinstance(a, unreal.SoundWave)]
    _guarded(lambda: _preview(sounds))


def _preview(sounds: Sequence[unreal.SoundWave]) -> None:
    if len(sounds) != 1:
        raise BakeError("select one sound in the content browser first")
    preview_menu.run(sounds[0])


def bake_files() -> None:
    """Bake files that the user chooses."""
    patterns = ";".join(f"*{ending}" for ending in SOURCE_ENDINGS)
    types = f"Speech and curves ({patterns})|{patterns}"
    chosen = unreal.A2FBridgeEditorLibrary.choose_files("Bake Speech Files", types)
    if chosen:
        _guarded(lambda: _bake([Path(str(file)) for file in chosen], ""))


def bake_directory() -> None:
    """Bake everything below a folder that the user chooses."""
    folder = unreal.A2FBridgeEditorLibrary.choose_folder("Bake Speech Folder")
    if folder:
        _guarded(lambda: _bake(sources_below(folder), ""))


def check_setup() -> None:
    """Find out why a face does not move."""
    _tell("A2FBridge", _editor().check_selected_actors())


def make_environment() -> None:
    """Make the environment of the local server."""
    started, error = _editor().create_local_environment()
    _tell("A2FBridge", "The environment is being made; the log says how it goes." if started else error)


def _bake(sources: Sequence[Source], nothing: str) -> None:
    if not sources:
        raise BakeError(nothing)
    asked = dialog.ask()
    if asked is None:
        return
    options, shown = asked
    actor = _selected_actor() if shown.level_sequence else None
    report = bake_all(sources, options, changed_only=shown.changed_only)
    kept = _level_sequences(report, actor, options.folder) if actor else []
    _tell("Baking", "\n".join([report.text(), *kept]))


def _selected_actor() -> unreal.Actor:
    actors: Any = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    selected = actors.get_selected_level_actors()
    if not selected:
        raise BakeError("select the actor to animate in the level for a Level Sequence")
    actor: unreal.Actor = selected[0]
    return actor


def _level_sequences(report: Report, actor: unreal.Actor, folder: str) -> list[str]:
    """Make a Level Sequence for each result; says which were there and were kept: they play the new animation."""
    kept = []
    for path, source in report.baked.items():
        sequence = unreal.EditorAssetLibrary.load_asset(path)
        name = f"LS_{sequence.get_name().removeprefix('AS_')}"
        if unreal.EditorAssetLibrary.does_asset_exist(f"{folder.rstrip('/')}/{name}"):
            kept.append(f"{name} was there already and is kept")
            continue
        make_level_sequence(sequence, sound_of(source, folder), actor, name, folder)
    return kept


def _editor() -> unreal.A2FBridgeEditorSubsystem:
    subsystem = unreal.get_editor_subsystem(unreal.A2FBridgeEditorSubsystem)
    if subsystem is None:
        raise BakeError("the editor module of A2FBridge is not loaded; is the plugin enabled?")
    return subsystem


def _guarded(work: Callable[[], None]) -> None:
    try:
        work()
    except BakeError as error:
        unreal.log_error(f"A2FBridge: {error}")
        _tell("A2FBridge", str(error))


def _tell(title: str, text: str) -> None:
    unreal.EditorDialog.show_message(title, text, unreal.AppMsgType.OK)
