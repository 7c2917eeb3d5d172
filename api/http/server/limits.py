"""Limits of a connection, and the time that it has used."""

import logging
import resource
from dataclasses import dataclass

logger = logging.getLogger(__name__)

FILES_PER_CONNECTION = 3
"""Open files of a connection: its socket, a request and an answer in temporary files."""

OTHER_FILES = 256
"""Open files of a process beside its connections: models, stores, images."""


@dataclass(frozen=True)
class ConnectionLimits:
    """Limits that a client must keep, so that it cannot hold a connection for ever.

    Attributes:
        header_s: Seconds from the first byte of a request to the end of its headers; also those of an idle
            connection.
        body_s: Seconds from the first byte of a request to its last, and in which an answer must be read.
        stall_s: Seconds without a byte of a body, or in which the client reads nothing of an answer.
        connections: Largest number of connections of the process.
        body_bytes: Largest body that a route accepts.
        held_bytes: Largest size of all unfinished requests and unread answers of the process.
    """

    header_s: float
    body_s: float
    stall_s: float
    connections: int
    body_bytes: int
    held_bytes: int


def allowed_connections(wanted: int) -> int:
    """Raise the limit of open files of the process, and return how many connections it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted * FILES_PER_CONNECTION + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return wanted
    allowed = max(1, (soft - OTHER_FILES) // FILES_PER_CONNECTION)
    logger.warning("%d open files allow %d connections, not %d", soft, allowed, wanted)
    return allowed
