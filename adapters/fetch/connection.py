"""Asks one URL at addresses that were checked before, within a deadline."""

import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http.client import HTTPException, IncompleteRead
from threading import Timer
from typing import cast

from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from adapters.fetch.addresses import IpAddress
from adapters.fetch.urls import ImageUrl
from domain.errors import FetchFailed


class Deadline:
    """Time at which everything about one image must be done.

    Args:
        seconds: Seconds from now.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Return the seconds that are left, more than 0.

        Raises:
            TimeoutError: None are left.
        """
        if (seconds := self._end - time.monotonic()) > 0:
            return seconds
        raise TimeoutError("the time for this image is over")


class PinnedClient:
    """Sends GET requests to given addresses, whatever the name of the host resolves to by now.

    It knows no proxies, cookies, credentials or redirects, and inflates nothing.

    Args:
        silence_s: Longest wait in seconds for a connection, and between two pieces of an answer.
        tls_context: Returns the context that verifies certificates; the name in the URL must be theirs.
    """

    def __init__(self, silence_s: float, tls_context: Callable[[], ssl.SSLContext]) -> None:
        self._silence_s = silence_s
        self._tls_context = tls_context

    @contextmanager
    def get(
        self, url: ImageUrl, addresses: Sequence[IpAddress], deadline: Deadline
    ) -> Iterator[BaseHTTPResponse]:
        """Open the answer to a request; its body is not read yet.

        The connection is shut down at the deadline, because a timeout of a socket alone would let a server
        send one byte at a time for ever.

        Raises:
            FetchFailed: No address can be reached, or the connection fails inside of the `with` block.
        """
        try:
            with (
                closing(self._connect(url, addresses, deadline)) as connection,
                _cut_off(connection, deadline),
            ):
                connection.request(
                    "GET", url.target, headers=_headers(url), preload_content=False, decode_content=False
                )
                with connection.getresponse() as response:
                    yield response
        except (HTTPError, HTTPException, OSError) as error:
            reason = self._reason(error, deadline)
            raise FetchFailed(f"image_url: {url.host} {reason}", {"host": url.host}) from error

    def _connect(self, url: ImageUrl, addresses: Sequence[IpAddress], deadline: Deadline) -> HTTPConnection:
        """Return a connection to the first address that answers; raise the error of the last one."""
        failure: Exception = OSError("no addresses")
        for address in addresses:
            connection = self._connection(url, address, min(self._silence_s, deadline.remaining()))
            try:
                connection.connect()
            except (HTTPError, OSError) as error:
                connection.close()
                failure = error
            else:
                return connection
        raise failure

    def _connection(self, url: ImageUrl, address: IpAddress, timeout_s: float) -> HTTPConnection:
        if url.scheme == "http":
            return HTTPConnection(str(address), url.port, timeout=timeout_s)
        # SNI and the check of the certificate use the name and not the address.
        return HTTPSConnection(
            str(address),
            url.port,
            timeout=timeout_s,
            server_hostname=url.host,
            ssl_context=self._tls_context(),
        )

    def _reason(self, error: BaseException, deadline: Deadline) -> str:
        """Return the end of a sentence about the host, without addresses or words of the libraries."""
        try:
            deadline.remaining()
        except TimeoutError:
            return "did not send the image in time"
        while error.__cause__ is not None:
            error = error.__cause__
        if isinstance(error, TimeoutError):
            return f"sent nothing for {self._silence_s:g} seconds"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"has a certificate that cannot be trusted: {error.verify_message}"
        if isinstance(error, ssl.SSLError):
            return "failed to set up TLS"
        if isinstance(error, IncompleteRead):
            return "ended its answer early"
        if isinstance(error, OSError) and error.strerror:
            return f"could not be read: {error.strerror}"
        return "does not answer as a web server should"


def _headers(url: ImageUrl) -> dict[str, str]:
    return {
        "Host": url.authority,
        "Accept": "image/*, application/octet-stream;q=0.5",
        "Accept-Encoding": "identity",
        "User-Agent": "seglabel",
        "Connection": "close",
    }


@contextmanager
def _cut_off(connection: HTTPConnection, deadline: Deadline) -> Iterator[None]:
    """Shut a connection down at the deadline, so that a thread that waits for it goes on, and close it."""
    connected = cast(socket.socket, connection.sock)
    # The timer has a descriptor of its own: the number of a closed one may belong to another file by then.
    with socket.socket(fileno=os.dup(connected.fileno())) as twin:
        timer = Timer(deadline.remaining(), _shut_down, [twin])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            # urllib3 leaves it open where the headers contradict each other.
            with suppress(OSError):
                os.close(connected.detach())


def _shut_down(connected: socket.socket) -> None:
    with suppress(OSError):  # The host may have closed it.
        connected.shutdown(socket.SHUT_RDWR)
