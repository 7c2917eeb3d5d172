"""Tests of pulling from a real server on the loopback interface."""

import errno
import hashlib
import logging
import random
import shutil
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from domain.errors import DownloadFailed, ModelUnavailable, StorageUnavailable
from domain.models import ModelSpec, WeightFile
from models.store import download, partial_file
from models.store.download import CHUNK_BYTES, MAX_REDIRECTS, RetryPolicy
from models.store.pull import WeightPuller
from models.store.weights import WeightStore
from tests.loopback import Handler, Loopback, broken, ignoring_ranges, serving, status, unsized, whole

BODY = random.Random(0).randbytes(5 * CHUNK_BYTES + 123)
HALF = 2 * CHUNK_BYTES


class Pull:
    """Puller of one model whose only file is BODY, with its waits and its progress."""

    def __init__(self, directory: Path, url: str, offline: bool = False, stated: bool = True) -> None:
        self.directory = directory
        self.waits: list[float] = []
        self.progress: list[int] = []
        self.totals: set[int | None] = set()
        sha = hashlib.sha256(BODY).hexdigest()
        size = len(BODY) if stated else None
        self.file = WeightFile("checkpoint", "net.pt", size, sha, "MIT", "the test", f"{url}/net.pt")
        self.spec = ModelSpec("tiny", "any", (self.file,))
        self.store = WeightStore(directory / "weights", directory)
        retries = RetryPolicy(sleep=self.waits.append)
        self.puller = WeightPuller(self.store, offline, self._report, retries)

    def _report(self, _: WeightFile, size: int, total: int | None) -> None:
        self.progress.append(size)
        self.totals.add(total)

    def __call__(self, source: str | None = None) -> list[Path]:
        return self.puller.pull(self.spec, source)

    @property
    def names(self) -> set[str]:
        """What is in the directory, but for the lock."""
        return {path.name for path in self.directory.glob("*")} - {".net.pt.lock"}

    def done(self) -> bool:
        """Whether the file is there, right, and alone."""
        return self.names == {"net.pt"} and (self.directory / "net.pt").read_bytes() == BODY


@pytest.fixture
def pull(tmp_path: Path, web: Loopback) -> Pull:
    return Pull(tmp_path / "checkpoints", web.url)


@pytest.fixture
def unstated(tmp_path: Path, web: Loopback) -> Pull:
    """Return a file whose size the manifest does not state."""
    return Pull(tmp_path / "checkpoints", web.url, stated=False)


def fails(pull: Pull, match: str, source: str | None = None) -> str:
    with pytest.raises(DownloadFailed, match=match) as error:
        pull(source)
    assert "net.pt" not in pull.names
    assert "models pull tiny --from" in error.value.message
    return error.value.message


def test_a_whole_file(pull: Pull, web: Loopback) -> None:
    web.answers = [whole(BODY)]
    assert pull() == [pull.directory / "net.pt"]
    assert pull.done()
    assert pull.progress == [0, *range(CHUNK_BYTES, len(BODY), CHUNK_BYTES), len(BODY)]
    assert pull.totals == {len(BODY)}
    assert pull() == []
    assert len(web.requests) == 1


def test_a_broken_body_is_resumed_where_it_broke(pull: Pull, web: Loopback) -> None:
    web.answers = [broken(BODY, HALF), whole(BODY)]
    pull()
    assert pull.done()
    assert web.ranges == [None, f"bytes={HALF}-"]
    assert web.requests[1][1]["If-Range"] == '"v1"'
    assert pull.waits == [1.0]


def test_a_part_that_another_run_left_is_resumed(pull: Pull, web: Loopback) -> None:
    pull.directory.mkdir()
    pull.store.part(pull.file).write_bytes(BODY[:1000])
    web.answers = [whole(BODY, etag=None)]
    pull()
    assert pull.done()
    assert web.ranges == ["bytes=1000-"]
    assert pull.progress[0] == 1000


def test_a_complete_part_needs_no_request(pull: Pull, web: Loopback) -> None:
    pull.directory.mkdir()
    pull.store.part(pull.file).write_bytes(BODY)
    pull()
    assert pull.done()
    assert web.requests == []


