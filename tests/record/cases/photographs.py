"""Requests about photographs: /analyze, /depth, /extract_text, /classify, /caption and /moderate."""

from tests.record.case import Case, form, get, numbered, post
from tests.record.cases.segment import CUP_BOX, CUP_POINT

TRIO = ("photo", "cat", "astronaut")
SMALL = {"file_id": "<cat>", "overlay": False, "points_per_side": 6, "max_masks": 4}

ANALYZE = [
    post("analyze/photo", "/analyze", {"file_id": "<photo>"}),
    post("analyze/cat", "/analyze", {"file_id": "<cat>", "overlay": False, "top_k": 7, "masks": "rle"}),
    post("analyze/astronaut", "/analyze", {"file_id": "<astronaut>", "overlay": False}),
    post("analyze/page", "/analyze", {"file_id": "<page>", "overlay": False, "max_masks": 5}),
    *numbered(
        "analyze",
        "/analyze",
        {
            "no depth": {"depth": False},
            "no text": {"text": False},
            "no colors": {"colors": False},
            "no names": {"classify": False, "text": False, "depth": False},
            "all text": {"file_id": "<photo>", "min_text_confidence": 0, "max_masks": 2},
            "labels": {"labels": ["cat", "sofa"], "top_k": 2, "text": False},
            "German": {"lang": "de", "confidence_threshold": 0.5, "text": False},
            "polygons": {"masks": "polygons", "text": False},
            "views": {"view": "crop", "deduplication": "none", "clean": False, "adaptive": False},
            "blank of regions": {"min_area": 10**9},
        },
        **SMALL,
    ),
    post("analyze/language of the address", "/analyze?lang=it", SMALL),
    *numbered(
        "analyze prompt",
        "/analyze",
        {
            "point": {"prompt_type": "point", "points": [CUP_POINT], "max_masks": 3},
            "box": {"prompt_type": "box", "box": CUP_BOX},
        },
        file_id="<photo>",
        overlay=False,
    ),
]

DEPTH = [
    *(get(f"depth/{image}", f"/depth/<{image}>") for image in TRIO),
    get("depth/png", "/depth/<photo>?format=png"),
    get("depth/color", "/depth/<photo>?format=color"),
    get("depth/npy", "/depth/<photo>?format=npy"),
    get("depth/turned", "/depth/<turned>?format=color"),
    get("depth refused/format", "/depth/<photo>?format=jpg"),
    get("depth refused/parameter", "/depth/<photo>?size=3"),
    get("depth refused/missing", "/depth/missing"),
    Case("depth refused/POST", "POST", "/depth/<photo>"),
]

TEXT = [
    *(get(f"text/{image}", f"/extract_text/<{image}>") for image in ("page", "turned page", "photo")),
    get("text/all lines", "/extract_text/<photo>?min_confidence=0"),
    get("text/sure lines", "/extract_text/<page>?min_confidence=0.99"),
    Case("text/POST", "POST", "/extract_text/<page>"),
    post("text/POST with a body", "/extract_text/<photo>", {"min_confidence": 0.1}),
    post("text/body before address", "/extract_text/<photo>?min_confidence=0.9", {"min_confidence": 0}),
    post("text/empty object", "/extract_text/<photo>?min_confidence=0", {}),
    get("text refused/confidence", "/extract_text/<page>?min_confidence=2"),
    get("text refused/parameter", "/extract_text/<page>?lang=de"),
    get("text refused/missing", "/extract_text/missing"),
    post("text refused/body", "/extract_text/<page>", {"min_confidence": "x", "lines": 3}),
    form("text refused/form", "/extract_text/<page>", ("min_confidence", "0.5")),
    Case("text refused/no JSON", "POST", "/extract_text/<page>", data="{"),
    Case("text refused/DELETE", "DELETE", "/extract_text/<page>"),
]

CLASSIFY = [
    *(post(f"classify/{image}", "/classify", {"file_id": f"<{image}>"}) for image in TRIO),
    *numbered(
        "classify",
        "/classify",
        {
            "labels": {"labels": ["a cat", "a dog", "a cup of coffee"]},
            "foreign labels": {"labels": ["Katze", "chien"], "lang": "es"},
            "vocabulary": {"vocabulary": "default", "lang": "de", "top_k": 2},
            "top_k beyond": {"labels": ["cat", "dog"], "top_k": 500},
            "confidence": {"confidence_threshold": 1, "top_k": 1},
            "plot": {"plot": True},
            "robust": {"robust": True},
            "robust on blur": {"file_id": "<blurred cat>", "robust": True, "labels": ["cat", "dog", "sofa"]},
            "robust plot": {"file_id": "<blurred cat>", "robust": True, "plot": True},
        },
        file_id="<cat>",
    ),
    post("classify/several", "/classify", {"file_ids": ["<cat>", "missing", "<photo>", "<cat>"], "top_k": 1}),
    post("classify/language of the address", "/classify?lang=sv", {"file_id": "<photo>"}),
    form("classify form/one", "/classify", ("image", "@cat")),
    form(
        "classify form/several",
        "/classify",
        ("image", "@cat"),
        ("image", "@photo"),
        ("image", "@prose"),
        ("labels", "cat, cup,"),
        ("labels", "car"),
        ("top_k", "2"),
    ),
    form(
        "classify form/options",
        "/classify?lang=de",
        ("image", "@blurred cat"),
        ("robust", "true"),
        ("plot", "1"),
        ("confidence_threshold", "0.99"),
        ("vocabulary", "default"),
    ),
]

CAPTION = [
    *(post(f"caption/{image}", "/caption", {"file_id": f"<{image}>"}) for image in (*TRIO, "page")),
    *numbered(
        "caption",
        "/caption",
        {
            "labels": {"labels": ["astronaut", "flag", "space shuttle"]},
            "vocabulary": {"vocabulary": "default", "candidates": 1},
            "no text": {"text": False, "candidates": 20},
        },
        file_id="<astronaut>",
    ),
]

MODERATE = [
    *(post(f"moderate/{image}", "/moderate", {"file_id": f"<{image}>"}) for image in TRIO),
    post("moderate/whole", "/moderate", {"file_id": "<photo>", "regions": False}),
    post("moderate/policy", "/moderate", {"file_id": "<photo>", "policy": "default", "regions": False}),
]

PHOTOGRAPHS: list[Case] = [*ANALYZE, *DEPTH, *TEXT, *CLASSIFY, *CAPTION, *MODERATE]
