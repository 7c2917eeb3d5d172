"""Work in the background: single requests, batches, events and cancellations."""

from tests.record.case import Case, get, job, post

SMALL = {"overlay": False, "points_per_side": 4, "max_masks": 2}

SINGLE = [
    *job("job segment", "/segment", {"file_id": "<cat>", "async": True, "masks": "rle", **SMALL}),
    *job("job analyze", "/analyze", {"file_id": "<photo>", "async": True, "lang": "de", **SMALL}),
    *job("job caption", "/caption", {"file_id": "<cat>", "async": True}),
    *job("job moderate", "/moderate", {"file_id": "<cat>", "async": True, "regions": False}),
    *job("job index", "/index", {"file_id": "<photo>", "async": True, "max_masks": 2}),
]

FILES = {"file_ids": ["<cat>", "missing", "<small cat>"]}
BATCH = [
    *job("batch segment", "/segment/batch", {**FILES, **SMALL}),
    *job("batch analyze", "/analyze/batch", {**FILES, **SMALL, "text": False}),
    *job("batch caption", "/caption/batch", {**FILES, "candidates": 1}),
    *job("batch moderate", "/moderate/batch", {**FILES, "regions": False}),
    *job("batch index", "/index/batch", {**FILES, "regions": False}),
]

AFTERWARDS = [
    get("job afterwards/events", "/jobs/<job segment>/events"),
    get("job afterwards/events of a batch", "/jobs/<batch segment>/events"),
    get("job afterwards/seen events", "/jobs/<batch segment>/events", headers={"Last-Event-ID": "999999"}),
    get("job afterwards/odd event id", "/jobs/<batch caption>/events", headers={"Last-Event-ID": "x"}),
    get("job afterwards/with results", "/jobs/<batch caption>?results=true"),
    get("job afterwards/without results", "/jobs/<batch segment>?results=false"),
    Case("job afterwards/forgotten", "DELETE", "/jobs/<job segment>"),
    Case("job afterwards/forgotten batch", "DELETE", "/jobs/<batch segment>"),
    get("job afterwards/gone", "/jobs/<job segment>"),
    get("job afterwards/events are gone", "/jobs/<batch segment>/events"),
]

LONG = {"file_ids": ["<astronaut>"] * 20, "points_per_side": 40, "adaptive": False, "overlay": False}
CANCELLED = [
    post("cancelled/long", "/segment/batch", LONG, keeps=("<long job>", "job_id")),
    post("cancelled/waiting", "/segment/batch", {**FILES, **SMALL}, keeps=("<waiting job>", "job_id")),
    Case("cancelled/waiting ends", "DELETE", "/jobs/<waiting job>"),
    Case("cancelled/long ends", "DELETE", "/jobs/<long job>", only=("job_id", "kind", "state", "total")),
    get("cancelled/waiting afterwards", "/jobs/<waiting job>"),
]

REFUSED = [
    get("job refused/missing", "/jobs/missing"),
    get("job refused/missing events", "/jobs/missing/events"),
    Case("job refused/missing cancelled", "DELETE", "/jobs/missing"),
    get("job refused/parameter", "/jobs/<batch caption>?result=true"),
    get("job refused/value", "/jobs/<batch caption>?results=perhaps"),
    Case("job refused/PUT", "PUT", "/jobs/<batch caption>"),
    post("job refused/missing image", "/segment", {"file_id": "missing", "async": True}),
    post("job refused/view", "/segment", {"file_id": "<cat>", "async": True, "view": "attention"}),
    post("job refused/vocabulary", "/analyze", {"file_id": "<cat>", "async": True, "vocabulary": "none"}),
    post("job refused/batch of none", "/segment/batch", {"file_ids": []}),
    post("job refused/batch too large", "/segment/batch", {"file_ids": ["x"] * 1001}),
    post("job refused/batch with async", "/segment/batch", {"file_ids": ["<cat>"], "async": True}),
    post("job refused/several with async", "/index", {"file_ids": ["<cat>"], "async": True}),
]

JOBS: list[Case] = [*SINGLE, *BATCH, *AFTERWARDS, *CANCELLED, *REFUSED]
