"""Write the table of configuration keys in docs/training.md anew, from the classes that define them.

python scripts/training_reference.py
"""

from __future__ import annotations

import re
from pathlib import Path

from a2fbridge.training.config import default_run, table

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "training.md"
_MARKS = ("<!-- keys: made by scripts/training_reference.py -->", "<!-- end of keys -->")


def written(text: str) -> str:
    """Return the guide with its tables made anew."""
    begin, end = _MARKS
    found = re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n{_tables()}\n{end}", text, flags=re.DOTALL)
    if begin not in text:
        raise SystemExit(f"{GUIDE} has lost its mark {begin}")
    return found


def _tables() -> str:
    compact, reference, builtin = (table(default_run(kind)) for kind in ("compact", "reference", "builtin"))
    meanings = {key: (default, meaning) for key, default, meaning in compact}
    both = [row for row in reference if row[0] in meanings and row[0] != "kind"]
    shown = [
        (k, _default(d, meanings[k][0]), m if m == meanings[k][1] else f"{meanings[k][1]} {m}")
        for k, d, m in both
    ]
    parts = {
        "Kinds `compact` and `reference`": shown,
        "Only `compact`": [row for row in compact if row[0] not in {key for key, _, _ in both}],
        "Only `reference`": [row for row in reference if row[0] not in {key for key, _, _ in both}],
        "Kind `builtin`": builtin,
    }
    return "\n\n".join(f"### {name}\n\n{_table(rows)}" for name, rows in parts.items())


def _default(reference: str, compact: str) -> str:
    return reference if compact == reference else f"{compact} (compact), {reference} (reference)"


def _table(rows: list[tuple[str, str, str]]) -> str:
    lines = ["| key | default | meaning |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| `{key}` | {default} | {meaning} |" for key, default, meaning in rows)])


if __name__ == "__main__":
    GUIDE.write_text(written(GUIDE.read_text()))
