"""Many clips: a folder, a selection; only what changed is baked again, and one bad file does not stop the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import unreal
from a2fbridge_editor.bake import BakeOptions, asset_name, bake, needs_bake
from a2fbridge_editor.errors import BakeError, Cancelled
from a2fbridge_editor.sources import SOURCE_ENDINGS

Source = str | Path | unreal.SoundWave


@dataclass
class Report:
    """What became of each source."""

    baked: dict[str, Source] = field(default_factory=dict)
    """Asset path -> what it was baked from."""
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    """Source -> why."""
    cancelled: bool = False

    def text(self) -> str:
        """Return one sentence, and a line for each failure."""
        said = f"{len(self.baked)} baked, {len(self.unchanged)} unchanged, {len(self.failed)} failed"
        said += ", the rest cancelled" if self.cancelled else ""
        return "\n".join([said, *(f"{source}: {why}" for source, why in self.failed.items())])


def bake_folder(
    folder: str | Path, options: BakeOptions, *, recursive: bool = True, changed_only: bool = True
) -> Report:
    """Bake every sound, recording and curve file below a folder of the disk; raises BakeError when there is none."""
    return bake_all(sources_below(folder, recursive=recursive), options, changed_only=changed_only)


def sources_below(folder: str | Path, *, recursive: bool = True) -> list[Source]:
    """Return what can be baked below a folder of the disk, by name; raises BakeError when there is nothing."""
    folder = Path(folder)
    if not folder.is_dir():
        raise BakeError(f"{folder}: there is no such folder")
    files = sorted(folder.rglob("*") if recursive else folder.glob("*"))
    found: list[Source] = [path for path in files if path.suffix.lower() in SOURCE_ENDINGS and path.is_file()]
    if not found:
        raise BakeError(f"{folder}: holds no {', '.join(SOURCE_ENDINGS)}")
    return found


def bake_all(sources: Sequence[Source], options: BakeOptions, *, changed_only: bool = True) -> Report:
    """Bake sources one after the other under a progress bar that can be cancelled."""
    report = Report()
    names = _names(sources)
    with unreal.ScopedSlowTask(len(sources), "Baking speech to animation") as task:
        task.make_dialog(True)
        for source, name in zip(sources, names, strict=True):
            if task.should_cancel():
                report.cancelled = True
                break
            task.enter_progress_frame(1, f"Baking {name}")
            _bake_one(source, name, options, changed_only, task, report)
            if report.cancelled:
                break
    return report


def _bake_one(
    source: Source,
    name: str,
    options: BakeOptions,
    changed_only: bool,
    task: unreal.ScopedSlowTask,
    report: Report,
) -> None:
    shown = source.get_path_name() if isinstance(source, unreal.SoundWave) else str(source)
    try:
        if changed_only and not needs_bake(source, options, name):
            report.unchanged.append(shown)
            return
        sequence = bake(source, options, name, progress=lambda share: not task.should_cancel())
        report.baked[sequence.get_path_name()] = source
    except Cancelled:
        report.cancelled = True
    except BakeError as error:
        report.failed[shown] = str(error)


def _names(sources: Iterable[Source]) -> list[str]:
    """Return one asset name a source; equal names get numbers."""
    names: list[str] = []
    for source in sources:
        base = name = asset_name(source)
        number = 2
        while name in names:
            name, number = f"{base}_{number}", number + 1
        names.append(name)
    return names
