"""Parses multipart forms (RFC 7578) with werkzeug's decoder; a part that cannot be understood is an error."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from typing import IO

from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData, Preamble, State

from domain.errors import MalformedRequest, TooLarge

MULTIPART = "multipart/form-data"

CHUNK_BYTES = 64 * 1024

PLAIN_ENCODINGS = ("", "7bit", "8bit", "binary")
"""Values of Content-Transfer-Encoding that leave the bytes of a part as they are."""

_FILE_NAME_PARAMETER = re.compile(r";\s*filename\*?\s*=", re.IGNORECASE)

_BACKSLASH = re.compile(rb'\\(["\\])?')
"""A backslash, with the character that it escapes; browsers do not escape those of C:\\folder\\photo.jpg."""

FormParts = tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]


class StrictFormParser(FormDataParser):
    """Reads the parts of a form one after the other.

    Text is UTF-8, or in the charset of its part's own Content-Type. A header that is not UTF-8, such as one
    with a file name in a local code page, is read as Latin-1, which keeps every byte.
    """

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> FormParts:
        """Return the rest of the stream, the text fields and the file fields.

        Raises:
            MalformedRequest: The form has no boundary, ends early, or has a part that cannot be understood.
            TooLarge: There are too many parts, or a text field or the head of a part is too long.
        """
        if mimetype != MULTIPART:
            return super().parse(stream, mimetype, content_length, options)
        boundary = (options or {}).get("boundary", "")
        if not boundary:
            raise MalformedRequest(
                f"expected a boundary (Content-Type: {MULTIPART}; boundary=...), got none; HTTP clients add "
                "it when the header is left to them"
            )
        texts, files = MultiDict[str, str](), MultiDict[str, FileStorage]()
        with ExitStack() as opened:
            for part, content in self._parts(stream, boundary, content_length, opened):
                if isinstance(content, bytes):
                    texts.add(part.name, _decode_text(part, content))
                else:
                    files.add(part.name, FileStorage(content, _file_name(part), headers=part.headers))
            opened.pop_all()  # The request closes the files of a form that was understood.
        return stream, self.cls(texts), self.cls(files)

    def _parts(
        self, stream: IO[bytes], boundary: str, length: int | None, opened: ExitStack
    ) -> Iterator[tuple[Field | File, bytes | IO[bytes]]]:
        """Yield each part with its content: bytes of a text field, or a stream of a file, into `opened`."""
        count, text = 0, bytearray()
        part: Field | File = Field("", Headers())
        sink: IO[bytes] | None = None
        for event in self._events(stream, boundary):
            if isinstance(event, Data):
                self._store(part, event.data, text, sink)
                if not event.more_data:
                    yield part, bytes(text) if sink is None else _rewound(sink)
                continue
            count += 1
            if self.max_form_parts is not None and count > self.max_form_parts:
                raise TooLarge(f"expected a form of at most {self.max_form_parts:,} parts, got more")
            _check_head(event)
            part, text, sink = event, bytearray(), None
            if isinstance(part, File):
                sink = self.stream_factory(length, part.headers.get("content-type"), part.filename)
                opened.callback(sink.close)

    def _store(self, part: Field | File, data: bytes, text: bytearray, sink: IO[bytes] | None) -> None:
        """Append bytes to the sink of a file, or to a text, whose length is limited."""
        if sink is not None:
            sink.write(data)
            return
        text += data
        if self.max_form_memory_size is not None and len(text) > self.max_form_memory_size:
            raise TooLarge(
                f"{part.name[:80]}: expected a text field of at most {self.max_form_memory_size:,} bytes, "
                "got more; the part of a file has a file name (with curl: -F NAME=@FILE)"
            )

    def _events(self, stream: IO[bytes], boundary: str) -> Iterator[Field | File | Data]:
        decoder = _LenientHeadDecoder(boundary.encode("ascii", "replace"))
        for data in chain(iter(lambda: stream.read(CHUNK_BYTES), b""), [None]):
            decoder.receive_data(data)
            while not isinstance(event := _next_event(decoder), Epilogue | NeedData):
                if isinstance(event, Field | File | Data):
                    yield event
            if self.max_form_memory_size is not None and len(decoder.buffer) > self.max_form_memory_size:
                raise _malformed(decoder)


class _LenientHeadDecoder(MultipartDecoder):
    """The decoder of werkzeug, which would refuse a form for the encoding of one file name."""

    def _parse_headers(self, data: bytes | bytearray) -> Headers:
        return super()._parse_headers(b"".join(map(_as_utf8, bytes(data).splitlines(keepends=True))))


def _as_utf8(line: bytes) -> bytes:
    """Return a line of a part's head in UTF-8, in which each backslash is escaped or escapes something."""
    try:
        line.decode()
    except UnicodeDecodeError:
        # In Shift JIS, GBK and Big5 a backslash may be half a character, so here it escapes nothing.
        return line.replace(b"\\", b"\\\\").decode("latin-1").encode()
    return _BACKSLASH.sub(lambda found: found[0] if found[1] else rb"\\", line)


