"""Segmentations: prompts, options of the grid, names and the forms of masks."""

from tests.record.case import Case, form, get, numbered, post

PATH = "/segment"
CUP_BOX = [76, 16, 480, 388]
CUP_POINT = {"x": 250, "y": 200}
SPOON_POINT = {"x": 365, "y": 280}
SMALL_GRID = {"file_id": "<cat>", "overlay": False, "points_per_side": 8, "max_masks": 5}
BOX = {"file_id": "<photo>", "overlay": False, "prompt_type": "box", "box": CUP_BOX}
POINT = {"file_id": "<photo>", "overlay": False, "prompt_type": "point", "points": [CUP_POINT]}

DEFAULTS = [
    post(f"segment/{image}", PATH, {"file_id": f"<{image}>"}) for image in ("photo", "cat", "astronaut")
]

MASKS = numbered(
    "segment masks",
    PATH,
    {
        "none": {"masks": "none"},
        "rle": {"masks": "rle"},
        "polygons": {"masks": "polygons"},
        "png": {"masks": "png", "max_masks": 2},
        "rle of a full grid": {"masks": "rle", "points_per_side": 16, "max_masks": 64},
        "overlay without names": {"classify": False, "overlay": True},
    },
    **SMALL_GRID,
)

GRID = numbered(
    "segment grid",
    PATH,
    {
        "one point": {"points_per_side": 1},
        "whole number as float": {"points_per_side": 4.0},
        "every point": {"adaptive": False},
        "three masks": {"max_masks": 3},
        "all masks": {"max_masks": 1000, "classify": False},
        "quality": {"quality_threshold": 0.6},
        "stability": {"stability_threshold": 0.97},
        "thresholds off": {"quality_threshold": 0, "stability_threshold": 0, "max_masks": 9},
        "min area": {"min_area": 5000},
        "max area": {"max_area": 20000},
        "both areas": {"min_area": 2000, "max_area": 30000},
        "no area": {"min_area": 10**9},
        "deduplication mask": {"deduplication": "mask"},
        "deduplication box": {"deduplication": "box"},
        "deduplication none": {"deduplication": "none", "max_masks": 9},
        "as decoded": {"clean": False, "masks": "rle"},
        "null options": {"max_masks": None, "quality_threshold": None, "labels": None, "view": None},
    },
    **SMALL_GRID,
)

NAMES = numbered(
    "segment names",
    PATH,
    {
        "no names": {"classify": False},
        "labels": {"labels": ["cat", "dog", "sofa", "cup"], "top_k": 2},
        "one label": {"labels": ["tiger"]},
        "repeated and foreign labels": {"labels": ["Katze", "chien", "Katze", "cat"], "top_k": 9},
        "labels in Spanish": {"labels": ["cat", "dog", "perro"], "lang": "es", "top_k": 3},
        "labels of Spanish": {"labels": ["gato", "hombre", "Rocinante"], "labels_lang": "es", "top_k": 3},
        "labels in other cases": {"labels": ["Cat", "CAT", "dog", "cat"], "top_k": 3},
        "vocabulary": {"vocabulary": "default"},
        "German": {"lang": "de"},
        "regional": {"lang": "pt-BR"},
        "top_k 1": {"top_k": 1},
        "top_k 3": {"top_k": 3},
        "top_k beyond": {"top_k": 1000, "max_masks": 1},
        "confidence": {"confidence_threshold": 0.8},
        "confidence 1": {"confidence_threshold": 1},
        "view crop": {"view": "crop"},
        "view context": {"view": "context"},
        "view blur": {"view": "blur"},
        "view twice": {"view": "twice"},
        "overlay in Japanese": {"lang": "ja", "overlay": True},
    },
    **SMALL_GRID,
)

LANGUAGES = [
    post("segment names/language of the address", f"{PATH}?lang=fr", SMALL_GRID),
    post("segment names/member before address", f"{PATH}?lang=fr", {**SMALL_GRID, "lang": "de"}),
]

POINTS = numbered(
    "segment point",
    PATH,
    {
        "cup": {},
        "off the spoon": {"points": [CUP_POINT, {**SPOON_POINT, "label": 0}]},
        "two points": {"points": [CUP_POINT, {**SPOON_POINT, "label": 1.0}], "masks": "rle"},
        "three candidates": {"max_masks": 3, "masks": "rle"},
        "more than there are": {"max_masks": 10},
        "quality": {"max_masks": 3, "quality_threshold": 0.6},
        "stability": {"max_masks": 3, "stability_threshold": 0.99},
        "areas": {"max_masks": 3, "min_area": 60000, "max_area": 200000},
        "overlay": {"overlay": True, "labels": ["spoon", "cup"]},
        "corner": {"points": [{"x": 0, "y": 0}]},
        "fraction": {"points": [{"x": 599.5, "y": 399.5}]},
    },
    **POINT,
)

BOXES = numbered(
    "segment box",
    PATH,
    {
        "cup": {"top_k": 3},
        "refined": {"points": [CUP_POINT]},
        "refined off": {"points": [{**SPOON_POINT, "label": 0}], "masks": "rle"},
        "three candidates": {"max_masks": 3, "masks": "polygons"},
        "as decoded": {"clean": False, "masks": "rle"},
        "whole image": {"box": [0, 0, 600, 400]},
        "small": {"box": [196.5, 232.25, 255, 309]},
        "no names": {"classify": False},
        "view context": {"view": "context", "lang": "de"},
        "overlay": {"overlay": True},
        "other image": {"file_id": "<astronaut>", "box": [180, 50, 330, 220], "masks": "png"},
    },
    **BOX,
)

FORMATS = [
    post(
        f"segment format/{image}",
        PATH,
        {"file_id": f"<{image}>", "overlay": True, "points_per_side": 4, "max_masks": 3, "masks": "rle"},
    )
    for image in ("turned", "alpha", "grey", "palette", "cmyk")
]

SEGMENT: list[Case] = [
    *DEFAULTS,
    *MASKS,
    *GRID,
    *NAMES,
    *LANGUAGES,
    *POINTS,
    *BOXES,
    *FORMATS,
    post(
        "segment again/photo", PATH, {"file_id": "<photo>", "top_k": 5, "labels": ["cup", "table", "spoon"]}
    ),
    form("segment refused/form", PATH, ("image", "@cat")),
    get("segment refused/GET", PATH),
]
