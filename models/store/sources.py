"""Where a file is to come from: its own url, a mirror, or a local file or directory."""

from pathlib import Path
from urllib.parse import quote, urlsplit

from domain.errors import DownloadFailed
from domain.models import WeightFile


def find_source(file: WeightFile, source: str | None) -> str | Path:
    """The url or the local path of a file.

    Args:
        file: Which file.
        source: None for its own url; or the url or path of it, or of a directory that has it by its name.

    Raises:
        DownloadFailed: There is no such local file, or the url is not http(s).
    """
    if source is None:
        return _checked(file.url or "")
    return _remote(file, source) if "://" in source else _local(file, Path(source))


def _remote(file: WeightFile, source: str) -> str:
    if urlsplit(_checked(source)).path.rsplit("/", 1)[-1] == file.name:
        return source
    return f"{source.rstrip('/')}/{quote(file.name)}"


def _checked(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https"):
        raise DownloadFailed(f"expected an http(s) url or a local path, got {url!r}")
    return url


def _local(file: WeightFile, path: Path) -> Path:
    found = path / file.name if path.is_dir() else path
    if not found.is_file():
        raise DownloadFailed(f"there is no file {found}")
    return found
