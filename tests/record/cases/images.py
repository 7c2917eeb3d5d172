"""Uploads in every way and format, and those that are refused."""

from tests.record.case import Case, form, raw


def _upload(image: str, name: str = "") -> Case:
    return form(f"upload/{name or image}", "/upload", ("image", f"@{image}"), keeps=(f"<{image}>", "file_id"))


KEPT = ["photo", "cat", "astronaut", "page", "turned page", "small cat", "blurred cat"]
FORMATS = ["turned", "alpha", "grey", "palette", "webp", "bmp", "tiff", "cmyk"]

IMAGES = [
    *(_upload(image) for image in (*KEPT, *FORMATS)),
    Case("upload/bytes", "POST", "/upload", image="small cat"),
    Case("upload/typed bytes", "POST", "/upload", image="cat", headers={"Content-Type": "image/jpeg"}),
    *(
        form(f"upload refused/{image}", "/upload", ("image", f"@{image}"))
        for image in ("tiny", "huge", "heavy", "cut", "prose", "empty")
    ),
    form("upload refused/other field", "/upload", ("file", "@cat"), ("note", "text")),
    form("upload refused/text field", "/upload", ("image", "text")),
    raw("upload refused/no body", "/upload", b"", ""),
    raw("upload refused/JSON", "/upload", '{"image": "x"}'),
    raw("upload refused/broken form", "/upload", b"--x\r\n", "multipart/form-data; boundary=y"),
]
