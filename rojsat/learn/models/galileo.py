"""Galileo nano, a transformer over patches of several dates: the encoder, written from its article.

Tseng et al. 2025, "Galileo: Learning Global & Local Features of Many Remote Sensing Modalities", arXiv:2502.09356.
Knows neither chips nor experiments.
"""

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional

from rojsat.learn.models.transformer import Block, month_circle, sines

WIDTH = 128
"""Values of a token."""

LONGEST = 24
"""Dates of a series, at most."""

PATCH = 8
"""Side of the patches that the linear layers take, pixels; others are resampled to it."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "S1": ("VV", "VH"),
    "S2_RGB": ("B02", "B03", "B04"),
    "S2_Red_Edge": ("B05", "B06", "B07"),
    "S2_NIR_10m": ("B08",),
    "S2_NIR_20m": ("B8A",),
    "S2_SWIR": ("B11", "B12"),
    "NDVI": ("ndvi",),
}
"""The values of each group that changes in space and time, which become one token together, in the order of input."""

VALUES = tuple(value for values in GROUPS.values() for value in values)
"""The 13 values of a pixel on one date. Bands of Sentinel-2 are DN, reflectance times 10,000 without offset."""

_RATIO = 10
"""Ratio of the longest to the shortest wavelength that codes dates and places: the published file has this one, not the
10,000 of other transformers."""

_OTHER_GROUPS: Mapping[str, Mapping[str, int]] = {
    "space_embed": {"SRTM": 2, "DW": 9, "WC": 5},
    "time_embed": {"ERA5": 2, "TC": 3, "VIIRS": 1},
    "static_embed": {"LS": 1, "location": 3, "DW_static": 9, "WC_static": 5},
}
"""Groups that are of the published file, and are given no values: those of space, of time and of the place alone."""


class Patches(nn.Module):
    """One token of each patch of pixels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(channels, WIDTH, PATCH, PATCH)

    def forward(self, x: torch.Tensor, patch: int) -> torch.Tensor:
        """(N, H, W, T, C) to (N, H / patch, W / patch, T, 128)."""
        count, dates = x.shape[0], x.shape[3]
        images = x.permute(0, 3, 4, 1, 2).flatten(0, 1)  # (N T, C, H, W)
        tokens = functional.conv2d(images, _resized(self.proj.weight, patch), self.proj.bias, stride=patch)
        return tokens.unflatten(0, (count, dates)).permute(0, 3, 4, 1, 2)


def _resized(weight: torch.Tensor, side: int) -> torch.Tensor:
    """Weights (F, C, 8, 8) for patches of another side: what gives the same on patches that are resampled.

    By the pseudo-inverse of the resampling (Beyer et al. 2023, "FlexiViT: One Model for All Patch Sizes", section 3.4).
    """
    if side == PATCH:
        return weight
    pixels = torch.eye(PATCH**2, device=weight.device).reshape(-1, 1, PATCH, PATCH)
    resampling = functional.interpolate(pixels, (side, side), mode="bicubic", antialias=True).flatten(1)  # (64, side²)
    flat = weight.flatten(2) @ torch.linalg.pinv(resampling).T
    return flat.unflatten(-1, (side, side))


class GalileoNano(nn.Module):
    """The encoder. Names of its parameters are those of the published file."""

    def __init__(self) -> None:
        super().__init__()
        part = WIDTH // 4
        self.pos_embed = nn.Parameter(
            sines(torch.arange(LONGEST), part, longest=_RATIO, interleaved=False), requires_grad=False
        )
        codes = {"s_t": len(GROUPS)} | {
            name: len(_OTHER_GROUPS[kind])
            for name, kind in (("sp", "space_embed"), ("t", "time_embed"), ("st", "static_embed"))
        }
        for name, groups in codes.items():
            self.register_parameter(f"{name}_channel_embed", nn.Parameter(torch.randn(groups, part) * 0.02))
        self.blocks = nn.ModuleList(Block(WIDTH, heads=8, hidden=4 * WIDTH, joined=False) for _ in range(4))
        self.month_embed = nn.Embedding.from_pretrained(month_circle(part))
        self.space_time_embed = nn.ModuleDict({name: Patches(len(values)) for name, values in GROUPS.items()})
        others = _OTHER_GROUPS
        self.space_embed = nn.ModuleDict({name: Patches(count) for name, count in others["space_embed"].items()})
        self.time_embed = nn.ModuleDict({name: nn.Linear(count, WIDTH) for name, count in others["time_embed"].items()})
        self.static_embed = nn.ModuleDict(
            {name: nn.Linear(count, WIDTH) for name, count in others["static_embed"].items()}
        )
        self.norm = nn.LayerNorm(WIDTH)

    def forward(
        self, values: torch.Tensor, missing: torch.Tensor, months: torch.Tensor, *, patch: int = 4
    ) -> torch.Tensor:
        """Tokens of the patches, (N, H / patch, W / patch, T, 7, 128), one a group of `GROUPS`.

        Args:
            values: (N, H, W, T, 13) normalised, see `VALUES`; any finite number where missing.
            missing: (N, T, 7) bool, of each group; no token attends to a missing one, and all of these are alike.
            months: (N, T), 0 is January.
            patch: side of a patch, pixels; divides H and W.
        """
        tokens, start = [], 0
        for name, members in GROUPS.items():
            tokens.append(self.space_time_embed[name](values[..., start : start + len(members)], patch))
            start += len(members)
        x = torch.stack(tokens, -2)  # (N, h, w, T, 7, 128)
        x = x + self._codes(x.shape, months, float(patch))
        shape = x.shape
        present = ~missing[:, None, None].expand(shape[:-1]).flatten(1)
        x = x.flatten(1, -2)
        for block in self.blocks:
            x = block(x, present)
        out: torch.Tensor = self.norm(x * present[..., None]).reshape(shape)
        return out

    def _codes(self, shape: torch.Size, months: torch.Tensor, step: float) -> torch.Tensor:
        """What tells tokens their group, date, month and place, `shape`; `step`: side of a patch, pixels of 10 m."""
        count, rows, columns, dates, groups, _ = shape
        part = WIDTH // 4
        group = self.get_parameter("s_t_channel_embed")[None, None, None, None]
        date = self.pos_embed[:dates][None, None, None, :, None]
        month = self.month_embed(months)[:, None, None, :, None]
        down, across = (
            sines(torch.arange(length) * step, part // 2, longest=_RATIO, interleaved=False).to(date)
            for length in (rows, columns)
        )
        place = torch.cat([across[None].expand(rows, -1, -1), down[:, None].expand(-1, columns, -1)], -1)[
            None, :, :, None, None
        ]
        return torch.cat(
            [code.expand(count, rows, columns, dates, groups, part) for code in (group, date, month, place)], -1
        )
