"""What stands in a file is what is meant; what could surprise is refused with its line."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.core.errors import InputError
from careledger.policy.strict_yaml import MAX_DEPTH, kind_of, load, load_path, path_text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("no", "no"),
        ("y", "y"),
        ("true", True),
        ("false", False),
        ("10:12", "10:12"),
        ("1:30:00", "1:30:00"),
        ("2026-03-31", date(2026, 3, 31)),
        ("2026-03", "2026-03"),
        ("2026-03-02T10:00", "2026-03-02T10:00"),
        ("2026-03-02 10:00:00", "2026-03-02 10:00:00"),
        ("99490", 99490),
        ('"99490"', "99490"),
        ("'99490'", "99490"),
        ("G0181", "G0181"),
        ("01112-05", "01112-05"),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("+12", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("E11.22", "E11.22"),
        ("~", None),
        ("null", None),
        ("", None),
        ('""', ""),
        ("=", "="),
        ("a&b", "a&b"),
        ("é", "é"),
    ],
)
def test_a_plain_scalar_means_what_yaml_1_2_says(written: str, meant: object) -> None:
    read = load(f"key: {written}\n", "f.yaml").data["key"]
    assert read == meant
    assert type(read) is type(meant)


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "twice"),
        ("a:\n  - {b: 1,\n     b: 2}\n", 3, "twice"),
        ('{"a": 1,\n "a": 2}', 2, "twice"),
        ("a: &x 1\nb: 2", 1, "anchor"),
        ("a: 1\nb: *x", 2, "alias"),
        ("a: !!str 1", 1, "tag"),
        ("a: !python/object/apply:os.system [ls]", 1, "tag"),
        ("a: 1\n<<: 2", 2, "merge"),
        ("99490: a", 1, "a key is a whole number"),
        ("a: 1\ntrue: b", 2, "a key is true or false"),
        ("2026-01-01: b", 1, "a key is a date"),
        ("? [a, b]\n: c", 1, "a key that is a list"),
        ("a: 1\nb: 2026-02-30", 2, "calendar"),
        ("a: .inf", 1, "out of range"),
        ("a: .nan", 1, "out of range"),
        ("a: 1e999", 1, "out of range"),
        ("a: " + "9" * 40, 1, "too many digits"),
        ("---\na: 1\n---\nb: 2", 3, "second document"),
        ("a: [1, 2", 1, "bracket"),
        ("a: {b: 1", 1, "brace"),
        ("a: 'open", 1, "quotation"),
        ("a:\n\tb: 1", 2, "character"),
        ("a: b: c", 1, "colon"),
        ("a: 1\n  b: 2", 2, "colon"),
        ("a: @b", 1, "character"),
        ('a: "\\q"', 1, "escape"),
        ("a: 1\nb: x\x01y", 2, "control"),
        ("a: 1\n\x00", 2, "NUL"),
        ("- a\nb", 2, "colon"),
        ("- a\n b: c\n  - d", 2, ""),
    ],
)
def test_what_could_surprise_is_refused_with_its_line(text: str, line: int, word: str) -> None:
    with pytest.raises(InputError) as caught:
        load(text, "bad.yaml")
    assert caught.value.place.file == "bad.yaml"
    assert caught.value.place.line == line
    assert word in str(caught.value)


def test_a_billion_laughs_are_refused_at_the_first() -> None:
    text = "a: &a [x, x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}]\n" for n in range(9))
    with pytest.raises(InputError, match="anchor"):
        load(text, "f.yaml")


def test_depth_and_size_are_limited() -> None:
    assert load("[" * MAX_DEPTH + "]" * MAX_DEPTH, "f.yaml").data
    with pytest.raises(InputError, match="too deeply"):
        load("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), "f.yaml")
    with pytest.raises(InputError, match="too deeply"):
        load("[" * 100_000, "f.yaml")
    with pytest.raises(InputError, match="too large"):
        load("a: " + "x" * 100, "f.yaml", max_bytes=50)


def test_an_error_never_repeats_a_value() -> None:
    for text in (
        "ssn: 123-45-6789: x",
        "a: 'Jane Doe",
        "a: *JaneDoe",
        "a: !JaneDoe 1",
        "a: [Jane Doe",
        "a: 2026-02-30",
    ):
        with pytest.raises(InputError) as caught:
            load(text, "f.yaml")
        for secret in ("123-45", "Jane", "Doe", "02-30"):
            assert secret not in str(caught.value)


def test_every_part_of_a_document_knows_its_line() -> None:
    document = load("a: 1\nb:\n  - x: 1\n    y: [1,\n      2]\n  - z\nc: {d: 4}\n", "f.yaml")
    assert document.line_of(("a",)) == 1
    assert document.line_of(("b", 0, "y")) == 4
    assert document.line_of(("b", 0, "y", 1)) == 5
    assert document.line_of(("b", 1)) == 6
    assert document.line_of(("c", "d")) == 7
    assert document.line_of(("b", 0, "missing", "deeper")) == 3
    assert str(document.place(("b", 0, "y"))) == "f.yaml:4: b[0].y"


def test_an_empty_text_is_nothing() -> None:
    for text in ("", "\n", "# only a remark\n", "---\n"):
        assert load(text, "f.yaml").data is None


def test_json_is_read_as_it_is() -> None:
    text = '{"a":[1,2.5,true,null],\n\t"b":{"c":"\\u00e9 \\ud83d\\ude00 \\/ \\\\ud83d"}}'
    assert load(text, "f.json").data == json.loads(text)


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert load_path(path).data == {"a": 1, "b": 2}


def test_a_file_that_is_not_utf_8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(InputError, match=r"f\.yaml:2: not UTF-8"):
        load_path(path)
    with pytest.raises(InputError, match="cannot be read"):
        load_path(tmp_path / "none.yaml")


def test_kinds_and_paths_have_words() -> None:
    assert [kind_of(value) for value in (True, 1, 1.5, "a", None, [], {}, date(2026, 1, 1))] == [
        "true or false", "a whole number", "a number", "text", "nothing", "a list", "a mapping", "a date",
    ]  # fmt: skip
    assert path_text(("time", 2, "start")) == "time[2].start"


_json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(_json_values)
def test_any_json_reads_back_the_same(value: object) -> None:
    assert load(json.dumps(value), "f.json").data == value


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_one_clear_line(text: str) -> None:
    assert len(reading(text).splitlines()) <= 1


def reading(text: str) -> str:
    """The complaint about a text, empty when it reads."""
    try:
        load(text, "f.yaml")
    except InputError as error:
        return str(error)
    return ""


def test_a_strange_key_is_shown_on_one_line() -> None:
    with pytest.raises(InputError) as caught:
        load('{"a\\nb": 1, "a\\nb": 2}', "f.json")
    assert str(caught.value) == "f.json:1: a?b: the key stands twice (first in line 1); keep one"
