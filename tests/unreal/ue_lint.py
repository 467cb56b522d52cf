"""A lint in the manner of Unreal Header Tool and UnrealBuildTool: what they would refuse, found without them.

    python tests/unreal/ue_lint.py            check the plugin; exit status 1 when something was found

Rules have names; `RULES` is their list. Each is proved able to fail by a seeded fault in test_ue_lint.py.
"""

from __future__ import annotations

import sys

import ue_rules_members
import ue_rules_modules
import ue_rules_types
from ue_project import RULES, SHIM, Finding, Project, load_project

__all__ = ["RULES", "SHIM", "Finding", "Project", "check", "load_project"]
_LOADED = (ue_rules_members, ue_rules_modules, ue_rules_types)  # importing them fills RULES


def check(project: Project, only: str | None = None) -> list[Finding]:
    """Run all rules, or one."""
    return [finding for name, run in RULES.items() if only in (None, name) for finding in run(project)]


def main() -> int:
    """Check the plugin and print what was found."""
    found = check(load_project())
    for finding in found:
        print(finding)
    print(f"{len(found)} findings, {len(RULES)} rules")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
