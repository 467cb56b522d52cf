"""Text of C++ sources: brackets, comments, macro arguments, preprocessor conditions."""

from __future__ import annotations

import re


def specifiers(arguments: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the specifiers and the metadata of a reflection macro's arguments."""
    found: dict[str, str] = {}
    meta: dict[str, str] = {}
    for part in _split(arguments):
        name, _, value = part.partition("=")
        name, value = name.strip(), value.strip()
        if name.lower() == "meta":
            for entry in _split(value.strip()[1:-1]):
                key, _, content = entry.partition("=")
                meta[key.strip()] = content.strip().strip('"')
        elif name:
            found[name] = value.strip('"')
    return found, meta


def _split(text: str) -> list[str]:
    parts, depth, quoted, current = [], 0, False, ""
    for character in text:
        if character == '"':
            quoted = not quoted
        if not quoted and character in "([{<":
            depth += 1
        if not quoted and character in ")]}>":
            depth -= 1
        if character == "," and depth == 0 and not quoted:
            parts.append(current)
            current = ""
        else:
            current += character
    return [part for part in [*parts, current] if part.strip()]


def closing(text: str, opening: int) -> int:
    """Return the place after the bracket that closes the one at `opening`."""
    depth, quoted = 0, False
    for at in range(opening, len(text)):
        character = text[at]
        if character == '"' and text[at - 1] != "\\":
            quoted = not quoted
        elif not quoted and character == "(":
            depth += 1
        elif not quoted and character == ")":
            depth -= 1
            if depth == 0:
                return at + 1
    return len(text)


def erase(text: list[str], start: int, end: int) -> None:
    """Put blanks in place of characters, but not of line ends."""
    for at in range(start, end):
        if text[at] != "\n":
            text[at] = " "


def without_comments(text: str) -> str:
    """Return the text with blanks in place of comments."""

    def blank(match: re.Match[str]) -> str:
        found = match.group(0)
        return found if found.startswith('"') else re.sub(r"[^\n]", " ", found)

    return re.sub(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', blank, text, flags=re.S)


def conditions(text: str) -> dict[int, tuple[str, ...]]:
    """Return, for every line, the preprocessor conditions that it stands under."""
    result: dict[int, tuple[str, ...]] = {}
    stack: list[str] = []
    for number, line in enumerate(text.splitlines() or [""], 1):
        directive = re.match(r"\s*#\s*(if|ifdef|ifndef|else|elif|endif)\b\s*(.*)", line)
        if directive:
            word, condition = directive.group(1), directive.group(2).split("//")[0].strip()
            if word.startswith("if"):
                stack.append({"ifndef": "!", "ifdef": "", "if": ""}[word] + condition)
            elif word == "endif" and stack:
                stack.pop()
            elif stack:
                stack[-1] = condition if word == "elif" else f"!({stack[-1]})"
        result[number] = tuple(stack)
    return result
