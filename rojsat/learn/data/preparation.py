"""Preparation: from the chip store to standardised samples of training, validation and test. Knows no experiment."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from torch import from_numpy

from rojsat.chips import audit, boxes, degree_scale, neighbours, part_labels, pixel_audit, splits, stand_parts
from rojsat.chips.audit import Audit
from rojsat.chips.degree_scale import DegreeScale
from rojsat.learn.data import negatives, series
from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.sample_arrays import SampleArrays, Statistics, channel_statistics, standardise
from rojsat.learn.data.sample_source import Source
from rojsat.learn.data.samples import Samples


@dataclass(frozen=True)
class Prepared:
    """Samples of every part, ready to learn from.

    Attributes:
        source: what they were read from.
        statistics: of the channels in the training part.
        samples: by part: train, val, test.
        split: the table of the chips, with the column `part`.
        audit: what its parts share, and what gives the labels away.
        scale: how the heat of masks became degrees, from the training regions; None: masks hold degrees.
        reading: whether samples are in memory or streamed, and why.
    """

    source: Source
    statistics: Statistics
    samples: dict[str, Samples]
    split: pd.DataFrame
    audit: Audit
    scale: DegreeScale | None = None
    reading: str = ""

    def of(self, part: str) -> Samples:
        """The samples that a part (train, val, test) is evaluated on, or all of another role.

        Of training samples that are streamed a portion, see `Samples.portion`.
        """
        if part in self.samples:
            return self.samples[part].portion() if part == "train" else self.samples[part]
        return Samples(standardise(scaled(self.source.read(part), self.scale), self.statistics))

    def split_table(self) -> str:
        """The part of every chip, as CSV."""
        return str(self.split[["chip", "region", "date", "part"]].to_csv(index=False))

    def in_own_units(self, part: str) -> Samples:
        """The samples of a part (train, val, test) with channels in their own units, NaN where not known."""
        samples = self.samples[part]
        arrays = self.source.read(self.source.role).resized(*samples.seen.shape[1:])
        images = np.where(arrays.seen[:, None], arrays.images, np.float32("nan"))
        number = pd.Series(range(len(images)), arrays.rows["chip"])
        changed = copy(samples)
        changed.images, changed.fill = from_numpy(images[number.loc[samples.rows["chip"]]]), np.nan
        return changed

    def example(self) -> np.ndarray:
        """Two samples of a validation (else training) region, own units, (2, C, H, W) float32; NaN where not known."""
        source = self.source
        rows = source.rows(source.role)
        regions = pd.concat([self.samples[part].rows["region"] for part in ("val", "train")])
        rows = rows[rows["region"] == regions.iloc[0]]
        samples = source.of(rows)
        return np.where(samples.seen[:, None], samples.images, np.float32("nan"))[[0, -1]]


def prepare(
    source: Source,
    *,
    split: Callable[[pd.DataFrame], pd.Series],
    near: float = audit.DISTANCE,
    drop_near: bool = False,
    negative_roles: Sequence[str] = (),
    augmentation: Mapping[str, Any] | None = None,
    seed: int = 0,
    windows_per_chip: int = 1,
    of_heat: bool = False,
) -> Prepared:
    """Read, split and standardise samples.

    Args:
        source: what they are read from.
        split: from the table of the chips to the part of each row.
        near: ground metres below which regions of two parts are too near.
        drop_near: whether regions of training and validation that are too near to another part are left out.
        negative_roles: roles whose chips labelled clear join the training part with degree 0.
        augmentation: keywords of `Augmentation` for the training part; None or empty: samples stay as they are.
        seed: of the windows and the augmentation.
        windows_per_chip: in the frame `window`, windows of each training chip in an epoch.
        of_heat: whether a loss takes heat, not cut at degree 1; targets are degrees all the same.

    Raises:
        ValueError: if no sample remains, the training part has one class or degree, chips have fewer surroundings than
            windows need, negatives are not possible, or masks hold no heat for a loss that takes it.
    """
    arrays = source.read(source.role)
    table = on_the_ground(arrays.rows)
    parts = split(stand_parts.together(table))
    kept = neighbours.drop_near(table, parts, near) if drop_near else parts
    table = table.assign(part=kept.to_numpy())
    scale = source.scale(table)
    degree_scale.check_heat(scale is not None or not of_heat)
    arrays = scaled(arrays, scale, cut=not of_heat)
    for added in _negatives(source, negative_roles, table, arrays.seen.shape[1:]):
        height, width = added.seen.shape[1:]
        added_table = on_the_ground(added.rows).assign(part="train")
        arrays, table = arrays.resized(height, width) + added, pd.concat([table, added_table], ignore_index=True)
    part_labels.check(stand_parts.together(table), arrays.targets, arrays.known)
    by_part = {part: arrays[(table["part"] == part).to_numpy()] for part in splits.PARTS}
    statistics = channel_statistics(by_part["train"])
    shape = (source.window, source.window) if source.window else arrays.seen.shape[1:]
    changes = {"train": Augmentation(shape, **augmentation, dates=source.by_date)} if augmentation else {}
    draws: dict[str, Any] = {"seed": seed, "windows_per_chip": windows_per_chip}
    samples = {
        part: Samples(standardise(by_part[part], statistics), augmentation=changes.get(part), **draws)
        for part in splits.PARTS
    }
    thresholds, labels = source.threshold_regions(scale), (arrays.targets, arrays.known)
    report = audited(source, arrays.rows, table["part"], near, thresholds, arrays, labels)
    return Prepared(source, statistics, samples, table, report, scale)


def scaled(arrays: SampleArrays, scale: DegreeScale | None, *, cut: bool = True) -> SampleArrays:
    """The samples with degrees for heat, unless `cut` above 1 too; as they are without a scale."""
    targets = arrays.targets if scale is None else degree_scale.degrees(arrays.targets, scale.factor, cut=cut)
    return replace(arrays, targets=targets)


def audited(
    source: Source,
    rows: pd.DataFrame,
    parts: pd.Series,
    near: float,
    threshold_regions: Sequence[str],
    pixels: SampleArrays,
    labels: tuple[np.ndarray, np.ndarray],
) -> Audit:
    """The audit of the chips as they are stored, and of pixels.

    Args:
        source: of the samples.
        rows: of all of them.
        parts: of all of them.
        near: ground metres below which regions of two parts are too near.
        threshold_regions: that a threshold of the labels was computed from.
        pixels: the samples whose pixels are looked at.
        labels: targets and known of all samples, (N,) or (N, ...), see `part_labels`.
    """
    stored = source.chips.index.set_index("chip").loc[rows["chip"]].reset_index()
    report = audit.audit(stored, parts, near=near, threshold_regions=threshold_regions)
    part_of = parts.set_axis(rows["chip"])
    seen_rows = pixels.rows.assign(part=part_of.loc[pixels.rows["chip"]].to_numpy())
    images, names = source.audited(pixels)
    of_pixels = pixel_audit.findings(images, pixels.seen, pixels.targets, pixels.known, seen_rows, names)
    role_rows = source.chips.index[source.chips.index["role"] == source.role]
    left_out = audit.left_out(role_rows, source.rows(source.role)["chip"])
    of_labels = part_labels.findings(rows.assign(part=parts.to_numpy()), *labels)
    return report.joined([*of_pixels, *of_labels, *audit.without_cloud_mask(stored, parts), *left_out])


def on_the_ground(rows: pd.DataFrame) -> pd.DataFrame:
    """The table of samples with height, width and place of their regions' own boxes, in whatever frame they are."""
    return boxes.own(rows).drop(columns=["frame", series.BLOCKS], errors="ignore")


def _negatives(
    source: Source, roles: Sequence[str], split: pd.DataFrame, size: tuple[int, ...]
) -> Iterator[SampleArrays]:
    """Samples of degree 0, of each role, at the size (H, W) of the others, pixels; or larger in the frame `window`."""
    for role in roles:
        if source.task != "segmentation" or role == source.role:
            raise ValueError(
                f"inputs.negatives adds chips of another role to segmentation, not of {role!r} to {source.role!r}"
            )
        how: dict[str, Any] = {"dates": source.dates, "window": source.window, "inside": source.inside}
        arrays = negatives.read(source.chips, source.rows(role), source.channels, split, **how)
        height, width = np.maximum(size, arrays.seen.shape[1:]) if source.window else size
        yield arrays.resized(int(height), int(width))
