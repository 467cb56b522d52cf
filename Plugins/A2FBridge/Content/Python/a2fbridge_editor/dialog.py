"""The small dialog of the menus: Unreal's own details panel over an object of options."""

from __future__ import annotations

from typing import TypeVar

import unreal
from a2fbridge_editor.bake import BakeOptions
from a2fbridge_editor.errors import BakeError
from a2fbridge_editor.presets import Preset, read_preset


@unreal.uclass()
class A2FBridgeBakeDialog(unreal.Object):
    """Options of a bake, as the dialog shows them."""

    skeleton = unreal.uproperty(unreal.Skeleton, meta={"Category": "Bake", "DisplayName": "Skeleton"})
    folder = unreal.uproperty(str, meta={"Category": "Bake", "DisplayName": "Content Folder"})
    table = unreal.uproperty(
        str, meta={"Category": "Bake", "DisplayName": "Mapping Table (mh4, or an asset path)"}
    )
    frame_rate = unreal.uproperty(
        str, meta={"Category": "Bake", "DisplayName": "Frame Rate (empty: the clip's)"}
    )
    tolerance = unreal.uproperty(
        float, meta={"Category": "Bake", "DisplayName": "Key Reduction (below 0: none)"}
    )
    connection = unreal.uproperty(str, meta={"Category": "Bake", "DisplayName": "Connection"})
    preset = unreal.uproperty(
        unreal.FilePath, meta={"Category": "Bake", "DisplayName": "Preset (yaml, json)"}
    )
    changed_only = unreal.uproperty(bool, meta={"Category": "Bake", "DisplayName": "Only What Changed"})
    level_sequence = unreal.uproperty(bool, meta={"Category": "Bake", "DisplayName": "Also a Level Sequence"})


_Dialog = TypeVar("_Dialog", bound=A2FBridgeBakeDialog)


def ask() -> tuple[BakeOptions, A2FBridgeBakeDialog] | None:
    """Show the dialog; returns None when it was cancelled.  Raises BakeError for options that cannot be."""
    dialog = made(A2FBridgeBakeDialog)
    if not unreal.EditorDialog.show_object_details_view("Bake Speech to Animation", dialog):
        return None
    return options_of(dialog), dialog


def made(kind: type[_Dialog]) -> _Dialog:
    """Return a dialog with what is usual in it."""
    dialog: _Dialog = unreal.new_object(kind)
    dialog.folder, dialog.table, dialog.frame_rate = "/Game/A2FBridge/Baked", "mh4", ""
    dialog.tolerance, dialog.connection = 0.001, "Default"
    dialog.changed_only, dialog.level_sequence = True, False
    dialog.skeleton = selected_skeleton()
    return dialog


def selected_skeleton() -> unreal.Skeleton | None:
    """Return the skeleton that is selected in the content browser, or that of a selected skeletal mesh."""
    for asset in unreal.EditorUtilityLibrary.get_selected_assets():
        if isinstance(asset, unreal.Skeleton):
            return asset
        if isinstance(asset, unreal.SkeletalMesh):
            return asset.skeleton
    return None


def options_of(dialog: A2FBridgeBakeDialog) -> BakeOptions:
    """Return what a dialog says; raises BakeError for options that cannot be."""
    if dialog.skeleton is None:
        raise BakeError("choose a skeleton: that of the face, for a MetaHuman Face_Archetype_Skeleton")
    preset = read_preset(dialog.preset.file_path) if dialog.preset and dialog.preset.file_path else Preset()
    return BakeOptions(
        skeleton=dialog.skeleton.get_path_name(),
        folder=dialog.folder,
        table=dialog.table,
        frame_rate=dialog.frame_rate,
        tolerance=dialog.tolerance,
        connection=dialog.connection,
        preset=preset,
    )