@pytest.mark.parametrize("again", [ignoring_ranges(BODY), whole(BODY, '"v2"')])
def test_a_server_without_ranges_or_with_another_version_sends_all_anew(
    pull: Pull, web: Loopback, again: object
) -> None:
    web.answers = [broken(BODY, HALF), again]  # type: ignore[list-item]
    pull()
    assert pull.done()
    assert len(web.requests) == 2


def test_a_weak_etag_is_not_sent_back(pull: Pull, web: Loopback) -> None:
    web.answers = [broken(BODY, HALF, 'W/"v1"'), whole(BODY)]
    pull()
    assert pull.done()
    assert "If-Range" not in web.requests[1][1]


@pytest.mark.parametrize(
    "odd",
    [status(416), status(206, BODY[:9], Content_Range=f"bytes 0-8/{len(BODY)}"), status(206, b"?")],
)
def test_an_odd_answer_to_a_range_starts_anew(pull: Pull, web: Loopback, odd: object) -> None:
    web.answers = [broken(BODY, HALF), odd, whole(BODY)]  # type: ignore[list-item]
    pull()
    assert pull.done()
    assert web.ranges == [None, f"bytes={HALF}-", None]


def test_too_long_a_part_starts_anew(pull: Pull, web: Loopback) -> None:
    pull.directory.mkdir()
    pull.store.part(pull.file).write_bytes(BODY + b"more")
    web.answers = [whole(BODY)]
    pull()
    assert pull.done()
    assert web.ranges == [None]


def test_a_wrong_hash_leaves_nothing(pull: Pull, web: Loopback) -> None:
    web.answers = [whole(BODY[:-1] + b"?")]
    fails(pull, "expected sha256 .*, got .*; the received bytes are deleted")
    assert pull.names == set()
    assert len(web.requests) == 1


def test_a_damaged_file_stays_until_the_right_one_replaces_it(pull: Pull, web: Loopback) -> None:
    pull.directory.mkdir()
    (pull.directory / "net.pt").write_bytes(b"damaged")
    web.answers = [status(404), whole(BODY)]
    with pytest.raises(DownloadFailed):
        pull()
    assert (pull.directory / "net.pt").read_bytes() == b"damaged"
    pull()
    assert pull.done()


def test_a_short_body_is_tried_again_a_bounded_number_of_times(pull: Pull, web: Loopback) -> None:
    web.answers = [unsized(BODY[:500])]
    fails(pull, rf"expected {len(BODY):,} bytes, got 500 \(6 attempts\)")
    assert pull.waits == [1, 2, 4, 8, 16]
    assert pull.names == {"net.pt.part"}


def test_an_overlong_body_is_not_read_to_its_end(pull: Pull, web: Loopback) -> None:
    web.answers = [unsized(BODY + bytes(100))]
    fails(pull, f"expected {len(BODY):,} bytes, got more")
    assert pull.names == set()


def test_a_file_of_another_size_is_refused_unread(pull: Pull, web: Loopback) -> None:
    web.answers = [status(200, b"<html>please log in</html>")]
    fails(pull, "is another file")
    assert pull.names == set()
    assert len(web.requests) == 1


def test_a_page_in_the_way_costs_nothing_that_came(pull: Pull, web: Loopback) -> None:
    web.answers = [broken(BODY, HALF), status(200, b"<html>please log in</html>"), whole(BODY)]
    with pytest.raises(DownloadFailed, match="is another file"):
        pull()
    pull()
    assert pull.done()
    assert web.ranges == [None, f"bytes={HALF}-", f"bytes={HALF}-"]


