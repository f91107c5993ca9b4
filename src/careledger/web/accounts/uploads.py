"""The size of what is sent, limited before any of it is read into a file: Django reads a form before the door asks who sent it."""

from __future__ import annotations

import gzip
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class Quota(FileUploadHandler):
    """Refuses a form with files that is larger than its sender may send; stands before the handlers that keep anything.

    Someone without a membership may send no more than a form without files; a member as much as the largest upload.
    """

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, Any],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Refuse by the length that is announced; a server reads no more than that."""
        self._refuse_above(content_length)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins."""
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """A piece of a file, handed on to the handlers that keep it."""
        self._refuse_above(start + len(raw_data))
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """A file is whole; the next handler makes it."""

    def _refuse_above(self, size: int) -> None:
        is_member = getattr(self.request, "membership", None) is not None
        most = settings.CARELEDGER_UPLOAD_MAX if is_member else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if size > most:
            raise RequestDataTooBig("the form is larger than may be sent")


def unpacks_beyond(file: IO[bytes], most: int) -> bool:
    """Does a gzipped file unpack to more than so many bytes? It is unpacked in pieces and nothing is kept.

    Raises:
        OSError, EOFError, zlib.error: it is cut or no gzip at all.
    """
    with gzip.GzipFile(fileobj=file) as plain:
        while piece := plain.read(1 << 20):
            most -= len(piece)
            if most < 0:
                return True
    return False
