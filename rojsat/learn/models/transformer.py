"""Parts of transformers that two encoders share: a block of attention, and places as sines."""

import math

import torch
from torch import nn
from torch.nn import functional


class Attention(nn.Module):
    """Multi-head attention of tokens to each other (Vaswani et al. 2017, "Attention Is All You Need")."""

    def __init__(self, width: int, *, heads: int, joined: bool) -> None:
        super().__init__()
        self.heads = heads
        if joined:
            self.qkv = nn.Linear(width, 3 * width)
        else:
            self.q, self.k, self.v = (nn.Linear(width, width) for _ in range(3))
        self.proj = nn.Linear(width, width)
        self.joined = joined

    def forward(self, x: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """(N, L, width) to the same; of (N, L) bool tokens those not `present` are attended to by none."""
        triple = self.qkv(x).chunk(3, -1) if self.joined else (self.q(x), self.k(x), self.v(x))
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in triple)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=present[:, None, None])
        projected: torch.Tensor = self.proj(attended.transpose(1, 2).flatten(2))
        return projected


class Perceptron(nn.Module):
    """Two linear layers with GELU between them."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(..., width) to the same."""
        projected: torch.Tensor = self.fc2(functional.gelu(self.fc1(x)))
        return projected


class Block(nn.Module):
    """Attention, then a perceptron, each on normalised tokens and added to them."""

    def __init__(self, width: int, *, heads: int, hidden: int, joined: bool) -> None:
        """Make a block.

        Args:
            width: values of a token.
            heads: of the attention; they share `width` among them.
            hidden: width of the perceptron's layer between.
            joined: whether query, key and value are one linear layer, as its file has it.
        """
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = Attention(width, heads=heads, joined=joined)
        self.mlp = Perceptron(width, hidden)

    def forward(self, x: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """(N, L, width) to the same; see `Attention`."""
        x = x + self.attn(self.norm1(x), present)
        out: torch.Tensor = x + self.mlp(self.norm2(x))
        return out


def sines(places: torch.Tensor, width: int, *, longest: float, interleaved: bool) -> torch.Tensor:
    """(L,) places to (L, `width`): sines and cosines of growing wavelengths.

    Vaswani et al. 2017, "Attention Is All You Need", section 3.5, where `longest` is 10,000.

    Args:
        places: any numbers.
        width: even.
        longest: wavelengths grow geometrically from 2 pi to nearly so many times that.
        interleaved: sine and cosine of a wavelength side by side; else all sines, then all cosines.
    """
    rates = longest ** -(torch.arange(width // 2) / (width / 2))
    angles = places.to(torch.float32)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], -1 if interleaved else -2).flatten(-2)


def month_circle(width: int) -> torch.Tensor:
    """(12, `width`): of each month the sine of its place in the year `width` / 2 times, then its cosine as often."""
    angles = torch.arange(12) * (2 * math.pi / 12)
    return torch.cat([wave[:, None].expand(-1, width // 2) for wave in (angles.sin(), angles.cos())], -1)