def test_silence_is_a_timeout(pull: Pull, web: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = threading.Event()
    monkeypatch.setattr(download, "TIMEOUT_S", (5, 0.05))

    def silent(_: Handler) -> None:
        heard.wait(60)

    web.answers = [silent, whole(BODY)]
    pull()
    heard.set()
    assert pull.done()
    assert pull.waits == [1]


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_refusal_is_final(pull: Pull, web: Loopback, code: int) -> None:
    web.answers = [status(code)]
    fails(pull, f"answered {code}")
    assert len(web.requests) == 1


def test_a_busy_server_is_asked_again_when_it_says(pull: Pull, web: Loopback) -> None:
    past, junk = "Wed, 21 Oct 2015 07:28:00 GMT", "soon"
    asked = ["7", "9999", past, junk]
    web.answers = [
        status(code, Retry_After=wait) for code, wait in zip((503, 429, 500, 503), asked, strict=True)
    ]
    web.answers.append(whole(BODY))
    pull()
    assert pull.done()
    assert pull.waits == [7, 60, 4, 8]


def test_no_server_is_tried_again_and_named(tmp_path: Path, web: Loopback) -> None:
    with serving() as gone:
        url = gone.url
    stranded = Pull(tmp_path / "checkpoints", url)
    fails(stranded, rf"{url}/net\.pt: the connection failed: .*Connection refused \(6 attempts\)")
    assert web.requests == []


def test_a_redirect_is_followed_and_a_loop_is_not(pull: Pull, web: Loopback) -> None:
    web.answers = [status(302, Location="/elsewhere"), whole(BODY)]
    pull()
    assert pull.done()
    assert [path for path, _ in web.requests] == ["/net.pt", "/elsewhere"]
    (pull.directory / "net.pt").unlink()
    web.requests.clear()
    web.answers = [status(302, Location="/net.pt")]
    fails(pull, "redirects more than")
    assert len(web.requests) == MAX_REDIRECTS + 1


def test_a_redirect_leads_to_no_other_scheme(pull: Pull, web: Loopback, tmp_path: Path) -> None:
    (tmp_path / "net.pt").write_bytes(BODY)
    web.answers = [status(302, Location=(tmp_path / "net.pt").as_uri())]
    fails(pull, "No connection adapters")


def test_offline_connects_to_nothing(tmp_path: Path, web: Loopback) -> None:
    web.answers = [whole(BODY)]
    pull = Pull(tmp_path, web.url, offline=True)
    fails(pull, "SEGLABEL_OFFLINE forbids")
    fails(pull, "SEGLABEL_OFFLINE forbids", web.url)
    assert web.requests == []
    (tmp_path / "elsewhere.pt").write_bytes(BODY)
    pull(str(tmp_path / "elsewhere.pt"))
    assert (tmp_path / "net.pt").read_bytes() == BODY


def test_the_proxy_of_the_environment_is_used(
    tmp_path: Path, web: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", web.url)
    web.answers = [whole(BODY)]
    pull = Pull(tmp_path, "http://weights.test")
    pull()
    assert pull.done()
    assert web.requests[0][0] == "http://weights.test/net.pt"


@pytest.mark.parametrize("place", ["/mirror", "/mirror/", "/mirror/net.pt", "/mirror/net.pt?key=1"])
def test_a_mirror(pull: Pull, web: Loopback, place: str) -> None:
    web.answers = [whole(BODY)]
    pull(web.url + place)
    assert pull.done()
    assert web.requests[0][0].split("?")[0] == "/mirror/net.pt"


@pytest.mark.parametrize("name", ["stick", "stick/net.pt"])
def test_a_local_file_or_directory(pull: Pull, web: Loopback, tmp_path: Path, name: str) -> None:
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "net.pt").write_bytes(BODY)
    pull(str(tmp_path / name))
    assert pull.done()
    assert pull.progress[-1] == len(BODY)
    assert web.requests == []


def test_a_wrong_local_file_is_refused(pull: Pull, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pt"
    fails(pull, "expected a file at", str(wrong))
    wrong.write_bytes(BODY[:-1])
    fails(pull, "is another file", str(wrong))
    wrong.write_bytes(BODY[:-1] + b"?")
    fails(pull, "expected sha256", str(wrong))
    assert pull.names == set()
    fails(pull, r"expected an http\(s\) URL", "ftp://mirror.test/net.pt")


def test_a_file_of_the_repository_is_restored_by_git_or_from_a_source(tmp_path: Path) -> None:
    pull = Pull(tmp_path, "")
    file = WeightFile("net", "net.onnx", len(BODY), pull.file.sha256, "MIT", "the test")
    spec = ModelSpec("own", "any", (file,))
    with pytest.raises(ModelUnavailable, match="git checkout"):
        pull.puller.pull(spec)
    (tmp_path / "copy").write_bytes(BODY)
    assert pull.puller.pull(spec, str(tmp_path / "copy")) == [tmp_path / "weights" / "net.onnx"]


def test_a_disk_too_small_is_refused_unasked(
    pull: Pull, web: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=len(BODY) - 1))
    with pytest.raises(StorageUnavailable, match=r"net\.pt needs 0\.3 MB more .* 0\.3 MB are free"):
        pull()
    assert web.requests == []
    assert pull.names == set()


def test_a_disk_that_fills_keeps_what_came(
    pull: Pull, web: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, opened = Path.open, []

    def filling(path: Path, mode: str = "r", *rest: object, **named: object) -> object:
        if path.suffix == ".part" and mode == "ab":
            opened.append(path)
            if len(opened) > 2:
                raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, mode, *rest, **named)  # type: ignore[call-overload]

    web.answers = [whole(BODY)]
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", filling)
        with pytest.raises(StorageUnavailable, match=r"No space left on device; 0\.1 of 0\.3 MB are kept"):
            pull()
    assert pull.names == {"net.pt.part", "net.pt.part.etag"}
    pull()
    assert pull.done()
    assert web.ranges == [None, f"bytes={HALF}-"]


def test_a_real_full_device_is_named(pull: Pull, web: Loopback) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    pull.directory.mkdir()

    def full(handler: Handler) -> None:
        pull.store.part(pull.file).symlink_to("/dev/full")
        handler.reply(206, BODY, Content_Range=f"bytes 0-{len(BODY) - 1}/{len(BODY)}")

    web.answers = [full]
    with pytest.raises(StorageUnavailable, match="No space left on device"):
        pull()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path, web: Loopback) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageUnavailable, match="could not write to"):
        Pull(tmp_path / "file", web.url)()
    assert web.requests == []


