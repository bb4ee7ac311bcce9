"""Which command trains on a data set of one's own, and how it splits the regions."""

from collections.abc import Collection, Sequence

from rojsat.chips import roles
from rojsat.chips.fold_splits import FOLDS
from rojsat.geo.discovery.folder import FolderContent
from rojsat.stages import _data_file

LEAST = 3
"""Regions, or dates, that give one each to train on, to validate with and to test."""


def training(content: FolderContent, name: str) -> list[str]:
    """Lines that name the command, or say why there is none.

    Args:
        content: of the folder.
        name: of the data set.
    """
    lines = []
    dates, groups = len(content.scenes.days), content.scenes.groups
    if _data_file.labels_source(content) == "gps":
        number = sum(layer.regions for layer in content.outlines if layer.role == roles.CLEARING)
        words = f"exp=unet data={name}{_channels(groups, ['tci', 's2'])}"
        lines += _lines(words, number, dates, "clearing objects", "")
    stands = [sum(layer.counted(label) for layer in content.outlines) for label in roles.CLASSES]
    if any(stands):
        words = f"exp=resnet18_s2 data={name}{_channels(groups, ['s2'])}"
        lines += _lines(words, min(stands), dates, "labelled stands of one label", " variant=unseen_regions")
    return lines or ["       there are no labels to train on: to look at the chips alone"]


def _channels(groups: Collection[str], own: Sequence[str]) -> str:
    """The word that chooses channels, where chips lack those of the experiment."""
    if set(own) <= set(groups):
        return ""
    return f" inputs.channels=[{next(group for group in ('s2', 'boa', 'toa', 'tci') if group in groups)}]"


def _lines(words: str, number: int, dates: int, regions: str, variant: str) -> list[str]:
    """The command for so many regions on so many dates."""
    if number >= LEAST:
        folds = "" if number >= FOLDS else f" split.options.folds={number}"
        return [f"       rojsat run {words}{variant}{folds}", "       (tested on regions that were not trained on)"]
    few = f"{number} {regions} are too few to test on regions not trained on (at least {LEAST})"
    if dates >= LEAST:
        by_dates = " split.name=dates split.options={}" if not variant else ""
        return [f"       rojsat run {words}{by_dates}", f"       ({few}: split by dates, which leaks; docs/leaks.md)"]
    return [f"       {few}, and {dates} dates to split by dates: add stands or scenes, then train"]
