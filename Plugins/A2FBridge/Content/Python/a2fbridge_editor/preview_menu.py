"""Look at one frame on the selected character, change what it is made with, look again, and bake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import unreal
from a2fbridge_editor import dialog
from a2fbridge_editor.bake import BakeOptions, bake
from a2fbridge_editor.errors import BakeError
from a2fbridge_editor.preview import Preview


@unreal.uclass()
class A2FBridgePreviewDialog(dialog.A2FBridgeBakeDialog):
    """Options of a bake, the time of the frame to look at, and what may be tried on it."""

    seconds = unreal.uproperty(float, meta={"Category": "Preview", "DisplayName": "Time (seconds)"})
    emotions = unreal.uproperty(
        str, meta={"Category": "Preview", "DisplayName": "Emotions (joy=0.5 anger=0.2)"}
    )
    parameters = unreal.uproperty(
        str, meta={"Category": "Preview", "DisplayName": "Face Parameters (lowerFaceStrength=1.2)"}
    )


def run(source: unreal.SoundWave) -> None:
    """Preview a sound until it is baked or given up; raises BakeError."""
    shown = dialog.made(A2FBridgePreviewDialog)
    shown.seconds, shown.emotions, shown.parameters = 0.0, "", ""
    preview: Preview | None = None
    try:
        while unreal.EditorDialog.show_object_details_view("Preview One Frame", shown):
            options = _options(shown)
            if preview is None or not preview.fits(options):
                if preview:
                    preview.close()
                preview = Preview(source, options)
            preview.show(shown.seconds, options.preset)
            answer = _ask(f"The selected character shows {shown.seconds:g} s.\n\nBake the clip like this?")
            if answer == unreal.AppReturnType.YES:
                sequence = bake(source, options)
                unreal.EditorDialog.show_message("Baking", sequence.get_path_name(), unreal.AppMsgType.OK)
            if answer != unreal.AppReturnType.NO:
                return
    finally:
        if preview:
            preview.close()


def _options(shown: A2FBridgePreviewDialog) -> BakeOptions:
    options = dialog.options_of(shown)
    preset = options.preset
    emotions = {**preset.emotions, **_values(shown.emotions, "emotion")}
    parameters = {**preset.parameters, **_values(shown.parameters, "face parameter")}
    return replace(options, preset=replace(preset, emotions=emotions, parameters=parameters))


def _values(text: str, what: str) -> Mapping[str, float]:
    """Read ``joy=0.5 anger=0.2``; raises BakeError."""
    values = {}
    for pair in str(text or "").replace(",", " ").split():
        name, _, value = pair.partition("=")
        try:
            values[name] = float(value)
        except ValueError:
            raise BakeError(f"{what} '{pair}' is not NAME=VALUE, such as joy=0.5") from None
    return values


def _ask(text: str) -> unreal.AppReturnType:
    return unreal.EditorDialog.show_message("Preview", text, unreal.AppMsgType.YES_NO_CANCEL)
