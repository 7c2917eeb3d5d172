"""DINOv2's position embedding at the size of a photograph, in operations that ONNX can repeat at any size."""

import torch
from torch import Tensor

OFFSET = 0.1
"""Added to the number of rows and columns before the scale is taken, as DINOv2 and Depth Anything V2 do.

transformers' port adds nothing: its positions differ a little from those the checkpoint was published with.
"""

CUBIC = -0.75
"""The coefficient of torch's bicubic interpolation (Keys 1981)."""


def resampled(table: Tensor, rows: int, columns: int) -> Tensor:
    """The embedding of each patch.

    Equal to `interpolate(table, scale_factor=((rows + OFFSET) / G, (columns + OFFSET) / G), mode="bicubic")`
    of the original code, which leaves the table alone where the photograph has exactly its size.

    Args:
        table: float32 [G, G, D], as trained.
        rows: Patches down the photograph; while a graph is traced, a tensor.
        columns: Patches across it.

    Returns:
        float32 [rows, columns, D].
    """
    grid = table.shape[0]
    offset = OFFSET * ((rows != grid) | (columns != grid))
    stretched = _along_rows(table, rows, grid / (rows + offset))
    return _along_rows(stretched.transpose(0, 1), columns, grid / (columns + offset)).transpose(0, 1)


def _along_rows(table: Tensor, count: int, step: float) -> Tensor:
    """[N, M, D] as [count, M, D], `step` rows of it apart; beyond the edges the outermost row goes on."""
    at = (torch.arange(count, device=table.device) + 0.5) * step - 0.5
    first = at.floor()
    taps = first[:, None] + torch.arange(-1, 3, device=table.device)
    weights = _cubic((at[:, None] - taps).abs())
    nearest = taps.clamp(0, table.shape[0] - 1).long()
    return (table[nearest] * weights[..., None, None]).sum(1)


def _cubic(distance: Tensor) -> Tensor:
    """Weight of a tap at a distance of up to 2."""
    near = ((CUBIC + 2) * distance - (CUBIC + 3)) * distance**2 + 1
    far = ((CUBIC * distance - 5 * CUBIC) * distance + 8 * CUBIC) * distance - 4 * CUBIC
    return torch.where(distance <= 1, near, far)
