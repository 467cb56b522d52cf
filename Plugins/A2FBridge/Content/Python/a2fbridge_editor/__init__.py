"""A2FBridge in the Unreal editor: speech to AnimSequences and Level Sequences.

    import a2fbridge_editor as a2f

    a2f.bake("C:/voice/line1.wav", a2f.BakeOptions(skeleton="/Game/MetaHumans/Common/Face/Face_Archetype_Skeleton"))

Standard library and ``unreal`` only.  docs/unreal_baking.md is the guide.
"""

from a2fbridge_editor.bake import BakeOptions, bake, bake_clip
from a2fbridge_editor.batch import Report, bake_folder
from a2fbridge_editor.errors import BakeError
from a2fbridge_editor.level import make_level_sequence, sound_of
from a2fbridge_editor.presets import Preset, read_preset
from a2fbridge_editor.preview import Preview
from a2fbridge_editor.sources import SOURCE_ENDINGS, read_source

__all__ = [
    "SOURCE_ENDINGS",
    "BakeError",
    "BakeOptions",
    "Preset",
    "Preview",
    "Report",
    "bake",
    "bake_clip",
    "bake_folder",
    "make_level_sequence",
    "read_preset",
    "read_source",
    "sound_of",
]
