"""Menu entries: Tools > A2FBridge, and the context menu of sounds in the content browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import unreal
from a2fbridge_editor import dialog
from a2fbridge_editor.bake import asset_name
from a2fbridge_editor.batch import Report, Source, bake_all
from a2fbridge_editor.errors import BakeError
from a2fbridge_editor.level import make_level_sequence
from a2fbridge_editor.sources import SOURCE_ENDINGS

_OWNER = "A2FBridge"
_MODULE = "a2fbridge_editor.menu"
_MENUS = {
    "LevelEditor.MainMenu.Tools": (
        ("bake_files", "Bake Speech Files...", "Sounds, recorded sessions and curve files to AnimSequences"),
        ("check_setup", "Check Setup of Selected Actors", "Why does a face not move?"),
        ("make_environment", "Set Up Local Server", "Makes the Python environment of the local server"),
    ),
    "ContentBrowser.AssetContextMenu.SoundWave": (
        ("bake_selected", "Bake to Facial Animation...", "AnimSequences with the curves of the face"),
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


def bake_files() -> None:
    """Bake what lies below the project's Saved/A2FBridge/Bake."""
    folder = unreal.Paths.convert_relative_path_to_full(unreal.Paths.project_saved_dir() + "A2FBridge/Bake")
    files: list[Source] = sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() in SOURCE_ENDINGS)
    _guarded(lambda: _bake(files, f"put {', '.join(SOURCE_ENDINGS)} files into {folder} first"))


def check_setup() -> None:
    """Find out why a face does not move."""
    _tell("A2FBridge", _editor().check_selected_actors())


def make_environment() -> None:
    """Make the environment of the local server."""
    error = _editor().create_local_environment()
    started = error is not None
    said = "is being made; the log says how it goes" if started else "cannot be made; the log says why"
    _tell("A2FBridge", f"The environment {said}.")


def _bake(sources: Sequence[Source], nothing: str) -> None:
    if not sources:
        raise BakeError(nothing)
    asked = dialog.ask()
    if asked is None:
        return
    options, shown = asked
    report = bake_all(sources, options, changed_only=shown.changed_only)
    if shown.level_sequence:
        _level_sequences(sources, report)
    _tell("Baking", report.text())


def _level_sequences(sources: Sequence[Source], report: Report) -> None:
    actors: Any = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    selected = actors.get_selected_level_actors()
    if not selected:
        raise BakeError("select the actor to animate in the level for a Level Sequence")
    sounds = {asset_name(s): s for s in sources if isinstance(s, unreal.SoundWave)}
    for path in report.baked:
        sequence = unreal.EditorAssetLibrary.load_asset(path)
        name = sequence.get_name()
        make_level_sequence(sequence, sounds.get(name), selected[0], f"LS_{name.removeprefix('AS_')}")


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
