"""Target profiles: which curves a rig has.  The data lies in ``mappings/profiles/NAME.yaml``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from a2fbridge import shapes
from a2fbridge._errors import nearest
from a2fbridge._resources import mappings_dir
from a2fbridge.mapping._document import TargetSpec
from a2fbridge.mapping._fields import Name, as_map, as_name, fold, items_of
from a2fbridge.mapping._nodes import Place
from a2fbridge.mapping._yaml import read_yaml

__all__ = [
    "MAX_CURVES",
    "SOURCE_PROFILES",
    "Profile",
    "profile_names",
    "resolve_profile",
    "shipped_profile",
    "source_names",
]

MAX_CURVES: Final = 4096

SOURCE_PROFILES: Final = {"a2f_68": shapes.FACE_NAMES, "arkit_52": shapes.ARKIT_NAMES}


@dataclass(frozen=True)
class Profile:
    """The curves of a rig, in the order in which a table's targets are given out."""

    name: str
    prefix: str
    curves: tuple[str, ...]
    """Names that get the prefix."""
    plain: tuple[str, ...] = ()
    """Names beside them that never get it (``HeadControlSwitch``)."""

    def find(self, name: str) -> str | None:
        """Return the profile's spelling of a name, compared without case; None when it has no such curve."""
        return self._spellings().get(fold(name))

    def output_name(self, curve: str, prefix: str) -> str:
        """Return the name under which a curve goes out."""
        return curve if curve in self.plain else prefix + curve

    def _spellings(self) -> dict[str, str]:
        return {fold(name): name for name in (*self.curves, *self.plain)}


def profile_names() -> tuple[str, ...]:
    """Return the names of the shipped target profiles."""
    return tuple(sorted(path.stem for path in (mappings_dir() / "profiles").glob("*.yaml")))


@lru_cache(maxsize=32)
def shipped_profile(name: str) -> Profile:
    """Read a shipped profile."""
    path = mappings_dir() / "profiles" / f"{name}.yaml"
    node = as_map(
        read_yaml(path.read_bytes(), str(path)),
        "a profile",
        ("profile", "provenance", "prefix", "curves", "plain"),
    )
    names = {
        key: tuple(as_name(item, "a curve") for item in items_of(node.entries[key], key))
        for key in ("curves", "plain")
        if key in node.entries
    }
    prefix = as_name(node.entries["prefix"], "prefix").text if "prefix" in node.entries else ""
    return Profile(name, prefix, _unique(names["curves"]), _unique(names.get("plain", ())))


def resolve_profile(spec: TargetSpec) -> Profile:
    """Return the profile that a table's ``target`` names, or the one that it spells out (``custom``)."""
    if spec.profile.text == "custom":
        if not spec.curves:
            raise spec.profile.place.error("schema", "the profile custom needs curves: [...]")
        return Profile("custom", "", _unique(spec.curves))
    if spec.curves is not None:
        raise spec.profile.place.error("schema", "curves belong to the profile custom")
    if spec.profile.text not in profile_names():
        known = (*profile_names(), "custom")
        message = f"no target profile '{spec.profile.text}'{nearest(spec.profile.text, known)}"
        raise spec.profile.place.error("unknown_profile", f"{message}; right are {', '.join(known)}")
    return shipped_profile(spec.profile.text)


def source_names(profile: Name | None) -> tuple[str, ...]:
    """Return the sources of a profile, ``a2f_68`` when the table says nothing."""
    if profile is None:
        return SOURCE_PROFILES["a2f_68"]
    if profile.text not in SOURCE_PROFILES:
        message = f"no source profile '{profile.text}'{nearest(profile.text, SOURCE_PROFILES)}"
        raise profile.place.error("unknown_profile", f"{message}; right are {', '.join(SOURCE_PROFILES)}")
    return SOURCE_PROFILES[profile.text]


def _unique(names: Iterable[Name]) -> tuple[str, ...]:
    seen: dict[str, Place] = {}
    out = []
    for name in names:
        if name.folded in seen:
            raise name.place.error(
                "duplicate_name",
                f"the curve '{name.text}' stands twice, first in line {seen[name.folded].line}",
            )
        seen[name.folded] = name.place
        out.append(name.text)
    if len(out) > MAX_CURVES:
        raise seen[next(iter(seen))].error("schema", f"more than {MAX_CURVES} curves")
    return tuple(out)
