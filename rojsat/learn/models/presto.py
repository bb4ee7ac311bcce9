"""Presto, a transformer over the time series of single pixels: the encoder, written from its article.

Tseng et al. 2023, "Lightweight, Pre-trained Transformers for Remote Sensing Timeseries", arXiv:2304.14065.
Knows neither chips nor experiments.
"""

import math
from collections.abc import Mapping

import torch
from torch import nn

from rojsat.learn.models.transformer import Block, month_circle, sines

WIDTH = 128
"""Values of a token, and features of a pixel."""

LONGEST = 24
"""Dates of a series, at most."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "S1": ("VV", "VH"),
    "S2_RGB": ("B02", "B03", "B04"),
    "S2_Red_Edge": ("B05", "B06", "B07"),
    "S2_NIR_10m": ("B08",),
    "S2_NIR_20m": ("B8A",),
    "S2_SWIR": ("B11", "B12"),
    "ERA5": ("temperature", "precipitation"),
    "SRTM": ("elevation", "slope"),
    "NDVI": ("ndvi",),
}
"""The values of each group, which become one token together; in the order of the input."""

VALUES = tuple(value for values in GROUPS.values() for value in values)
"""The 17 values of a pixel on one date. Bands of Sentinel-2 are reflectance, DN / 10,000 without offset."""

_CONSTANT = "SRTM"
"""The group that is one token a series, for it does not change."""

_LAND_COVER_CLASSES = 9
"""Of Dynamic World; the class after them means that none is known, and is the only one given here."""


class Presto(nn.Module):
    """The encoder: every group of values on every date is a token, and the mean of the encoded tokens the features.

    Names of its parameters are those of the published file.
    """

    def __init__(self) -> None:
        super().__init__()
        part, rest = WIDTH // 4, WIDTH // 2
        self.pos_embed = nn.Parameter(
            sines(torch.arange(LONGEST), rest, longest=1000, interleaved=True)[None], requires_grad=False
        )
        self.eo_patch_embed = nn.ModuleDict({name: nn.Linear(len(values), WIDTH) for name, values in GROUPS.items()})
        self.dw_embed = nn.Embedding(_LAND_COVER_CLASSES + 1, WIDTH)
        self.latlon_embed = nn.Linear(3, WIDTH)
        self.blocks = nn.ModuleList(Block(WIDTH, heads=8, hidden=4 * WIDTH, joined=True) for _ in range(2))
        self.norm = nn.LayerNorm(WIDTH)
        self.month_embed = nn.Embedding.from_pretrained(month_circle(part))
        self.channel_embed = nn.Embedding(len(GROUPS) + 1, part)

    def forward(
        self, values: torch.Tensor, missing: torch.Tensor, places: torch.Tensor, months: torch.Tensor
    ) -> torch.Tensor:
        """Features of pixels, (N, 128).

        Args:
            values: (N, T, 17), T at most 24, see `VALUES`; any finite number where missing.
            missing: (N, T, 17) bool. A group of which one value is missing is missing.
            places: (N, 2) latitude and longitude, degrees.
            months: (N, T), 0 is January.
        """
        tokens, absent = [self._place(places)], [torch.zeros(len(values), 1, dtype=torch.bool, device=values.device)]
        start = 0
        for number, (name, members) in enumerate(GROUPS.items()):
            columns = slice(start, start + len(members))
            dates = slice(0, 1) if name == _CONSTANT else slice(None)
            embedded = self.eo_patch_embed[name](values[:, dates, columns])
            tokens.append(embedded + self._code(number, months[:, dates], constant=name == _CONSTANT))
            absent.append(missing[:, dates, columns].any(-1))
            start += len(members)
        x, present = torch.cat(tokens, 1), ~torch.cat(absent, 1)  # (N, tokens, 128), (N, tokens)
        in_any = present.any(0)
        x, present = x[:, in_any], present[:, in_any]
        for block in self.blocks:
            x = block(x, present)
        weight = present.to(x.dtype)[..., None]
        mean: torch.Tensor = self.norm((x * weight).sum(1) / weight.sum(1))
        return mean

    def _place(self, places: torch.Tensor) -> torch.Tensor:
        """The token of latitude and longitude, (N, 1, 128), from a point of the unit sphere."""
        latitude, longitude = (places * (math.pi / 180)).unbind(-1)
        level = latitude.cos()
        point = torch.stack([level * longitude.cos(), level * longitude.sin(), latitude.sin()], -1)
        token: torch.Tensor = self.latlon_embed(point)[:, None]
        return token

    def _code(self, group: int, months: torch.Tensor, *, constant: bool) -> torch.Tensor:
        """What tells a token its month, its group and its place in the series, (N, T, 128); (N, T) months."""
        month, place = self.month_embed(months), self.pos_embed[:, : months.shape[1]].expand(*months.shape, -1)
        group_code = self.channel_embed.weight[group].expand(*months.shape, -1)
        if constant:
            month, place = torch.zeros_like(month), torch.zeros_like(place)
        return torch.cat([month, group_code, place], -1)
