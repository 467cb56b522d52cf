"""The public page behind each declaration of the engine's stand-in.

python tests/unreal/ue_pages.py           print header, line, declaration and the address of its page
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SHIM = Path(__file__).resolve().parent / "shim"
ADDRESS = "https://dev.epicgames.com/documentation/en-us/unreal-engine/API/"

_DECLARATION = re.compile(r"(?:class|struct|enum(?: class)?|namespace) (\w+)\b(?!.*;$)|using (\w+) =")
_PAGE = re.compile(
    r"// EPIC ((?:Runtime|Editor|Developer|Plugins)/(\w+)/([\w/]+))(?: \(header: (\w+)\))?(?:[:, ].*)?$"
)
# The page of the generic class documents what the platform's own alias has.
_GENERIC = {
    name: name.replace("F", "FGeneric", 1) for name in ("FPlatformMisc", "FPlatformProcess", "FPlatformTime")
}
# Typedefs without a page of their own: the page of what declares or explains them.
_TYPEDEFS = {"FSimpleDelegate": "FSimpleMulticastDelegate"}
_INTEGERS = re.compile(r"u?int(?:8|16|32|64)|TCHAR|ANSICHAR")


@dataclass(frozen=True)
class Declaration:
    """A type of the stand-in, the page it was taken from, and what is wrong with that (empty: nothing)."""

    path: Path
    line: int
    name: str
    page: str
    problem: str = ""

    @property
    def address(self) -> str:
        """Address of the page."""
        return ADDRESS + self.page


def declarations(path: Path, text: str | None = None) -> Iterator[Declaration]:
    """Yield every type that a header declares at its left edge, except those of namespace Shim."""
    module = path.relative_to(SHIM).parts[0]
    page = ""
    shim = False
    for number, line in enumerate((path.read_text() if text is None else text).splitlines(), 1):
        shim = line == "namespace Shim" or (shim and not line.startswith("}"))
        if line.startswith("//"):
            page = line
        found = _DECLARATION.match(line)
        name = found and (found[1] or found[2])
        ours = shim or page.startswith("// shim") or (name or "").startswith(("Shim", "TShim"))
        if name and not ours and name not in ("Audio", "Type"):
            yield Declaration(path, number, name, *_judged(page, module, name))


def _judged(page: str, module: str, name: str) -> tuple[str, str]:
    found = _PAGE.match(page)
    if not found:
        return "", "names no page"
    path, owner, last, elsewhere = found.groups()
    known = {last.split("/")[-1].split("__")[0].lower()}
    wanted = _GENERIC.get(name, _TYPEDEFS.get(name, name)).lower()
    if wanted not in known and not _INTEGERS.fullmatch(name):
        return path, f"the page is that of {last}"
    if (elsewhere or owner) != module:
        return path, f"the page is of module {owner}, the header of {module}"
    return path, ""


def main() -> None:
    """Print the list."""
    for path in sorted(SHIM.rglob("*.h")):
        for found in declarations(path):
            print(f"{path.relative_to(SHIM)}:{found.line} {found.name} {found.address} {found.problem}")


if __name__ == "__main__":
    main()
