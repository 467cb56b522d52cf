"""Makes the sample's content the first time that the project is opened, and adds a menu entry that makes it again."""

import unreal

if not unreal.SystemLibrary.is_unattended():
    from a2fbridge_sample import first_open

    first_open.start()
