"""Downloads over HTTP that resume, with a bounded number of retries."""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from requests import exceptions

from domain.errors import DownloadFailed
from domain.models import WeightFile
from models.store.partial_file import PartFile, size_limit_message

logger = logging.getLogger(__name__)


class TransientFailure(Exception):
    """Failure that the next attempt may not meet.

    Args:
        message: Description of the failure.
        retry_after_s: Seconds that the server asks to wait; None if it does not say.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class RetryPolicy:
    """Number of attempts and the waits between them.

    Attributes:
        attempts: Highest number of attempts, the first included.
        first_s: Seconds before the second attempt; doubled for each further one.
        longest_s: Longest wait in seconds, whatever the server asks.
        sleep: Function that waits.
    """

    attempts: int = 6
    first_s: float = 1.0
    longest_s: float = 60.0
    sleep: Callable[[float], None] = time.sleep

    def run(self, attempt: Callable[[], None]) -> None:
        """Call `attempt` until it succeeds.

        Raises:
            DownloadFailed: The last attempt failed too.
        """
        for number in range(1, self.attempts + 1):
            try:
                return attempt()
            except TransientFailure as failure:
                if number == self.attempts:
                    raise DownloadFailed(f"{failure} ({number} attempts)") from failure
                wait = self._wait(number, failure.retry_after_s)
                logger.warning("%s; attempt %d of %d in %.0f s", failure, number + 1, self.attempts, wait)
                self.sleep(wait)
        return None

    def _wait(self, number: int, asked_s: float | None) -> float:
        return min(self.longest_s, max(asked_s or 0.0, self.first_s * 2.0 ** (number - 1)))


def parse_retry_after(header: str | None) -> float | None:
    """Return the seconds of a Retry-After header, given as a number or a date; None for neither."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    if date.tzinfo is None:
        return None
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


ProgressReport = Callable[[WeightFile, int, int | None], None]
"""Callback with a file, the bytes received so far, first those of an earlier run, and the total by the
manifest or else by the server; None if neither states it."""

CHUNK_BYTES = 64 * 1024

TIMEOUT_S = (10, 60)
"""Timeouts of the connection, and between two pieces of the body."""

MAX_REDIRECTS = 5

TRANSIENT_ERRORS = (exceptions.ConnectionError, exceptions.Timeout, exceptions.ChunkedEncodingError)


class Download:
    """Requests for one file, through the proxies of the environment.

    Args:
        url: URL of the file.
        file: The file.
        part: Partial file to write to.
        report: Callback for progress.
    """

    def __init__(self, url: str, file: WeightFile, part: PartFile, report: ProgressReport) -> None:
        self._url = url
        self._file = file
        self._part = part
        self._report = report

    def attempt(self) -> None:
        """Send one request; afterwards the partial file is complete.

        Raises:
            TransientFailure: Another attempt may succeed.
            DownloadFailed: Another attempt would fail too.
            StorageUnavailable: The disk is full or not writable.
        """
        if self._part.size > self._part.max_bytes:
            self._part.restart()
        if self._part.size == self._file.bytes:
            return
        try:
            self._request()
        except exceptions.SSLError as error:
            raise DownloadFailed(
                f"{self._url}: the connection cannot be trusted: {_innermost_reason(error)}"
            ) from error
        except TRANSIENT_ERRORS as error:
            raise TransientFailure(
                f"{self._url}: the connection failed: {_innermost_reason(error)}"
            ) from error
        except exceptions.TooManyRedirects as error:
            raise DownloadFailed(f"{self._url} redirects more than {MAX_REDIRECTS} times") from error
        except exceptions.RequestException as error:
            raise DownloadFailed(f"{self._url}: {_innermost_reason(error)}") from error

    def _request(self) -> None:
        with requests.Session() as session:
            session.max_redirects = MAX_REDIRECTS
            with session.get(self._url, headers=self._headers(), stream=True, timeout=TIMEOUT_S) as response:
                self._check_status(response)
                stated = _total_bytes(response)
                self._check_size(stated)
                self._check_range(response)
                self._receive(response, self._file.bytes or stated)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}
        if start := self._part.size:
            headers["Range"] = f"bytes={start}-"
            if etag := self._part.etag:
                headers["If-Range"] = etag
        return headers

    def _check_status(self, response: requests.Response) -> None:
        status = response.status_code
        if status in (200, 206):
            return
        answer = f"{self._url} answered {status} {response.reason or ''}".rstrip()
        if status == 416:
            self._part.restart()
            raise TransientFailure(f"{answer} to the request to resume; the download starts again")
        if status in (408, 429) or status >= 500:
            raise TransientFailure(answer, parse_retry_after(response.headers.get("Retry-After")))
        raise DownloadFailed(answer, {"status": status})

    def _check_size(self, stated: int | None) -> None:
        """Refuse another file, or one that is too large, before anything is written."""
        if stated is None:
            return
        if (expected := self._file.bytes) is not None:
            if stated != expected:
                raise DownloadFailed(
                    f"{self._url} is another file: expected {expected:,} bytes, got {stated:,}"
                )
            return
        if stated > self._part.max_bytes:
            raise DownloadFailed(
                f"{self._url} has {stated:,} bytes, but {size_limit_message(self._part.max_bytes)}"
            )
        self._part.check_space(stated)

    def _check_range(self, response: requests.Response) -> None:
        """Check that the response continues the partial file; otherwise start again."""
        if response.status_code == 200:
            self._part.restart(response.headers.get("ETag"))
        elif _range_start(response) != self._part.size:
            self._part.restart()
            raise TransientFailure(
                f"{self._url} answered with another range than requested; the download starts again"
            )

    def _receive(self, response: requests.Response, total: int | None) -> None:
        self._report(self._file, self._part.size, total)
        for chunk in response.iter_content(CHUNK_BYTES):
            self._part.write(chunk)
            self._report(self._file, self._part.size, total)
        if total is not None and (size := self._part.size) < total:
            raise TransientFailure(f"{self._url}: expected {total:,} bytes, got {size:,}")


def _range_start(response: requests.Response) -> int | None:
    """Return the first byte of a partial body; None if the server does not state it."""
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(match[1]) if match else None


def _total_bytes(response: requests.Response) -> int | None:
    """Return the bytes of the whole file; None if the server does not state them."""
    name, pattern = (
        ("Content-Range", r".*/(\d+)") if response.status_code == 206 else ("Content-Length", r"(\d+)")
    )
    match = re.fullmatch(pattern, response.headers.get(name, "").strip())
    return int(match[1]) if match and "Content-Encoding" not in response.headers else None


def _innermost_reason(error: exceptions.RequestException) -> str:
    """Return the innermost reason of an error, without the words of its wrappers."""
    cause: object = error.args[0] if error.args else error
    cause = getattr(cause, "reason", cause)
    return str(cause).rsplit(": ", 1)[-1].strip("'\"()") or type(error).__name__
