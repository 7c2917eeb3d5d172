"""Values that one endpoint cannot use: out of range, unknown, too many, or contradicting each other."""

from typing import Any

from tests.record.case import Case, form, get, numbered, post

CAT = "<cat>"
LONG_NAME = "x" * 201

SEGMENT: dict[str, dict[str, Any]] = {
    "prompt": {"prompt_type": "text"},
    "points without": {"prompt_type": "point"},
    "points all off": {"prompt_type": "point", "points": [{"x": 1, "y": 1, "label": 0}]},
    "points of a grid": {"points": [{"x": 1, "y": 1}]},
    "no points": {"prompt_type": "point", "points": []},
    "too many points": {"prompt_type": "point", "points": [{"x": 1, "y": 1}] * 65},
    "point outside": {"prompt_type": "point", "points": [{"x": 451, "y": 10}]},
    "point before": {"prompt_type": "point", "points": [{"x": -1, "y": 10}]},
    "point label": {"prompt_type": "point", "points": [{"x": 1, "y": 1, "label": 2}]},
    "point half": {"prompt_type": "point", "points": [{"x": 1}, {"x": "1", "y": 2, "z": 3}]},
    "box without": {"prompt_type": "box"},
    "box of a grid": {"box": [0, 0, 10, 10]},
    "box of three": {"prompt_type": "box", "box": [0, 0, 10]},
    "box turned": {"prompt_type": "box", "box": [20, 20, 10, 10]},
    "box outside": {"prompt_type": "box", "box": [0, 0, 452, 10]},
    "points_per_side 0": {"points_per_side": 0},
    "points_per_side 65": {"points_per_side": 65},
    "points_per_side 1.5": {"points_per_side": 1.5},
    "points_per_side text": {"points_per_side": "8"},
    "max_masks 0": {"max_masks": 0},
    "max_masks 1001": {"max_masks": 1001},
    "quality": {"quality_threshold": 1.5},
    "stability": {"stability_threshold": -0.1},
    "min_area": {"min_area": -1},
    "max_area": {"max_area": 0},
    "areas": {"min_area": 10, "max_area": 5},
    "huge area": {"max_area": 2**31},
    "deduplication": {"deduplication": "bbox"},
    "boolean": {"adaptive": "yes", "clean": 1, "classify": None, "overlay": "true", "async": 0},
    "no labels": {"labels": []},
    "empty label": {"labels": [""]},
    "blank label": {"labels": ["  "]},
    "long label": {"labels": [LONG_NAME]},
    "too many labels": {"labels": [f"label {number}" for number in range(1001)]},
    "label unknown": {"labels": ["unknown"]},
    "label with a control character": {"labels": ["a\u0000b"]},
    "label number": {"labels": ["cat", 3]},
    "labels and vocabulary": {"labels": ["cat"], "vocabulary": "default"},
    "vocabulary": {"vocabulary": "none"},
    "vocabulary path": {"vocabulary": "../default"},
    "vocabulary version": {"vocabulary": "default@3"},
    "empty vocabulary": {"vocabulary": ""},
    "language": {"lang": "xx"},
    "language number": {"lang": 3},
    "long language": {"lang": "x" * 21},
    "language of labels": {"labels": ["cat"], "labels_lang": "xx"},
    "language without labels": {"labels_lang": "de"},
    "synonyms": {"labels": ["Auto", "Wagen"], "labels_lang": "de"},
    "view": {"view": "attention"},
    "unknown view": {"view": "mirror"},
    "top_k": {"top_k": 0},
    "confidence": {"confidence_threshold": 2},
    "masks": {"masks": "coco"},
    "several": {"top_k": 0, "masks": "coco", "colour": 1, "max_masks": 0},
    "long file_id": {"file_id": "x" * 65},
    "empty file_id": {"file_id": ""},
}

ANALYZE: dict[str, dict[str, Any]] = {
    "depth": {"depth": "yes"},
    "confidence": {"min_text_confidence": 1.2},
    "prompt": {"prompt_type": "box"},
    "vocabulary": {"vocabulary": "none"},
    "view": {"view": "attention"},
}

