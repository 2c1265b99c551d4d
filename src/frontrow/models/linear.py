"""Who watched this also watched that: the closed form of Steck, "Embarrassingly Shallow Autoencoders" (WWW 2019)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray

from frontrow.features.interactions import Interactions
from frontrow.models.dense import LEAST, TitleMatrix, most_watched, ridge_too_small

_BYTES_A_CELL = 12
"""Held at once, for each pair of titles: the Gram matrix as it is inverted in place (4), its copy in the sparse
product (4), and the copy in the other memory order that the result may need (4)."""

_ROWS_AT_ONCE = 20_000


def fit_linear(
    interactions: Interactions, n_titles: int, regularization: float, max_bytes: int, least: int = LEAST,
    name: str = "linear",
) -> TitleMatrix:  # fmt: skip
    """Item weights B = I - P / diag(P), with P the inverse of the Gram matrix plus `regularization`, diagonal 0.

    Each viewer counts once a title, however often it was watched; weights are not read.
    Titles with fewer than `least` interactions take no part. FrontrowError where the ridge, called by `name`, is too
    small to solve with.
    """
    titles = most_watched(interactions, n_titles, max_bytes, _BYTES_A_CELL, least)
    if not len(titles):
        return TitleMatrix.of(titles, n_titles, np.zeros((0, 0), np.float32))
    place = np.full(n_titles, -1, np.int32)
    place[titles] = np.arange(len(titles), dtype=np.int32)
    gram = _gram(interactions, place, len(titles))
    gram[np.diag_indices_from(gram)] += regularization
    inverse = _inverse(gram)
    if inverse is None:
        raise ridge_too_small(name, regularization)
    weights = inverse / -np.diag(inverse)
    weights[np.diag_indices_from(weights)] = 0
    return TitleMatrix.of(titles, n_titles, np.ascontiguousarray(weights, np.float32))


def _gram(interactions: Interactions, place: NDArray[np.int32], size: int) -> NDArray[np.float32]:
    """How many viewers watched both, float32[size, size] in column order; exact up to 16 million viewers."""
    column = place[interactions.title]
    inside = column >= 0
    viewer = np.unique(interactions.profile[inside], return_inverse=True)[1]
    column = column[inside]
    gram = np.zeros((size, size), np.float32, order="F")
    bounds = np.searchsorted(viewer, np.arange(0, int(viewer[-1]) + 1 + _ROWS_AT_ONCE, _ROWS_AT_ONCE))
    for first, last in pairwise(bounds.tolist()):
        rows = viewer[first:last] - (viewer[first] if last > first else 0)
        watched = scipy.sparse.csr_matrix(
            (np.ones(last - first, np.float32), (rows, column[first:last])), shape=(_ROWS_AT_ONCE, size)
        )
        watched.sum_duplicates()
        watched.data[:] = 1
        _add_sparse(gram, (watched.T @ watched).tocsc())
    return gram


def _add_sparse(gram: NDArray[np.float32], part: scipy.sparse.csc_matrix) -> None:
    """Adds column by column: a dense copy of the part would be a third matrix in memory."""
    for column in range(gram.shape[1]):
        inside = slice(part.indptr[column], part.indptr[column + 1])
        gram[part.indices[inside], column] += part.data[inside]


def _inverse(gram: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The inverse of a symmetric positive definite matrix, in place (Cholesky); None where it is none."""
    routines: Any = scipy.linalg.get_lapack_funcs(("potrf", "potri"), (gram,))
    potrf, potri = routines
    inverse: NDArray[np.float32]
    factor, failed = potrf(gram, lower=True, overwrite_a=True, clean=False)
    if not failed:
        inverse, failed = potri(factor, lower=True, overwrite_c=True)
    if failed:
        return None
    for column in range(1, len(inverse)):
        inverse[:column, column] = inverse[column, :column]
    return inverse
