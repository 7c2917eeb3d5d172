"""Taught vocabularies: making, using, exporting and deleting them, and what is refused."""

from tests.record.case import Case, get, post
from tests.record.cases.segment import CUP_BOX, CUP_POINT, SMALL_GRID

PATH = "/vocabularies"
HOME = {
    "name": "home",
    "labels": [
        "spoon",
        "dog",
        {"name": "Minka", "examples": [{"file_id": "<cat>"}, {"image": "<small cat as data URL>"}]},
        {
            "name": "ACME 40-12",
            "prompts": ["cup", "mug"],
            "aliases": ["teacup"],
            "examples": [
                {"file_id": "<photo>", "box": CUP_BOX},
                {"file_id": "<photo>", "points": [CUP_POINT, {"x": 365, "y": 280, "label": 0}]},
            ],
        },
    ],
}
SECOND = {"name": "home", "labels": ["spoon", {"name": "Minka", "examples": [{"file_id": "<cat>"}]}]}

TAUGHT = [
    post("vocabularies/taught", PATH, HOME),
    post("vocabularies/second version", PATH, SECOND),
    post("vocabularies/words only", PATH, {"name": "words_1.0", "labels": ["dog", "perro", {"name": "cat"}]}),
    get("vocabularies/all", PATH),
    get("vocabularies/export", f"{PATH}/home"),
    get("vocabularies/older version", f"{PATH}/home?version=1", keeps=("<export>", "*")),
    get("vocabularies/version in the name", f"{PATH}/home@2"),
    get("vocabularies/built in", f"{PATH}/default"),
    get("vocabularies/labels", "/labels?vocabulary=home@1"),
]

USED = [
    post("vocabularies used/segment", "/segment", {**SMALL_GRID, "vocabulary": "home", "top_k": 3}),
    post("vocabularies used/segment older", "/segment", {**SMALL_GRID, "vocabulary": "home@1", "top_k": 3}),
    post(
        "vocabularies used/classify", "/classify", {"file_ids": ["<cat>", "<photo>"], "vocabulary": "home@1"}
    ),
    post(
        "vocabularies used/Spanish",
        "/classify",
        {"file_id": "<cat>", "vocabulary": "words_1.0", "lang": "es"},
    ),
    post(
        "vocabularies used/analyze",
        "/analyze",
        {**SMALL_GRID, "vocabulary": "home", "text": False, "depth": False, "colors": False},
    ),
    post("vocabularies used/caption", "/caption", {"file_id": "<cat>", "vocabulary": "home"}),
    post("vocabularies used/index", "/index", {"file_id": "<cat>", "vocabulary": "home", "max_masks": 3}),
    get("vocabularies used/search", "/search?q=cat&scope=region&limit=3"),
]

REFUSED = [
    post("vocabularies refused/reserved", PATH, {"name": "default", "labels": ["cat"]}),
    post("vocabularies refused/name", PATH, {"name": "not good", "labels": ["cat"]}),
    post("vocabularies refused/version in name", PATH, {"name": "home@3", "labels": ["cat"]}),
    post("vocabularies refused/unknown label", PATH, {"name": "x", "labels": ["unknown"]}),
    post("vocabularies refused/repeated", PATH, {"name": "x", "labels": ["cat", "cat"]}),
    post("vocabularies refused/kind", PATH, {"name": "x", "labels": [3]}),
    post("vocabularies refused/lesson", PATH, {"name": "x", "labels": [{"prompts": [], "colour": 1}]}),
    *(
        post(
            f"vocabularies refused/{name}",
            PATH,
            {"name": "x", "labels": [{"name": "a", "examples": [example]}]},
        )
        for name, example in {
            "missing": {"file_id": "missing"},
            "nothing": {},
            "both": {"file_id": "<cat>", "image": "<small cat as data URL>"},
            "box of an image": {"image": "<small cat as data URL>", "box": [0, 0, 10, 10]},
            "no data URL": {"image": "https://example.org/cat.jpg"},
            "no base64": {"image": "data:image/png;base64,*"},
            "no image": {"image": "data:image/png;base64,AAAA"},
            "box outside": {"file_id": "<cat>", "box": [0, 0, 5000, 10]},
            "points off it": {"file_id": "<cat>", "points": [{"x": 1, "y": 1, "label": 0}]},
        }.items()
    ),
    get("vocabularies refused/unknown", f"{PATH}/none"),
    get("vocabularies refused/unknown version", f"{PATH}/home?version=9"),
    get("vocabularies refused/version of built in", f"{PATH}/default?version=1"),
    get("vocabularies refused/two versions", f"{PATH}/home@1?version=2"),
    get("vocabularies refused/version 0", f"{PATH}/home?version=0"),
    get("vocabularies refused/parameter", f"{PATH}/home?lang=de"),
]

DELETED = [
    Case("vocabularies deleted/built in", "DELETE", f"{PATH}/default"),
    Case("vocabularies deleted/version", "DELETE", f"{PATH}/home@1"),
    Case("vocabularies deleted/home", "DELETE", f"{PATH}/home"),
    Case("vocabularies deleted/again", "DELETE", f"{PATH}/home"),
    post("vocabularies deleted/used", "/segment", {**SMALL_GRID, "vocabulary": "home"}),
    post("vocabularies deleted/taught from an export", PATH, "<export>"),
    Case("vocabularies deleted/words", "DELETE", f"{PATH}/words_1.0"),
    get("vocabularies deleted/all", PATH),
]

VOCABULARIES: list[Case] = [*TAUGHT, *USED, *REFUSED, *DELETED]
