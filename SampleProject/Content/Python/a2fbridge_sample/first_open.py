"""Waits until Unreal knows all assets, then builds once; Tools > A2FBridge > Rebuild Sample Content builds again."""

from __future__ import annotations

import unreal
from a2fbridge_sample import build

_waiting: object | None = None


def start() -> None:
    """Add the menu entry and build when the editor is ready."""
    global _waiting
    _add_menu()
    if not unreal.EditorAssetLibrary.does_asset_exist(build.MAP):
        _waiting = unreal.register_slate_post_tick_callback(_tick)


def _tick(seconds: float) -> None:
    """Asset work must wait for the registry."""
    global _waiting
    if unreal.AssetRegistryHelpers.get_asset_registry().is_loading_assets():
        return
    if _waiting is not None:
        unreal.unregister_slate_post_tick_callback(_waiting)
        _waiting = None
    rebuild()


def rebuild() -> None:
    """Build and say how it went."""
    try:
        build.build()
    except build.SampleError as error:
        unreal.log_error(f"A2FBridge sample: {error}")
        unreal.EditorDialog.show_message("A2FBridge Sample", str(error), unreal.AppMsgType.OK)


def _add_menu() -> None:
    menu = unreal.ToolMenus.get().extend_menu("LevelEditor.MainMenu.Tools")
    entry = unreal.ToolMenuEntry(name="A2FBridge.Rebuild", type=unreal.MultiBlockType.MENU_ENTRY)
    entry.set_label("Rebuild Sample Content")
    command = "from a2fbridge_sample import first_open; first_open.rebuild()"
    entry.set_string_command(unreal.ToolMenuStringCommandType.PYTHON, "", command)
    menu.add_menu_entry("A2FBridge", entry)
