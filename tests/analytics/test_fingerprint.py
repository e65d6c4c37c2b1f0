import subprocess
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.fingerprint import fingerprint, normalise

PYTHON = [
    '  File "/var/task/app.py", line 6, in handler\n    return work(event)\n',
    '  File "/var/task/shop/orders.py", line 41, in work\n    raise KeyError(order)\n',
]
NODE = [
    "Error: no such order",
    "    at work (/var/task/orders.js:41:11)",
    "    at Runtime.handler (file:///var/task/app.mjs:6:3)",
]

Error = tuple[str | None, str, Sequence[str]]
DIFFERENT: list[tuple[Error, Error]] = [
    (("KeyError", "m", []), ("ValueError", "m", [])),
    (("E", "no such order", []), ("E", "no such customer", [])),
    (("E", "m", PYTHON), ("E", "m", PYTHON[:1])),
    (("E", "m", NODE), ("E", "m", NODE[:2])),
    (("E", "", []), (None, "E", [])),
]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("no such order 17", "no such order 4711"),
        ("took 3.5 s", "took 10 s"),
        ("order A-17 is gone", "order B-99 is gone"),
        ("no order '17x'", "no order 'some other'"),
        ("can't open 'a' or 'b'", "can't open 'c' or 'it's'"),
        ('no column "a b"', 'no column "c"'),
        ("at 0x7f3a10 in deadbeef", "at 0xffee in cafebabe"),
        (
            "RequestId: 5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b80 failed",
            "RequestId: 00000000-7f0e-4c6a-9a3e-2d1f4e6a7b80 failed",
        ),
        ("no file /tmp/a/b.txt", "no file /var/c"),
        ("no file C:\\a\\b", "no file D:\\c"),
        ("since 2026-11-22T10:00:00Z ago", "since 2026-01-02 03:04:05.678 ago"),
        ("since 2026-11-22T10:00:00+00:00 ago", "since 2026-11-22T10:00:00.123456+00:00 ago"),
        ("two  spaces\n", "two spaces"),
    ],
)
def test_what_differs_between_occurrences_does_not_matter(one: str, other: str) -> None:
    assert fingerprint("E", one) == fingerprint("E", other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_tells_errors_apart_matters(one: Error, other: Error) -> None:
    assert fingerprint(*one) != fingerprint(*other)


def test_lines_move_and_packages_are_unpacked_elsewhere_without_a_new_fingerprint() -> None:
    moved = [frame.replace("line 41", "line 57").replace("/var/task", "/opt") for frame in PYTHON]
    assert fingerprint("E", "m", moved) == fingerprint("E", "m", PYTHON)
    moved = [frame.replace(":41:11", ":57:2").replace("/var/task", "/opt") for frame in NODE]
    assert fingerprint("E", "m", moved) == fingerprint("E", "m", NODE)


def test_only_the_innermost_frames_count_and_each_runtime_has_its_own_end() -> None:
    """Python writes the innermost frame last, Node first."""
    outer_python = ['  File "/var/runtime/bootstrap.py", line 1, in main\n'] * 5
    inner_python = [f'  File "/var/task/app.py", line 1, in f{n}\n' for n in range(3)]
    assert fingerprint("E", "m", [*outer_python, *inner_python]) == fingerprint("E", "m", inner_python)
    inner_node = [f"    at f{n} (/var/task/app.js:1:1)" for n in range(3)]
    assert fingerprint("E", "m", [*inner_node, "    at main (node:internal:1:1)"]) == fingerprint("E", "m", inner_node)


def test_a_stack_in_one_piece_is_the_same_as_in_many() -> None:
    assert fingerprint("E", "m", ["".join(PYTHON)]) == fingerprint("E", "m", PYTHON)
    assert fingerprint("E", "m", ["\n".join(NODE)]) == fingerprint("E", "m", NODE)


def test_the_source_line_a_frame_shows_does_not_matter() -> None:
    edited = [frame.replace("raise KeyError(order)", "raise KeyError(order) from None") for frame in PYTHON]
    assert fingerprint("E", "m", edited) == fingerprint("E", "m", PYTHON)


def test_a_fingerprint_is_the_same_in_every_process_and_release() -> None:
    """History written by one release is grouped with that of the next; Python's own hash() would differ here."""
    code = "from lambdascope_analytics.fingerprint import fingerprint as f; print(f('KeyError', 'no such order 17'))"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    assert printed.strip() == fingerprint("KeyError", "no such order 18") == "b34befde71266819"


def test_what_is_left_of_a_message_reads_well() -> None:
    text = "2026-11-22 10:00:00,123 can't load 'x y' from /var/task/a.py for order-17: timeout after 3 s"
    assert normalise(text) == "<time> can't load <value> from <path> for <id> timeout after <id> s"


@given(st.none() | st.text(), st.none() | st.text(), st.lists(st.text()))
def test_any_error_has_a_short_fingerprint(error_type: str | None, message: str | None, stack: list[str]) -> None:
    found = fingerprint(error_type, message, stack)
    assert len(found) == 16
    assert int(found, 16) >= 0
    assert found == fingerprint(error_type, message, stack)


@given(st.integers(), st.integers(), st.uuids(), st.uuids())
def test_numbers_and_ids_of_any_size_do_not_matter(one: int, other: int, this: object, that: object) -> None:
    assert fingerprint("E", f"row {one} of {this}: gone") == fingerprint("E", f"row {other} of {that}: gone")
