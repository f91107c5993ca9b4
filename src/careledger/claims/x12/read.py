"""Any X12 file as a stream of segments: lossless, tolerant of dressing, constant in memory.

Delimiters are taken from each interchange header. A byte order mark, white space and line breaks around segments are passed
over but kept, so that what was read can be written back byte for byte. What is no X12 is refused with the segment and reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from careledger.core.errors import CareLedgerError

CHUNK = 1 << 20
LONGEST_SEGMENT = 1 << 20
_MOST_KNOWN = 5_000
_SPACE = " \t\r\n\x00\x1a"
_LINE_END = "\r\n"
_BOM = "\u00ef\u00bb\u00bf"
_HEADER = re.compile(r"ISA[^A-Za-z0-9 \r\n]")
_FIXED = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)


class NotReadable(CareLedgerError):
    """The file cannot be read as the transaction asked for."""

    def __init__(self, segment: int, reason: str, mend: str) -> None:
        super().__init__(f"segment {segment}: {reason}; {mend}")
        self.segment = segment
        self.reason = reason
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The signs an interchange header announces."""

    element: str
    component: str
    repetition: str
    terminator: str


class Segment:
    """A segment: its number in the file from 1, its id, its elements (the id first), and its text as it stands.

    Segments of equal text share one tuple of elements.
    """

    __slots__ = ("_after", "_before", "_own", "id", "number", "parts", "text")

    def __init__(self, number: int, text: str, parts: tuple[str, ...], before: str, own: str, after: str) -> None:
        self.number = number
        self.text = text
        self.parts = parts
        self.id = parts[0]
        self._before, self._own, self._after = before, own, after

    @property
    def raw(self) -> str:
        """The segment byte for byte, with what stands around it."""
        return self._before + self._own + self._after

    def get(self, at: int) -> str:
        """An element by its number; empty when it is not there."""
        return self.parts[at] if at < len(self.parts) else ""


class SegmentReader:
    """Reads segments from a binary stream.

    Attributes:
        delimiters: those of the interchange that is being read.
        is_fixed_width: the interchange header has its prescribed width.
        before: what stood before the first interchange header, beside white space and a byte order mark.
        tail: white space after the last terminator.
        terminated: the last segment was ended by a terminator.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._buffer = ""
        self._at_end = False
        self._count = 0
        self.delimiters = Delimiters("*", ":", "^", "~")
        self.is_fixed_width = True
        self._leading = ""
        self.before = ""
        self.tail = ""
        self.terminated = True

    def __iter__(self) -> Iterator[Segment]:
        self._find_start()
        while self._header():
            yield from self._interchange()

    def _more(self) -> bool:
        """Read on; False at the end of the file."""
        chunk = b"" if self._at_end else self._stream.read(CHUNK)
        self._at_end = not chunk
        self._buffer += chunk.decode("latin-1")
        return bool(chunk)

    def _find_start(self) -> None:
        while len(self._buffer) < 4_096 and self._more():
            pass
        if not self._buffer.strip(_SPACE):
            raise NotReadable(1, "the file is empty", "send a file with an interchange")
        match = _HEADER.search(self._buffer, 0, 4_096)
        if match is None:
            raise NotReadable(1, "no interchange header (ISA) is found", "send an X12 file that begins with ISA")
        self._leading = self._buffer[: match.start()]
        self.before = self._leading.removeprefix(_BOM).strip(_SPACE)
        self._buffer = self._buffer[match.start() :]

    def _header(self) -> bool:
        """Take the delimiters from the interchange header at the start of the buffer."""
        if not self._buffer.strip(_SPACE):
            return False
        at = len(self._buffer) - len(self._buffer.lstrip(_SPACE))
        while len(self._buffer) < at + 300 and self._more():
            pass
        header = self._buffer[at:]
        if len(header) < 106:
            raise NotReadable(self._count + 1, "the interchange header is cut off", "send the whole file")
        element = header[3]
        if element.isalnum() or element == " ":
            raise NotReadable(self._count + 1, "the interchange header has no element separator", "correct ISA")
        self.is_fixed_width = all(header[place] == element for place in _FIXED)
        component_at = 104 if self.is_fixed_width else _after_separators(header, element, 16)
        if component_at is None or component_at + 1 >= len(header):
            raise NotReadable(self._count + 1, "the interchange header has too few elements", "correct ISA")
        component, terminator = header[component_at], header[component_at + 1]
        repetition = header.split(element, 12)[11][:1]
        if len({element, component, terminator}) < 3 or (component + terminator).isalnum() or terminator in (" ", "."):
            raise NotReadable(
                self._count + 1, "the interchange header's delimiters cannot be told apart", "correct ISA16"
            )
        self.delimiters = Delimiters(element, component, repetition, terminator)
        return True

    def _interchange(self) -> Iterator[Segment]:
        """Segments up to the next interchange header, which has delimiters of its own, or the end."""
        element, terminator = self.delimiters.element, self.delimiters.terminator
        is_first, skipped, self._leading, count = True, self._leading, "", self._count
        known: dict[str, tuple[str, tuple[str, ...]]] = {}  # files repeat the same few segments
        while True:
            pieces = self._buffer.split(terminator)
            self._buffer = pieces.pop()
            for at, raw in enumerate(pieces):
                both = known.get(raw)
                if both is None:
                    text = raw.lstrip(_SPACE).rstrip(_LINE_END)
                    if text[:3] == "ISA" and not is_first and _HEADER.match(text):
                        self._buffer = skipped + terminator.join((*pieces[at:], self._buffer))
                        return
                    if not text:
                        skipped += raw + terminator
                        continue
                    both = text, tuple(text.split(element))
                    if not is_first and len(known) < _MOST_KNOWN:
                        known[raw] = both
                    # Not before: white space ahead of a header must not make it look like the next one.
                    is_first = False
                count = self._count = count + 1
                yield Segment(count, *both, skipped, raw, terminator)
                skipped = ""
            if len(self._buffer) > LONGEST_SEGMENT:
                reason = "no segment terminator within a million characters"
                raise NotReadable(self._count + 1, reason, "correct the file")
            if not self._more():
                break
        yield from self._rest(skipped)

    def _rest(self, skipped: str) -> Iterator[Segment]:
        """What stands after the last terminator: white space, or a segment that is cut off."""
        rest, self._buffer = skipped + self._buffer, ""
        text = rest.strip(_SPACE)
        if not text:
            self.tail = rest
            return
        self.terminated = False
        self._count += 1
        yield Segment(self._count, text, tuple(text.split(self.delimiters.element)), "", rest, "")


def _after_separators(header: str, element: str, count: int) -> int | None:
    """Where the text after the given number of separators starts."""
    at = -1
    for _ in range(count):
        at = header.find(element, at + 1)
        if at < 0:
            return None
    return at + 1
