"""CR2: errors of a regression by cluster, with degrees of freedom that hold for few clusters.

Bell and McCaffrey (2002), Bias reduction in standard errors for linear regression with multi-stage samples, Survey
Methodology 28; Pustejovsky and Tipton (2018), Small-sample methods for cluster-robust variance estimation, JBES 36.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .regression import Floats


@dataclass(frozen=True)
class ClusteredFit:
    """The coefficients of a least-squares regression, their standard errors, and Satterthwaite's df of each."""

    coefficients: Floats
    errors: Floats
    df: Floats


def fit_cr2(design: Floats, outcome: Floats, clusters: npt.ArrayLike) -> ClusteredFit:
    """Fit a regression by least squares, with errors by cluster that are unbiased where outcomes vary alike.

    With the hat matrix H, the residuals of a cluster are multiplied by (I - H_gg)^(-1/2). The degrees of freedom of a
    coefficient are 2 E² / Var of its variance, if outcomes vary alike and independently: (Σ_g p_g'p_g)² / Σ_gh
    (p_g'p_h)², where p_g is what the outcomes have to be multiplied by for the part of cluster g in the error.

    >>> two_groups = np.array([[1.0, 0], [1, 0], [1, 0], [1, 1], [1, 1], [1, 1]])
    >>> fitted = fit_cr2(two_groups, np.array([1.0, 2, 3, 3, 5, 7]), np.arange(6))
    >>> fitted.coefficients.round(6).tolist(), fitted.errors.round(3).tolist(), fitted.df.round(6).tolist()
    ([2.0, 3.0], [0.577, 1.291], [2.0, 4.0])
    """
    index = np.unique(np.asarray(clusters), return_inverse=True)[1]
    inverse = np.linalg.inv(design.T @ design)
    hat = design @ inverse @ design.T
    coefficients: Floats = inverse @ design.T @ outcome
    residual = outcome - design @ coefficients
    rest = np.eye(len(outcome)) - hat
    parts = []  # by cluster: (rows, coefficients), zero outside the cluster
    for number in range(int(index.max()) + 1):
        rows = index == number
        part = np.zeros_like(design)
        part[rows] = _inverse_root(rest[np.ix_(rows, rows)]) @ design[rows] @ inverse
        parts.append(part)
    scaled = np.array(parts)
    errors: Floats = np.sqrt(((np.einsum("gnp,n->gp", scaled, residual)) ** 2).sum(axis=0))
    multiplied = rest @ scaled
    products = np.einsum("gnp,hnp->pgh", multiplied, multiplied)
    df: Floats = np.einsum("pgg->p", products) ** 2 / (products**2).sum(axis=(1, 2))
    return ClusteredFit(coefficients, errors, df)


def _inverse_root(matrix: Floats) -> Floats:
    """Return the symmetric inverse root of a matrix; what it maps to 0 stays 0, as where a cluster fixes a mean."""
    values, vectors = np.linalg.eigh(matrix)
    root = np.where(values > 1e-10, 1 / np.sqrt(np.maximum(values, 1e-10)), 0.0)
    result: Floats = (vectors * root) @ vectors.T
    return result
