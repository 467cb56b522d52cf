"""Assemble the Unreal plugin as a folder that needs nothing else of the repository.

    python scripts/package_plugin.py OUT [--library FILE ...] [--notices FOLDER] [--zip]

OUT/A2FBridge then holds the plugin, the protocol (Source/ThirdParty/A2FBridgeClient/proto), the mapping tables
(Mappings), the licences, and for each --library a file in Binaries/ThirdParty/<platform>.  --notices is a folder of
licences of what is linked into the libraries (vcpkg's installed/<triplet>/share); they are joined into one file.
Standard library only.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = ROOT / "Plugins/A2FBridge"
CLIENT = "Source/ThirdParty/A2FBridgeClient"
LEFT_OUT = shutil.ignore_patterns("build", "Binaries", "Intermediate", "Saved", "__pycache__", "*.pyc")
PLATFORMS = {".dll": "Win64", ".so": "Linux", ".dylib": "Mac"}


def main() -> int:
    """Parse the command line and run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder to put A2FBridge/ into")
    parser.add_argument("--library", type=Path, action="append", default=[], help="a built client library")
    parser.add_argument("--notices", type=Path, help="folder of licences of what the libraries contain")
    parser.add_argument("--zip", action="store_true", help="also OUT/A2FBridge.zip")
    options = parser.parse_args()
    try:
        plugin = assemble(options.out, options.library, options.notices)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if options.zip:
        print(shutil.make_archive(str(plugin), "zip", options.out, plugin.name))
    print(plugin)
    return 0


def assemble(out: Path, libraries: list[Path], notices: Path | None = None) -> Path:
    """Write the plugin into ``out``, replacing one that is there; return its folder.

    Raises ValueError for a library whose name or ending is not one that the plugin looks for.
    """
    plugin = out / PLUGIN.name
    places = [(library, plugin / "Binaries/ThirdParty" / _platform(library)) for library in libraries]
    shutil.rmtree(plugin, ignore_errors=True)
    shutil.copytree(PLUGIN, plugin, ignore=LEFT_OUT)
    _copy_matching(ROOT / "proto", plugin / CLIENT / "proto", "*.proto")
    _copy_matching(ROOT / "mappings", plugin / "Mappings", "*.yaml", "*.json")
    for name in ("LICENSE", "NOTICE"):
        shutil.copy2(ROOT / name, plugin / name)
    for library, folder in places:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(library, folder / library.name)
    if notices is not None:
        (plugin / "NOTICE-ThirdParty.txt").write_text(_joined(notices), encoding="utf-8")
    return plugin


def _platform(library: Path) -> str:
    prefix = "" if library.suffix == ".dll" else "lib"
    if library.suffix not in PLATFORMS or library.stem != f"{prefix}a2fbridge_client":
        raise ValueError(
            f"{library}: right is a2fbridge_client.dll, liba2fbridge_client.so or liba2fbridge_client.dylib"
        )
    return PLATFORMS[library.suffix]


def _copy_matching(source: Path, target: Path, *patterns: str) -> None:
    for path in sorted(path for pattern in patterns for path in source.rglob(pattern)):
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)


def _joined(notices: Path) -> str:
    """Return the licences of a folder laid out like vcpkg's share: <package>/copyright."""
    files = sorted(notices.glob("*/copyright"))
    if not files:
        raise ValueError(f"{notices}: holds no <package>/copyright; right is vcpkg_installed/<triplet>/share")
    head = "The client library contains the packages below, each under its own licence.\n"
    return head + "".join(
        f"\n{'=' * 100}\n{path.parent.name}\n{'=' * 100}\n\n{path.read_text(encoding='utf-8', errors='replace')}"
        for path in files
    )


if __name__ == "__main__":
    sys.exit(main())
