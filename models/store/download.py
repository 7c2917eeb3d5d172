"""Tries again what may pass, a bounded number of times, waiting longer each time."""

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
from models.store.part import PartFile, size_limit_message

logger = logging.getLogger(__name__)


class TransientFailure(Exception):
    """A failure that the next attempt may not meet.

    Args:
        message: What happened.
        retry_after_s: How long the server asks to wait; None if it does not say.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how patiently.

    Attributes:
        attempts: At most this many, the first included.
        first_s: Seconds before the second; doubled each time.
        longest_s: Never longer than this, whatever the server asks.
        sleep: Waits.
    """

    attempts: int = 6
    first_s: float = 1.0
    longest_s: float = 60.0
    sleep: Callable[[float], None] = time.sleep

    def run(self, attempt: Callable[[], None]) -> None:
        """Call `attempt` until it returns.

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
    """Seconds that a Retry-After header asks for, given as a number or a date; None if it says neither."""
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
"""Told how many bytes of a file are here, first with those that an earlier run left, and how many there shall
be: by the manifest, or else by the server; None where neither says."""

CHUNK_BYTES = 64 * 1024

TIMEOUT_S = (10, 60)
"""To connect, and between two pieces of the body."""

MAX_REDIRECTS = 5

TRANSIENT_ERRORS = (exceptions.ConnectionError, exceptions.Timeout, exceptions.ChunkedEncodingError)


class Download:
    """Requests for one file (proxies are those of the environment).

    Args:
        url: Where from.
        file: Which file.
        part: Where to.
        report: Told of progress.
    """

    def __init__(self, url: str, file: WeightFile, part: PartFile, report: ProgressReport) -> None:
        self._url = url
        self._file = file
        self._part = part
        self._report = report

    def attempt(self) -> None:
        """One request; afterwards the part file has all its bytes.

        Raises:
            PassingFailure: Worth another attempt.
            DownloadFailed: Not worth one.
            StorageUnavailable: The disk is full or refuses.
        """
        if self._part.size > self._part.most:
            self._part.restart()
        if self._part.size == self._file.bytes:
            return
        try:
            self._request()
        except exceptions.SSLError as error:
            raise DownloadFailed(f"{self._url}: no trusted connection: {_innermost_reason(error)}") from error
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
        said = f"{self._url} answered {status} {response.reason or ''}".rstrip()
        if status == 416:
            self._part.restart()
            raise TransientFailure(f"{said} to a resumed download, which starts anew")
        if status in (408, 429) or status >= 500:
            raise TransientFailure(said, parse_retry_after(response.headers.get("Retry-After")))
        raise DownloadFailed(said, {"status": status})

    def _check_size(self, stated: int | None) -> None:
        """Refuse what is another file, or too large, before anything is written."""
        if stated is None:
            return
        if (expected := self._file.bytes) is not None:
            if stated != expected:
                raise DownloadFailed(
                    f"{self._url} is another file: expected {expected:,} bytes, it has {stated:,}"
                )
            return
        if stated > self._part.most:
            raise DownloadFailed(f"{self._url} has {stated:,} bytes; {size_limit_message(self._part.most)}")
        self._part.check_space(stated)

    def _check_range(self, response: requests.Response) -> None:
        """Go on only where the server goes on."""
        if response.status_code == 200:
            self._part.restart(response.headers.get("ETag"))
        elif _range_start(response) != self._part.size:
            self._part.restart()
            raise TransientFailure(f"{self._url} sent another range than asked for; it starts anew")

    def _receive(self, response: requests.Response, total: int | None) -> None:
        self._report(self._file, self._part.size, total)
        for chunk in response.iter_content(CHUNK_BYTES):
            self._part.write(chunk)
            self._report(self._file, self._part.size, total)
        if total is not None and (size := self._part.size) < total:
            raise TransientFailure(f"the body ended after {size:,} of {total:,} bytes")


def _range_start(response: requests.Response) -> int | None:
    """Where a partial body begins; None if the server does not say."""
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(match[1]) if match else None


def _total_bytes(response: requests.Response) -> int | None:
    """Bytes of the whole file; None if the server does not say."""
    name, pattern = (
        ("Content-Range", r".*/(\d+)") if response.status_code == 206 else ("Content-Length", r"(\d+)")
    )
    match = re.fullmatch(pattern, response.headers.get(name, "").strip())
    return int(match[1]) if match and "Content-Encoding" not in response.headers else None


def _innermost_reason(error: exceptions.RequestException) -> str:
    """The innermost thing that went wrong, without the wrappers' own words."""
    cause: object = error.args[0] if error.args else error
    cause = getattr(cause, "reason", cause)
    return str(cause).rsplit(": ", 1)[-1].strip("'\"()") or type(error).__name__
