"""The drawn photograph."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from domain.arrays import Mask, Rgb
from services.masks.formats import encode_rle
from services.overlay.draw import draw_overlay
from services.overlay.regions import OverlayRegion
from services.overlay.style import UNKNOWN_COLOR
from services.overlay.tags import BUNDLED_FONT

SIZE = (240, 320)


def photograph(size: tuple[int, int] = SIZE) -> Rgb:
    return np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)


def flat(value: int) -> Rgb:
    return np.full((*SIZE, 3), value, np.uint8)


def ellipse(center: tuple[int, int], axes: tuple[int, int], size: tuple[int, int] = SIZE) -> Mask:
    mask = np.zeros(size, np.uint8)
    cv2.ellipse(mask, center, axes, 0, 0, 360, 1, cv2.FILLED)
    found: Mask = mask.view(np.bool_)
    return found


def item(mask: Mask, label: str = "cat", confidence: float = 0.92) -> OverlayRegion:
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
    return OverlayRegion(encode_rle(mask), (x, y, width, height), label, confidence)


def changed(before: Rgb, after: Rgb) -> Mask:
    different: Mask = np.any(before != after, axis=2)
    return different


def grown(mask: Mask, by: int) -> Mask:
    kernel = np.ones((2 * by + 1, 2 * by + 1), np.uint8)
    wider: Mask = np.asarray(cv2.dilate(mask.view(np.uint8), kernel)).view(np.bool_)
    return wider


def test_no_regions_leave_a_copy_of_the_photograph() -> None:
    rgb = photograph()
    drawn = draw_overlay(rgb, [])
    assert drawn is not rgb
    np.testing.assert_array_equal(drawn, rgb)


def test_the_photograph_given_is_not_changed_and_may_be_read_only() -> None:
    rgb = photograph()
    rgb.flags.writeable = False
    before = rgb.copy()
    drawn = draw_overlay(rgb, [item(ellipse((150, 120), (80, 60)))])
    assert drawn.shape == rgb.shape
    assert drawn.dtype == np.uint8
    np.testing.assert_array_equal(rgb, before)


def test_only_masks_and_their_outlines_change_where_there_is_no_name() -> None:
    rgb = flat(90)
    masks = [ellipse((90, 120), (60, 70)), ellipse((240, 90), (40, 50))]
    touched = changed(rgb, draw_overlay(rgb, [item(mask, " ") for mask in masks]))
    union = masks[0] | masks[1]
    assert np.all(touched[union])
    assert not np.any(touched & ~grown(union, 4))


def test_holes_stay_clear() -> None:
    rgb = flat(90)
    mask = ellipse((160, 120), (110, 100)) & ~ellipse((160, 120), (60, 50))
    touched = changed(rgb, draw_overlay(rgb, [item(mask, " ")]))
    assert not np.any(touched[ellipse((160, 120), (54, 44))])


def test_a_name_is_written() -> None:
    rgb = flat(90)
    mask = ellipse((160, 120), (110, 100))
    assert changed(draw_overlay(rgb, [item(mask, " ")]), draw_overlay(rgb, [item(mask, "cat")])).any()


def test_the_same_arguments_give_the_same_bytes_in_any_order_of_regions() -> None:
    rgb = photograph()
    regions = [item(ellipse((150, 120), (100, 90)), "sky"), item(ellipse((150, 120), (40, 30)), "dog")]
    pictures = {draw_overlay(rgb, order).tobytes() for order in (regions, regions, regions[::-1])}
    assert len(pictures) == 1


def test_a_small_region_inside_a_large_one_is_tinted_as_if_alone() -> None:
    rgb = flat(120)
    small = item(ellipse((160, 120), (30, 30)), "dog ")
    large = item(ellipse((160, 120), (120, 100)), "sky ")
    both = draw_overlay(rgb, [small, large])
    core = ellipse((160, 120), (8, 8))
    alone = draw_overlay(rgb, [OverlayRegion(small.rle, small.xywh, small.label, 0.5)])
    np.testing.assert_array_equal(both[core], alone[core])


def test_touching_regions_of_one_label_differ_in_shade() -> None:
    rgb = flat(120)
    left, right = np.zeros(SIZE, np.bool_), np.zeros(SIZE, np.bool_)
    left[60:180, 20:160] = True
    right[60:180, 160:300] = True
    drawn = draw_overlay(rgb, [item(left, "cat"), item(right, "cat")])
    assert tuple(drawn[70, 40]) != tuple(drawn[70, 280])


def test_unknown_is_grey_fainter_and_nameless_unless_big() -> None:
    rgb = flat(60)
    small = ellipse((160, 120), (40, 30))
    unknown, named = draw_overlay(rgb, [item(small, "unknown")]), draw_overlay(rgb, [item(small, "cat")])
    assert not np.any(changed(rgb, unknown) & ~grown(small, 4))
    tint = unknown[120, 160].astype(int) - 60
    assert 0 < tint.max() < np.abs(named[112, 160].astype(int) - 60).max()
    assert np.all(np.abs(tint / (np.array(UNKNOWN_COLOR) - 60) - 0.14) < 0.01)
    whole = np.ones(SIZE, np.bool_)
    assert (
        len(np.unique(draw_overlay(rgb, [item(whole, "unknown")])[20:-20, 20:-20].reshape(-1, 3), axis=0)) > 2
    )


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (3, 500), (700, 20)])
def test_any_size_of_picture_works(size: tuple[int, int]) -> None:
    rgb = photograph(size)
    assert draw_overlay(rgb, [item(np.ones(size, np.bool_))]).shape == rgb.shape


def test_an_empty_mask_draws_nothing() -> None:
    rgb = photograph()
    nothing = OverlayRegion(encode_rle(np.zeros(SIZE, np.bool_)), (0, 0, 0, 0), "cat", 0.9)
    np.testing.assert_array_equal(draw_overlay(rgb, [nothing]), rgb)


def test_a_hidden_region_and_a_single_pixel_are_drawn() -> None:
    rgb = photograph()
    mask = ellipse((160, 120), (60, 50))
    dot = np.zeros(SIZE, np.bool_)
    dot[5, 7] = True
    drawn = draw_overlay(rgb, [item(mask, "cat"), item(mask, "dog"), item(dot, " ")])
    assert changed(rgb, drawn)[5, 7]


@pytest.mark.parametrize("label", ["x" * 200, "\ud800", "\x00", "a\nb", "μύτη", "глаз", "猫", "e\u0301"])
def test_any_label_can_be_drawn(label: str) -> None:
    draw_overlay(photograph(), [item(ellipse((160, 120), (100, 90)), label)])


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected masks \[240, 320\], got \[5, 6\]"):
        draw_overlay(photograph(), [item(np.ones((5, 6), np.bool_))])


def test_another_font_can_be_given(tmp_path: Path) -> None:
    font = tmp_path / "font.ttf"
    font.write_bytes(BUNDLED_FONT.read_bytes())
    rgb, regions = photograph(), [item(ellipse((160, 120), (100, 90)))]
    np.testing.assert_array_equal(draw_overlay(rgb, regions, font), draw_overlay(rgb, regions))
    with pytest.raises(OSError, match="cannot open"):
        draw_overlay(rgb, regions, tmp_path / "missing.ttf")


def test_regions_that_nobody_named_differ_in_colour_and_carry_no_name() -> None:
    rgb = flat(90)
    masks = [ellipse((70, 120), (50, 70)), ellipse((240, 120), (50, 70))]
    drawn = draw_overlay(rgb, [item(mask, "") for mask in masks])
    fills = {tuple(drawn[120, x].tolist()) for x in (70, 240)}
    assert len(fills) == 2
    assert fills.isdisjoint({(90, 90, 90)})
