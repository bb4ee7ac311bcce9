"""Presto's features of the pixels of samples: from standardised channels of one or several dates to 128 planes."""

import datetime
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rojsat.chips import channels, latitudes
from rojsat.learn.data.sample_arrays import Statistics
from rojsat.learn.models import presto, published_encoders
from rojsat.learn.models.presto import Presto

log = logging.getLogger(__name__)

PIXELS = 4096
"""Pixels that are encoded together."""


def encoder(*, seed: int | None = None) -> Presto:
    """The encoder with its published weights, or with random ones, not to be trained.

    Args:
        seed: of random weights; None: the published ones.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed or 0)
        network = Presto()
    if seed is None:
        published_encoders.load(network, published_encoders.find("presto"))
    return network.eval().requires_grad_(False)


@dataclass(frozen=True)
class PrestoFeatures:
    """What turns samples into features.

    Attributes:
        encoder: as `encoder` gives it.
        channels: names of one date, expanded.
        dates: ISO dates whose channels are stacked; None: each sample is of the date of its row.
        statistics: of the channels of all dates, which the samples were standardised with.
        device: where the encoder is run.
    """

    encoder: nn.Module
    channels: tuple[str, ...]
    dates: Sequence[str] | None
    statistics: Statistics
    device: torch.device

    def __post_init__(self) -> None:
        """Refuse channels and dates of which the encoder makes nothing; say which of its groups it is given."""
        count = len(self.dates or [None])
        if list(self.dates or ()) == ["all"]:
            raise ValueError("inputs.features=presto takes dates by name (inputs.dates) or each chip's own, not all")
        if count > presto.LONGEST:
            raise ValueError(f"inputs.features=presto takes {presto.LONGEST} dates at most, inputs.dates has {count}")
        given = {name: members for name, members in presto.GROUPS.items() if self._is_given(members)}
        if not set(given) - {"NDVI"}:
            possible = ", ".join(" ".join(members) for name, members in presto.GROUPS.items() if name.startswith("S2"))
            raise ValueError(
                f"inputs.features=presto needs bands among inputs.channels, complete groups of {possible}: add boa"
            )
        log.info("presto is given %s of %d dates, and takes the rest as missing", ", ".join(given), count)

    def _is_given(self, members: Sequence[str]) -> bool:
        """Whether the channels have all values of a group; the index is computed where its bands are there."""
        needed = {plane for name in members for plane in (channels.bands(name) if name == "ndvi" else (name,))}
        return needed <= set(self.channels)

    def __call__(self, images: Tensor, seen: NDArray[np.bool_], rows: pd.DataFrame) -> Tensor:
        """Features of the seen pixels, (N, 128, H, W) float32, 0 elsewhere.

        Args:
            images: (N, C, H, W) standardised, the channels of all dates; an unknown value is the channel's mean.
            seen: (N, H, W).
            rows: the table of the samples: `date`, and what `latitudes.places` needs.
        """
        planes = torch.zeros(len(images), presto.WIDTH, *seen.shape[1:])
        places, months = torch.from_numpy(latitudes.places(rows)).float(), self._months(rows)
        mean, std = (torch.from_numpy(values) for values in (self.statistics.mean, self.statistics.std))
        network = self.encoder.to(self.device)
        for number, image in enumerate(images):
            visible = torch.from_numpy(seen[number])
            values, missing = self._series(image[:, visible].T * std + mean)
            for part in range(0, len(values), PIXELS):
                pixels = slice(part, part + PIXELS)
                given = (values[pixels], missing.expand(len(values[pixels]), -1, -1))
                shared = (each[number].expand(len(values[pixels]), -1) for each in (places, months))
                with torch.inference_mode():
                    features = network(*(tensor.to(self.device) for tensor in (*given, *shared))).cpu()
                at = visible.nonzero()[pixels].T
                planes[number, :, at[0], at[1]] = features.T
        return planes

    def _series(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Values (P, T, 17) of pixels (P, C) in own units, dates ascending, and which are missing, (1, T, 17)."""
        by_date = values.unflatten(1, (len(self.dates or [None]), len(self.channels)))[:, self._ascending()]
        planes = {name: by_date[..., number] for number, name in enumerate(self.channels)}
        if self._is_given(("ndvi",)) and "ndvi" not in planes:
            red, infrared = planes["B04"], planes["B08"]
            total = infrared + red
            planes["ndvi"] = torch.where(total.abs() > channels.ZERO, (infrared - red) / total, 0)
        absent = torch.zeros(by_date.shape[:2])
        series = torch.stack([planes.get(name, absent) for name in presto.VALUES], -1)
        is_missing = [not self._is_given(members) for members in presto.GROUPS.values() for _ in members]
        return series, torch.tensor(is_missing).expand(1, by_date.shape[1], -1)

    def _ascending(self) -> list[int]:
        """Positions of the dates from the first to the last."""
        return sorted(range(len(self.dates)), key=self.dates.__getitem__) if self.dates else [0]

    def _months(self, rows: pd.DataFrame) -> Tensor:
        """Month of each date of each sample, (N, T), 0 is January."""
        if self.dates:
            months = [datetime.date.fromisoformat(self.dates[number]).month - 1 for number in self._ascending()]
            return torch.tensor([months]).expand(len(rows), -1)
        return torch.tensor([[datetime.date.fromisoformat(str(date)).month - 1] for date in rows["date"]])
