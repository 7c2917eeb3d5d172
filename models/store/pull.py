"""Pull of weight files from their own url, a mirror, or a local file or directory."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

from filelock import FileLock, Timeout

from domain.errors import DownloadFailed, StorageUnavailable
from domain.models import ModelSpec, WeightFile
from models.store.download import Download, ProgressReport, RetryPolicy
from models.store.partial_file import PartFile
from models.store.weights import WeightStore, pull_command

logger = logging.getLogger(__name__)


def find_source(file: WeightFile, source: str | None) -> str | Path:
    """Return the url or the local path of a file.

    Args:
        file: The file.
        source: None for its own url; else the url or path of the file, or of a directory that holds it by
            name.

    Raises:
        DownloadFailed: There is no such local file, or the url is not http(s).
    """
    if source is None:
        return _check_url(file.url or "")
    return _remote_url(file, source) if "://" in source else _local_path(file, Path(source))


def _remote_url(file: WeightFile, source: str) -> str:
    if urlsplit(_check_url(source)).path.rsplit("/", 1)[-1] == file.name:
        return source
    return f"{source.rstrip('/')}/{quote(file.name)}"


def _check_url(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https"):
        raise DownloadFailed(f"expected an http(s) URL or a local path, got {url!r}")
    return url


def _local_path(file: WeightFile, path: Path) -> Path:
    found = path / file.name if path.is_dir() else path
    if not found.is_file():
        raise DownloadFailed(f"expected a file at {found}, which does not exist")
    return found


COPY_CHUNK_BYTES = 1024 * 1024


class WeightPuller:
    """Fetches missing weight files and replaces damaged ones.

    Args:
        store: Weight files on disk.
        offline: Whether connections are forbidden.
        report: Callback for progress.
        retries: Retries of transient failures.
    """

    def __init__(
        self,
        store: WeightStore,
        offline: bool = False,
        report: ProgressReport = lambda *_: None,
        retries: RetryPolicy | None = None,
    ) -> None:
        self._store = store
        self._offline = offline
        self._report = report
        self._retries = retries or RetryPolicy()

    def pull(self, spec: ModelSpec, source: str | None = None) -> list[Path]:
        """Fetch all files of a model. Of two concurrent processes one fetches and the other one waits.

        Args:
            spec: Specification of the model.
            source: None for the urls of the manifest; else see `find_source`.

        Returns:
            Paths of the files that were fetched now; empty if all were there.

        Raises:
            DownloadFailed: A file could not be fetched, or differs from the manifest.
            StorageUnavailable: The disk is full or cannot be written.
            ModelUnavailable: A file of the repository is missing, and no source is given.
        """
        return [self._store.path(file) for file in spec.files if self._pull_file(spec, file, source)]

    def _pull_file(self, spec: ModelSpec, file: WeightFile, source: str | None) -> bool:
        if self._store.verify(file) is None:
            return False
        if file.url is None and source is None:
            self._store.ensure(spec, file.role)
        try:
            origin = self._find_allowed_source(file, source)
            with _exclusive_lock(self._store.path(file)):
                if self._store.verify(file) is None:
                    return False
                self._fetch(file, origin)
        except DownloadFailed as error:
            elsewhere = f"`{pull_command(spec)} --from FILE_OR_DIRECTORY_OR_URL` takes it from another place"
            raise DownloadFailed(f"{file.name}: {error.message}; {elsewhere}", error.details) from error
        return True

    def _find_allowed_source(self, file: WeightFile, source: str | None) -> str | Path:
        origin = find_source(file, source)
        if self._offline and isinstance(origin, str):
            raise DownloadFailed(f"SEGLABEL_OFFLINE forbids the download of {origin}")
        return origin

    def _fetch(self, file: WeightFile, origin: str | Path) -> None:
        part = PartFile(self._store.part(file), file)
        if isinstance(origin, Path):
            self._copy(origin, file, part)
        else:
            if file.bytes is not None:
                part.check_space(file.bytes)
            self._retries.run(Download(origin, file, part, self._report).attempt)
        part.publish(self._store.path(file))

    def _copy(self, origin: Path, file: WeightFile, part: PartFile) -> None:
        size = origin.stat().st_size
        if file.bytes is not None and size != file.bytes:
            raise DownloadFailed(f"{origin} is another file: expected {file.bytes:,} bytes, got {size:,}")
        part.restart()
        part.check_space(size)
        with origin.open("rb") as stream:
            while chunk := stream.read(COPY_CHUNK_BYTES):
                part.write(chunk)
                self._report(file, part.size, size)


@contextmanager
def _exclusive_lock(path: Path) -> Iterator[None]:
    """Lock out other processes that would fetch the same file.

    Raises:
        StorageUnavailable: The directory cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_name(f".{path.name}.lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            logger.warning("%s: waiting for another process that fetches the file", path.name)
            lock.acquire()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StorageUnavailable(f"could not write to {path.parent}: {reason}", {"reason": reason}) from error
    try:
        yield
    finally:
        lock.release()
