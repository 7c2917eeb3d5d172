"""The worker of gunicorn, without its master process."""

import os
import signal
import socket
from types import SimpleNamespace
from typing import Any, cast

from gunicorn.config import Config

from api.http.server.worker import BufferingWorker
from tests.unit.api.http.server.served import LIMITS


def test_a_second_signal_to_stop_is_harmless() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    sockets = [SimpleNamespace(sock=listener)]
    log, app = cast(Any, SimpleNamespace()), cast(Any, SimpleNamespace())
    worker = BufferingWorker(1, os.getppid(), sockets, app, 30, Config(), log)
    try:
        worker.limits, worker.wsgi = LIMITS, lambda *_: []
        worker.handle_exit(signal.SIGTERM, None)
        worker.run()
        worker.handle_exit(signal.SIGTERM, None)
        assert not worker.alive
    finally:
        worker.tmp.close()
