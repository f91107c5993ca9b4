"""Names and codes as claims carry them: plain capital letters, no accents, nothing a delimiter could be."""

from __future__ import annotations

import re
import unicodedata

_SPELLED = str.maketrans(
    {"ß": "SS", "Æ": "AE", "Ø": "O", "Œ": "OE", "Ð": "D", "Þ": "TH", "Ł": "L", "’": "'", "‘": "'", "–": "-"}
)
_NOT_PLAIN = re.compile(r"[^A-Z0-9 !\"&'()+,\-./;?=]")
_SPACES = re.compile(r" {2,}")
_CREDENTIALS = frozenset(
    [
        "MD",
        "DO",
        "NP",
        "PA",
        "PAC",
        "CNS",
        "CNM",
        "DNP",
        "FNP",
        "RN",
        "LPN",
        "MA",
        "MSN",
        "APRN",
        "ARNP",
        "PHD",
        "PSYD",
        "LCSW",
        "FNPC",
        "FACP",
        "FAAFP",
        "MPH",
        "MBBS",
    ]
)


def plain(text: str | None) -> str:
    """Text in capital letters from the character set every payer takes (ANSI X12 basic set, without delimiters)."""
    if not text:
        return ""
    letters = unicodedata.normalize("NFKD", text.upper().translate(_SPELLED))
    kept = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return _SPACES.sub(" ", _NOT_PLAIN.sub(" ", kept)).strip()


def digits(text: str | None) -> str:
    """Only the digits of a telephone number, ZIP code or tax id."""
    return "".join(sign for sign in text or "" if sign in "0123456789")


def telephone(text: str | None) -> str:
    """A telephone number as ten digits where it has a leading country code 1."""
    number = digits(text)
    return number[1:] if len(number) == 11 and number[0] == "1" else number


def person_name(name: str | None) -> tuple[str, str, str]:
    """Family, given and middle name from ``Given Middle Family, MD`` or ``Family, Given Middle``; credentials are left out."""
    parts = [plain(part) for part in (name or "").split(",")]
    parts = [part for part in parts if part and not _is_credential(part)]
    if not parts:
        return "", "", ""
    words = [word for word in parts[0].split() if not _is_credential(word) and word not in ("DR", "DR.")]
    if len(parts) > 1:
        given = parts[1].split()
        return " ".join(words), given[0], " ".join(given[1:])
    if len(words) < 2:
        return " ".join(words), "", ""
    return words[-1], words[0], " ".join(words[1:-1])


def _is_credential(words: str) -> bool:
    return all(word.replace(".", "").replace("-", "") in _CREDENTIALS for word in words.split())
