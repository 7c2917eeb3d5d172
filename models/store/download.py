"""One file over HTTP into its part file, going on where the last attempt stopped."""

import re
from collections.abc import Callable

import requests
from requests import exceptions

from domain.errors import DownloadFailed
from domain.models import WeightFile
from models.store.part import PartFile, too_large
from models.store.retries import PassingFailure, retry_after_s

Report = Callable[[WeightFile, int, int | None], None]
"""Told how many bytes of a file are here, first with those that an earlier run left, and how many there shall
be: by the manifest, or else by the server; None where neither says."""

CHUNK = 64 * 1024
TIMEOUT_S = (10, 60)
"""To connect, and between two pieces of the body."""
MAX_REDIRECTS = 5
PASSING = (exceptions.ConnectionError, exceptions.Timeout, exceptions.ChunkedEncodingError)


class Download:
    """Requests for one file (proxies are those of the environment).

    Args:
        url: Where from.
        file: Which file.
        part: Where to.
        report: Told of progress.
    """

    def __init__(self, url: str, file: WeightFile, part: PartFile, report: Report) -> None:
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
            raise DownloadFailed(f"{self._url}: no trusted connection: {_reason(error)}") from error
        except PASSING as error:
            raise PassingFailure(f"{self._url}: the connection failed: {_reason(error)}") from error
        except exceptions.TooManyRedirects as error:
            raise DownloadFailed(f"{self._url} redirects more than {MAX_REDIRECTS} times") from error
        except exceptions.RequestException as error:
            raise DownloadFailed(f"{self._url}: {_reason(error)}") from error

    def _request(self) -> None:
        with requests.Session() as session:
            session.max_redirects = MAX_REDIRECTS
            with session.get(self._url, headers=self._headers(), stream=True, timeout=TIMEOUT_S) as response:
                self._check_status(response)
                stated = _total(response)
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
            raise PassingFailure(f"{said} to a resumed download, which starts anew")
        if status in (408, 429) or status >= 500:
            raise PassingFailure(said, retry_after_s(response.headers.get("Retry-After")))
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
            raise DownloadFailed(f"{self._url} has {stated:,} bytes; {too_large(self._part.most)}")
        self._part.check_space(stated)

    def _check_range(self, response: requests.Response) -> None:
        """Go on only where the server goes on."""
        if response.status_code == 200:
            self._part.restart(response.headers.get("ETag"))
        elif _start(response) != self._part.size:
            self._part.restart()
            raise PassingFailure(f"{self._url} sent another range than asked for; it starts anew")

    def _receive(self, response: requests.Response, total: int | None) -> None:
        self._report(self._file, self._part.size, total)
        for chunk in response.iter_content(CHUNK):
            self._part.write(chunk)
            self._report(self._file, self._part.size, total)
        if total is not None and (size := self._part.size) < total:
            raise PassingFailure(f"the body ended after {size:,} of {total:,} bytes")


def _start(response: requests.Response) -> int | None:
    """Where a partial body begins; None if the server does not say."""
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(match[1]) if match else None


def _total(response: requests.Response) -> int | None:
    """Bytes of the whole file; None if the server does not say."""
    name, pattern = (
        ("Content-Range", r".*/(\d+)") if response.status_code == 206 else ("Content-Length", r"(\d+)")
    )
    match = re.fullmatch(pattern, response.headers.get(name, "").strip())
    return int(match[1]) if match and "Content-Encoding" not in response.headers else None


def _reason(error: exceptions.RequestException) -> str:
    """The innermost thing that went wrong, without the wrappers' own words."""
    cause: object = error.args[0] if error.args else error
    cause = getattr(cause, "reason", cause)
    return str(cause).rsplit(": ", 1)[-1].strip("'\"()") or type(error).__name__
