"""Unreal's ini files: sections, keys with +, -, . and ! in front, struct values in brackets."""

from __future__ import annotations

import re


def ini_problems(text: str) -> list[str]:
    """Return what is wrong with an ini file, line by line."""
    problems = []
    section = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith(";"):
            continue
        if line.startswith("["):
            if not re.fullmatch(r"\[[^\[\]]+\]", line):
                problems.append(f"{number}: a section is written [Name]")
            section = line
        elif not section:
            problems.append(f"{number}: a key stands before any section")
        elif section == "[FilterPlugin]":
            if not line.startswith("/"):
                problems.append(f"{number}: a path of FilterPlugin begins with /")
        elif not (match := re.fullmatch(r"[+\-.!]?([A-Za-z0-9_.]+)=(.*)", line)):
            problems.append(f"{number}: a line is written Key=Value")
        elif not _balanced(match.group(2)):
            problems.append(f"{number}: brackets or quotes do not close")
    return problems


def _balanced(value: str) -> bool:
    unquoted = re.sub(r'"(?:\\.|[^"\\])*"', "", value)
    return '"' not in unquoted and unquoted.count("(") == unquoted.count(")")
