"""PHI-S: an invertible normalisation of features by centring, rotation and a single scale.

Ranzinger et al. 2024, "PHI-S: Distribution Balancing for Label-Free Multi-Teacher Distillation".
After the rotation into the principal axes, a Hadamard matrix spreads their variance evenly, so
every channel has the same variance and one scale makes it 1.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class PhiS(nn.Module):
    """`normalise` maps channels to mean 0 and mean variance 1; `restore` is its inverse.

    It scales all squared distances between features by one factor, so a mean squared error of
    normalised features is a share of the features' variance.

    Args:
        channels: C, an order for which `hadamard` can build a matrix.
    """

    mean: Tensor
    rotation: Tensor
    scale: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("rotation", torch.eye(channels))
        self.register_buffer("scale", torch.ones(()))

    def fit(self, features: Tensor) -> None:
        """Compute mean and axes of features `(N, C)`, with N much greater than C.

        Raises:
            ValueError: if the features do not vary, or there is no Hadamard matrix for C.
        """
        features = features.double()
        mean = features.mean(0)
        centred = features - mean
        variance, axes = torch.linalg.eigh(centred.T @ centred / len(features))
        average = variance.clamp_min(0).mean()
        if not average > 0:
            raise ValueError("the features are all the same; expected some that vary")
        spread = hadamard(len(mean)).double() / len(mean) ** 0.5
        self.mean.copy_(mean)
        self.rotation.copy_(spread @ axes.T)
        self.scale.copy_(average.rsqrt())

    def normalise(self, features: Tensor) -> Tensor:
        """Normalise features `(B, C, H, W)` of the encoder; same shape."""
        centred = features - self.mean[:, None, None]
        return torch.einsum("dc,bchw->bdhw", self.rotation * self.scale, centred)

    def restore(self, normalised: Tensor) -> Tensor:
        """Map normalised features `(B, C, H, W)` back to the encoder's."""
        turned = torch.einsum("dc,bdhw->bchw", self.rotation / self.scale, normalised)
        return turned + self.mean[:, None, None]


def hadamard(order: int) -> Tensor:
    """Return a matrix `(order, order)` of 1 and −1 with orthogonal rows.

    It is built by Sylvester's doubling from one of Paley's: of order q + 1 for a prime q = 3 mod 4,
    or 2 (q + 1) for a prime q = 1 mod 4, which covers the widths of common encoders.

    Raises:
        ValueError: for an order that these constructions do not reach.
    """
    if order == 1:
        return torch.ones(1, 1)
    if order % 2 == 0:
        if _is_prime(order - 1) and order % 4 == 0:
            return _paley(order - 1)
        if _is_prime(order // 2 - 1) and order // 2 % 4 == 2:
            return _paley_double(order // 2 - 1)
        half = hadamard(order // 2)
        return torch.cat([torch.cat([half, half], 1), torch.cat([half, -half], 1)])
    raise ValueError(f"no Hadamard matrix of order {order} can be built; choose another stage")


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % d for d in range(2, int(number**0.5) + 1))


def _residues(q: int) -> Tensor:
    """Return the Jacobsthal matrix `(q, q)`: 1 if i − j is a square mod q, else −1; 0 if i = j."""
    squares = {i * i % q for i in range(1, q)}
    sign = torch.tensor([0.0] + [1.0 if i in squares else -1.0 for i in range(1, q)])
    index = torch.arange(q)
    return sign[(index[:, None] - index[None]) % q]


def _bordered(q: int, corner: float) -> Tensor:
    matrix = torch.zeros(q + 1, q + 1)
    matrix[0, 1:], matrix[1:, 0] = 1, corner
    matrix[1:, 1:] = _residues(q)
    return matrix


def _paley(q: int) -> Tensor:
    return torch.eye(q + 1) + _bordered(q, -1)


def _paley_double(q: int) -> Tensor:
    on, off = torch.tensor([[1.0, 1], [1, -1]]), torch.tensor([[1.0, -1], [-1, -1]])
    return torch.kron(_bordered(q, 1), on) + torch.kron(torch.eye(q + 1), off)
