"""A server on the loopback interface over an app of a test, whose loop the test turns."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from waitress import wasyncore

from api.http.server.limits import ConnectionLimits
from api.http.server.server import LimitedServer, TaskPool

PATIENCE_S = 30.0

LIMITS = ConnectionLimits(
    header_s=10, body_s=100, stall_s=30, connections=100, body_bytes=1_000_000, held_bytes=2_000_000
)


class Served:
    """The server and its loop."""

    def __init__(self, app: Any, limits: ConnectionLimits) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.sockets: dict[int, Any] = {}
        self.pool = TaskPool(2)
        self.server = LimitedServer(app, self.listener, self.pool, limits, self.sockets)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def turn_until(self, wanted: Callable[[], object]) -> None:
        """Turn the loop until something is so."""
        deadline = time.monotonic() + PATIENCE_S
        while not wanted():
            assert time.monotonic() < deadline
            wasyncore.loop(timeout=0.01, use_poll=True, map=self.sockets, count=1)

    def settle(self, clients: int) -> None:
        """Turn the loop until all clients are connected, everything they sent is read, and no thread runs."""
        seen = [-1]

        def settled() -> bool:
            channels = self.server.active_channels.values()
            seen.append(self.server.arrived_bytes)
            still = len(seen) > 10 and len(set(seen[-10:])) == 1
            return still and len(channels) == clients and not any(each.requests for each in channels)

        self.turn_until(settled)

    def after(self, seconds: float) -> None:
        """Enforce the limits as if some seconds had passed."""
        self.server.enforce(time.time() + seconds)

    def close(self) -> None:
        """End all connections."""
        self.pool.shutdown()
        self.server.end()


@contextmanager
def serving(app: Any, limits: ConnectionLimits = LIMITS) -> Iterator[Served]:
    """Serve the app during the block."""
    served = Served(app, limits)
    try:
        yield served
    finally:
        served.close()