def _next_event(decoder: MultipartDecoder) -> Preamble | Field | File | Data | Epilogue | NeedData:
    try:
        event = decoder.next_event()
    except ValueError as error:
        if "Content-Disposition" in str(error):
            raise MalformedRequest(
                "expected parts with the header Content-Disposition: form-data; name=..., got one without it"
            ) from error
        raise _malformed(decoder) from error
    assert isinstance(event, Preamble | Field | File | Data | Epilogue | NeedData)
    return event


def _malformed(decoder: MultipartDecoder) -> MalformedRequest:
    """Return the error about a form that ends, or goes on for too long, in the state of the decoder."""
    boundary = decoder.boundary.decode("ascii")[:80]
    if decoder.state == State.PREAMBLE:
        start = bytes(decoder.buffer[:40]).decode("ascii", "backslashreplace")
        got = f"a body without that line, which begins with {start!r}" if start else "an empty body"
        return MalformedRequest(f"expected a form whose parts begin with the line --{boundary}, got {got}")
    if decoder.state == State.PART:
        return MalformedRequest(
            "expected an empty line after the headers of each part, got a part without one"
        )
    got = "more after it" if decoder.state == State.EPILOGUE else "one without it"
    return MalformedRequest(f"expected a form that ends with the line --{boundary}--, got {got}")


def _check_head(part: Field | File) -> None:
    """Refuse a part whose name, file name or content would be lost.

    Raises:
        MalformedRequest: The part has no name, its head cannot be parsed, or its bytes are encoded.
    """
    disposition = part.headers.get("content-disposition", "")
    if not part.name or (isinstance(part, Field) and _FILE_NAME_PARAMETER.search(disposition)):
        raise MalformedRequest(
            f"expected Content-Disposition: form-data; name=...; filename=..., got {disposition[:200]!r}"
        )
    encoding = part.headers.get("content-transfer-encoding", "").strip().lower()
    if encoding not in PLAIN_ENCODINGS:
        raise MalformedRequest(
            f"{part.name[:80]}: expected the bytes themselves, got Content-Transfer-Encoding: {encoding[:40]}"
        )


def _decode_text(part: Field | File, data: bytes) -> str:
    charset = parse_options_header(part.headers.get("content-type"))[1].get("charset", "utf-8").lower()
    try:
        # A byte order mark says how text is encoded and is no part of it.
        return data.decode("utf-8-sig" if charset in ("utf-8", "utf8") else charset)
    except (LookupError, ValueError) as error:
        raise MalformedRequest(
            f"{part.name[:80]}: expected text in {charset[:40]}, got {data[:40]!r}"
        ) from error


def _file_name(part: Field | File) -> str:
    return part.filename if isinstance(part, File) else ""


def _rewound(sink: IO[bytes]) -> IO[bytes]:
    sink.seek(0)
    return sink
