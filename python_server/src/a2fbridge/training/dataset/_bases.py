"""From poses to a basis: pruning, picking, principal components (spec: training, section 1.5).

NVIDIA's framework does this on a GPU with singular value decompositions of whole poses; here everything but two
matrix products happens between the poses' inner products, so that a CPU is enough and the results are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Basis", "pick_distinct", "principal", "prune"]

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

_FIRST = 4
_FEW = 10
_ENERGY = 1e-8
_DIMENSIONS = 256
_FLOOR = 1e-9
"""Share of the largest squared pose below which an error is rounding."""


class Basis(NamedTuple):
    """Directions of movement around a mean."""

    mean: Floats
    """[D]"""
    rows: Floats
    """[K, D] orthonormal, the direction that moves most first."""
    explained: float
    """Share of the variance, 0..1."""


def prune(poses: Floats, distance: float, stride: int) -> NDArray[np.int64]:
    """Return the indices of poses [N, D] to keep.

    Every ``stride``-th pose is a seed; poses within ``distance`` (L2) of a seed go, seeds stay; again with what is
    left until nothing changes or 10 or fewer remain.
    """
    centred = (poses - poses[:1]).astype(np.float64)
    products = centred @ centred.T
    squares = np.diag(products)
    apart = squares[:, None] + squares - 2.0 * products
    kept = np.arange(len(poses))
    while len(kept) > _FEW:
        seeds = kept[::stride]
        far = apart[np.ix_(kept, seeds)].min(axis=1) > distance**2
        far[::stride] = True
        if far.all():
            break
        kept = kept[far]
    return kept


def pick_distinct(
    products: Array, most: int, variance: float, told: Callable[[float], None]
) -> NDArray[np.int64]:
    """Return the indices of up to ``4 + most`` poses that span all of them, from their inner products [M, M].

    Begins with 4 spread over the list; then adds the pose that the principal components (``variance`` of it) of those
    chosen reconstruct worst.  Ends early when nothing is left to reconstruct: NVIDIA's code would add pose 0 again and
    again.
    """
    places, rest = _coordinates(products)
    chosen = list(dict.fromkeys(np.linspace(0, len(places) - 1, _FIRST).round().astype(int).tolist()))
    floor = _FLOOR * max(float(np.square(places).sum(axis=1).max()), 1e-300)
    for step in range(most):
        errors = rest + _errors(places, places[chosen], float(rest[chosen].mean()), variance)
        errors[chosen] = 0.0
        worst = int(errors.argmax())
        if errors[worst] <= floor:
            break
        chosen.append(worst)
        told(step / most)
    return np.array(sorted(chosen))


def _coordinates(products: Array) -> tuple[Array, Array]:
    """Return points [M, R] with these inner products, and the squared length [M] that they leave out.

    As few dimensions as hold all but 1e-8 of the energy, at most 256: noise has as many as there are poses, and no
    component would find it.
    """
    values, vectors = np.linalg.eigh(products)
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    count = max(1, min(_enough(values, 1.0 - _ENERGY), _DIMENSIONS))
    places = vectors[:, :count] * np.sqrt(values[:count])
    return places, np.maximum(np.diag(products) - np.square(places).sum(axis=1), 0.0)


def _errors(places: Array, chosen: Array, rest: float, variance: float) -> Array:
    """Return [M] squared errors of all points as the principal components of the chosen ones reconstruct them.

    ``rest`` is the variance that no component of the points can explain.
    """
    middle = chosen.mean(axis=0)
    values, vectors = np.linalg.eigh((chosen - middle).T @ (chosen - middle) / len(chosen))
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    centred = places - middle
    along = centred @ vectors[:, : _enough(values, variance, rest)]
    return np.asarray(np.maximum(np.square(centred).sum(axis=1) - np.square(along).sum(axis=1), 0.0))


def principal(poses: Floats, mean: Floats, variance: float, components: int | None) -> Basis:
    """Return the principal components of poses [M, D] around ``mean`` [D].

    Eigenvalues are s^2 / (m - 1) of the centred rows; the first k are kept whose cumulative share exceeds ``variance``,
    or ``components`` of them, never more than move at all.  Signs are such that the largest entry is positive.
    """
    centred = (poses - mean).astype(np.float64)
    values, vectors = np.linalg.eigh(centred @ centred.T)
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    moving = int((values > _FLOOR * max(values[0], 1e-300)).sum()) if values[0] > 1e-12 else 0
    count = min(_enough(values, variance) if components is None else components, moving)
    rows = (vectors[:, :count] / np.sqrt(values[:count])).T @ centred
    signs = np.sign(rows[np.arange(count), np.abs(rows).argmax(axis=1)]) if count else np.ones(0)
    share = float(values[:count].sum() / values.sum()) if count else 1.0
    return Basis(mean, np.asarray(rows * signs[:, None], np.float32), share)


def _enough(values: Array, variance: float, rest: float = 0.0) -> int:
    """Return the number of the first values whose cumulative share exceeds ``variance``; ``rest`` is never reached."""
    total = values.sum() + rest
    if total <= 0:
        return 0
    return min(int((np.cumsum(values) / total <= variance).sum()) + 1, len(values))
