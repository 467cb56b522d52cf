"""A face pack from its folder: the card says of what kind it is, the readers of each kind do the rest."""

from __future__ import annotations

from typing import Final

from a2fbridge.packs._diffusion import read_diffusion
from a2fbridge.packs._findings import Report, fault
from a2fbridge.packs._folder import PackFolder
from a2fbridge.packs._json import Fields, read_json
from a2fbridge.packs._model import DiffusionInfo, FacePack, RegressionInfo
from a2fbridge.packs._parameters import read_network_info
from a2fbridge.packs._regression import read_regression

__all__: list[str] = []

CARD: Final = "model.json"


def card_kind(card: Fields) -> str:
    """Return ``regression``, ``diffusion`` or ``emotion``, told by the keys of the card."""
    if "modelConfigPaths" in card or "modelDataPaths" in card:
        return "diffusion"
    geometry = "modelDataPath" in card or "emotionDatabasePath" in card or "blendshapePaths" in card
    return "regression" if geometry or "modelConfigPath" not in card else "emotion"


def read_pack(folder: PackFolder, report: Report) -> FacePack | None:
    """Read and check everything; returns None when ``report`` has errors.  Never executes anything."""
    card = report.attempt(_read_card, folder, report)
    if card is None:
        return None
    info = report.attempt(_read_info, folder, card, report)
    if isinstance(info, DiffusionInfo):
        return read_diffusion(folder, card, info, report)
    return read_regression(folder, card, info, report) if info else None


def _read_card(folder: PackFolder, report: Report) -> Fields:
    card = read_json(folder, CARD, CARD, "", report)
    if card_kind(card) == "emotion":
        found = "an emotion pack (Audio2Emotion), which animates nothing by itself"
        raise fault(CARD, "", "a face pack", found)
    return card


def _read_info(folder: PackFolder, card: Fields, report: Report) -> RegressionInfo | DiffusionInfo:
    fields = read_json(folder, card.path("networkInfoPath"), card.file, "networkInfoPath", report)
    return read_network_info(fields, card_kind(card))
