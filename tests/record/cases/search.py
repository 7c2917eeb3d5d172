"""The index of photographs and regions: filling it, searching it and taking photographs out."""

from tests.record.case import Case, form, get, numbered, post
from tests.record.cases.segment import CUP_BOX, CUP_POINT

INDEX = [
    get("index/counts before", "/index"),
    get("search/nothing is indexed", "/search?q=cat"),
    post("index/cat", "/index", {"file_id": "<cat>"}),
    post("index/photo", "/index", {"file_id": "<photo>", "max_masks": 6, "lang": "de"}),
    post("index/again", "/index", {"file_id": "<photo>", "max_masks": 6}),
    post("index/several", "/index", {"file_ids": ["<astronaut>", "missing"], "max_masks": 5}),
    post("index/whole", "/index", {"file_id": "<small cat>", "regions": False}),
    post(
        "index/options",
        "/index",
        {
            "file_id": "<page>",
            "points_per_side": 4,
            "adaptive": False,
            "quality_threshold": 0.3,
            "stability_threshold": 0.5,
            "min_area": 100,
            "max_area": 100_000,
            "deduplication": "box",
            "labels": ["page", "text"],
            "confidence_threshold": 0.3,
        },
    ),
    get("index/counts", "/index"),
]

FIND = [
    *(
        get(f"search/{query}", f"/search?{query}")
        for query in (
            "q=a%20cat",
            "q=a%20cat&limit=1",
            "q=a%20cat&group=false",
            "q=cup&scope=region",
            "q=cup&scope=region&limit=2&group=false",
            "q=text&scope=image&limit=100",
        )
    ),
    *numbered(
        "similar",
        "/similar",
        {
            "photograph": {},
            "limit": {"limit": 1, "group": False},
            "regions like it": {"scope": "region", "limit": 3},
            "indexed region": {"mask_index": 0, "limit": 3},
            "point": {"points": [CUP_POINT], "limit": 3},
            "box": {"box": CUP_BOX, "limit": 3},
            "box and point": {"box": CUP_BOX, "points": [{**CUP_POINT, "label": 0}], "limit": 2},
            "photographs like a box": {"box": CUP_BOX, "scope": "image"},
            "not indexed": {"file_id": "<blurred cat>"},
        },
        file_id="<photo>",
    ),
    form("similar form/image", "/similar", ("image", "@blurred cat")),
    form(
        "similar form/options",
        "/similar",
        ("image", "@cat"),
        ("limit", "2"),
        ("scope", "region"),
        ("group", "false"),
    ),
    post("rank/all", "/rank", {"q": "a person", "file_ids": ["<photo>", "missing", "<astronaut>", "<cat>"]}),
    post("rank/one", "/rank", {"q": " cup ", "file_ids": ["<photo>"]}),
]

REMOVE = [
    Case("index removed/cat", "DELETE", "/index/<small cat>"),
    Case("index removed/again", "DELETE", "/index/<small cat>"),
    Case("index removed/missing", "DELETE", "/index/missing"),
    get("index removed/counts", "/index"),
    get("index removed/search", "/search?q=a%20cat"),
]

SEARCH: list[Case] = [*INDEX, *FIND, *REMOVE]