CLASSIFY: dict[str, dict[str, Any]] = {
    "both": {"file_ids": [CAT]},
    "top_k": {"top_k": 0},
    "plot": {"plot": 1},
    "vocabulary": {"vocabulary": "none"},
    "labels and vocabulary": {"labels": ["cat"], "vocabulary": "default"},
    "language": {"lang": "xx"},
    "label": {"labels": ["unknown"]},
    "member of segment": {"masks": "rle"},
}

CAPTION: dict[str, dict[str, Any]] = {
    "candidates 0": {"candidates": 0},
    "candidates 21": {"candidates": 21},
    "vocabulary": {"vocabulary": "none"},
    "labels": {"labels": ["unknown"]},
    "both": {"labels": ["cat"], "vocabulary": "default"},
    "text": {"text": "yes"},
}

INDEX: dict[str, dict[str, Any]] = {
    "both": {"file_ids": [CAT]},
    "areas": {"min_area": 10, "max_area": 5},
    "vocabulary": {"vocabulary": "none"},
    "clean": {"clean": "no"},
    "points": {"points": [{"x": 1, "y": 1}]},
}

SIMILAR: dict[str, dict[str, Any]] = {
    "region and box": {"mask_index": 0, "box": [0, 0, 10, 10]},
    "no such region": {"mask_index": 999},
    "negative region": {"mask_index": -1},
    "scope": {"scope": "video"},
    "limit": {"limit": 101},
    "box outside": {"box": [0, 0, 5000, 10]},
    "points off it": {"points": [{"x": 1, "y": 1, "label": 0}]},
}

QUERIES = {
    "search refused/no text": "/search",
    "search refused/blank": "/search?q=%20",
    "search refused/long": f"/search?q={LONG_NAME}",
    "search refused/scope": "/search?q=cat&scope=video",
    "search refused/limit 0": "/search?q=cat&limit=0",
    "search refused/limit 101": "/search?q=cat&limit=101",
    "search refused/group": "/search?q=cat&group=perhaps",
    "search refused/parameter": "/search?q=cat&lang=de",
    "labels refused/vocabulary": "/labels?vocabulary=none",
    "labels refused/language": "/labels?lang=xx",
    "labels refused/parameter": "/labels?colour=red",
}

REFUSED_VALUES: list[Case] = [
    *numbered("segment value", "/segment", SEGMENT, file_id=CAT),
    *numbered("analyze value", "/analyze", ANALYZE, file_id=CAT),
    *numbered("classify value", "/classify", CLASSIFY, file_id=CAT),
    *numbered("caption value", "/caption", CAPTION, file_id=CAT),
    *numbered("index value", "/index", INDEX, file_id=CAT),
    *numbered("similar value", "/similar", SIMILAR, file_id=CAT),
    post("moderate value/policy", "/moderate", {"file_id": CAT, "policy": "none"}),
    post("moderate value/regions", "/moderate", {"file_id": CAT, "regions": "all"}),
    post("moderate value/language", "/moderate?lang=de", {"file_id": CAT}),
    post("caption value/language", "/caption?lang=de", {"file_id": CAT}),
    post("rank value/no files", "/rank", {"q": "cat", "file_ids": []}),
    post("rank value/too many", "/rank", {"q": "cat", "file_ids": ["x"] * 101}),
    post("rank value/blank", "/rank", {"q": " ", "file_ids": [CAT]}),
    post("classify value/none", "/classify", {"file_ids": []}),
    post("classify value/too many", "/classify", {"file_ids": ["x"] * 101}),
    form("classify form refused/no image", "/classify", ("labels", "cat")),
    form("classify form refused/broken", "/classify", ("image", "@prose")),
    form("classify form refused/value", "/classify", ("image", "@cat"), ("top_k", "x"), ("colour", "1")),
    form("classify form refused/empty label", "/classify", ("image", "@cat"), ("labels", " , ")),
    form("similar form refused/two images", "/similar", ("image", "@cat"), ("image", "@photo")),
    form("similar form refused/value", "/similar", ("image", "@cat"), ("limit", "0"), ("box", "1")),
    form("similar form refused/broken", "/similar", ("image", "@cut")),
    *(get(name, path) for name, path in QUERIES.items()),
]