def test_each_wait_is_said(pull: Pull, web: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    web.answers = [status(503), whole(BODY)]
    with caplog.at_level(logging.WARNING):
        pull()
    assert "answered 503 Service Unavailable; attempt 2 of 6 in 1 s" in caplog.text


def test_the_server_states_the_size_that_the_manifest_does_not(unstated: Pull, web: Loopback) -> None:
    web.answers = [broken(BODY, HALF), whole(BODY)]
    unstated()
    assert unstated.done()
    assert unstated.totals == {len(BODY)}
    assert web.ranges == [None, f"bytes={HALF}-"]
    assert unstated() == []


def test_nobody_states_the_size(unstated: Pull, web: Loopback, tmp_path: Path) -> None:
    web.answers = [unsized(BODY[:-1]), unsized(BODY)]
    fails(unstated, "expected sha256")
    unstated()
    assert unstated.done()
    assert unstated.totals == {None}
    (tmp_path / "elsewhere.pt").write_bytes(BODY)
    (unstated.directory / "net.pt").unlink()
    unstated(str(tmp_path / "elsewhere.pt"))
    assert unstated.done()


@pytest.mark.parametrize("endless", [whole(BODY), unsized(BODY)])
def test_a_file_of_unstated_size_is_not_taken_without_end(
    unstated: Pull, web: Loopback, monkeypatch: pytest.MonkeyPatch, endless: object
) -> None:
    monkeypatch.setattr(partial_file, "MAX_UNSTATED_BYTES", HALF)
    web.answers = [endless]  # type: ignore[list-item]
    fails(unstated, f"does not state may have at most {HALF:,} bytes")
    assert unstated.names == set()
    assert len(web.requests) == 1


def test_a_disk_too_small_for_what_the_server_states(
    unstated: Pull, web: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=len(BODY) - 1))
    web.answers = [whole(BODY)]
    with pytest.raises(StorageUnavailable, match=r"net\.pt needs 0\.3 MB more"):
        unstated()
    assert unstated.names == set()
