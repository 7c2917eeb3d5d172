"""Fetches images over HTTP: follows redirects, checks each hop, and bounds time and size."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore
from typing import Final

from urllib3 import BaseHTTPResponse

from adapters.fetch.addresses import Resolver, resolve_host
from adapters.fetch.connection import Deadline, PinnedClient
from adapters.fetch.policy import FetchPolicy
from adapters.fetch.urls import ImageUrl
from domain.errors import FetchFailed, InvalidRequest, Overloaded, TooLarge, UnsupportedMedia

CHUNK_BYTES = 64 * 1024

_UNSPECIFIC_TYPES: Final = ("", "application/octet-stream", "binary/octet-stream")


@dataclass(frozen=True)
class FetchLimits:
    """Bounds of fetching.

    Attributes:
        total_s: Seconds for one image with all redirects. Resolving a name may exceed it, up to the time
            limit of the system's resolver.
        silence_s: Seconds in which a host must accept a connection or send the next bytes.
        redirects: Largest number of redirects.
        at_once: Largest number of images that are fetched at the same time, since each is held in memory.
    """

    total_s: float = 30.0
    silence_s: float = 10.0
    redirects: int = 3
    at_once: int = 8


class HttpImageFetcher:
    """Port ImageFetcher over HTTP and HTTPS; threads share it.

    Args:
        policy: Says which hosts and addresses may be asked.
        max_bytes: Largest size of an image file.
        limits: Further bounds.
        resolve: Resolves host names.
        tls_context: Returns the context that verifies certificates. By default it trusts the authorities of
            the system, or those of the variable SSL_CERT_FILE.
    """

    def __init__(
        self,
        policy: FetchPolicy,
        max_bytes: int,
        limits: FetchLimits | None = None,
        resolve: Resolver = resolve_host,
        tls_context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._policy = policy
        self._max_bytes = max_bytes
        self._limits = limits or FetchLimits()
        self._resolve = resolve
        self._client = PinnedClient(self._limits.silence_s, cache(tls_context))
        self._turns = BoundedSemaphore(self._limits.at_once)

    def fetch(self, url: str) -> bytes:
        """Return the file at `url`, of at most `max_bytes` bytes; see the port."""
        if not self._turns.acquire(blocking=False):
            raise Overloaded(
                f"image_url: expected at most {self._limits.at_once} images to be fetched at once, got more",
                1,
            )
        try:
            return self._follow(ImageUrl.parse(url), Deadline(self._limits.total_s))
        finally:
            self._turns.release()

    def _follow(self, url: ImageUrl, deadline: Deadline) -> bytes:
        for _ in range(self._limits.redirects + 1):
            addresses = self._policy.addresses(url, self._resolve)
            with self._client.get(url, addresses, deadline) as response:
                location = response.get_redirect_location()
                if not location:
                    _check_headers(url, response)
                    return self._receive(response, deadline)
            url = url.redirected(location)
        raise InvalidRequest(f"image_url: expected at most {self._limits.redirects} redirects, got more")

    def _receive(self, response: BaseHTTPResponse, deadline: Deadline) -> bytes:
        stated = response.headers.get("Content-Length", "")
        if stated.isdecimal() and int(stated) > self._max_bytes:
            raise self._too_large(f"{int(stated):,}")
        body = bytearray()
        while piece := response.read(CHUNK_BYTES):
            body += piece
            if len(body) > self._max_bytes:
                raise self._too_large("more")
        deadline.remaining()  # A connection that was cut at the deadline looks like the end of the body.
        return bytes(body)

    def _too_large(self, received: str) -> TooLarge:
        return TooLarge(
            f"image_url: expected an image file of at most {self._max_bytes:,} bytes, got {received}",
            {"max_bytes": self._max_bytes},
        )


def _check_headers(url: ImageUrl, response: BaseHTTPResponse) -> None:
    """Refuse an answer that is no image, before its body is read."""
    if response.status != 200:
        raise FetchFailed(
            f"image_url: expected status 200 of {url.host}, got {response.status}",
            {"host": url.host, "status": response.status},
        )
    for name, plain in (("Content-Encoding", "identity"), ("Transfer-Encoding", "chunked")):
        encoding = response.headers.get(name, "").strip().lower()
        if encoding not in ("", plain):
            raise FetchFailed(
                f"image_url: expected a body of {url.host} that is not compressed, "
                f"got {name} {encoding[:40]!r}",
                {"host": url.host},
            )
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type not in _UNSPECIFIC_TYPES and not media_type.startswith("image/"):
        raise UnsupportedMedia(
            f"image_url: expected an image at {url.host}, got Content-Type {media_type[:80]!r}",
            {"host": url.host, "content_type": media_type[:80]},
        )
