"""Runs when the editor starts: adds A2FBridge's menu entries.  Not in commandlets, which have no menus."""

import unreal

if not unreal.SystemLibrary.is_unattended():
    from a2fbridge_editor import menu

    menu.register()
