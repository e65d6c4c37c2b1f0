"""Errors as an answer shows them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from lambdascope_proxy.monitoring.error_data import top_error_data
from lambdascope_proxy.monitoring.failed_requests import TOP
from lambdascope_proxy.monitoring.top_errors import ErrorKind

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def kind_of(**known: Any) -> ErrorKind:
    """An error of which only matters what is given."""
    usual: dict[str, Any] = {
        "fingerprint": "f",
        "error_type": "E",
        "message": "m",
        "stack": (),
        "count": 1,
        "first_at": NOON,
        "last_at": NOON,
        "request_id": None,
        "stream": "s",
        "is_logged_only": False,
    }
    return ErrorKind(**{**usual, **known})


@pytest.mark.parametrize(
    ("stack", "shown"),
    [
        (('  File "a.py", line 1, in a\n    b()', '  File "b.py", line 2, in b'), ["b()", 'File "b.py", line 2, in b']),
        (("Error: no", "    at f (i.js:1:2)", "    at g (i.js:3:4)"), ["Error: no", "at f (i.js:1:2)"]),
        ((), []),
    ],
)
def test_of_a_stack_the_lines_next_to_the_error_are_shown(stack: tuple[str, ...], shown: list[str]) -> None:
    (entry,) = top_error_data([kind_of(stack=stack)], str)
    assert entry["stack"] == shown


def test_type_message_and_stack_are_masked_before_they_are_cut() -> None:
    # A secret across the cut would not be recognised behind it.
    secret = "x" * 55 + "S3CRET" * 30
    entries = top_error_data(
        [kind_of(error_type=secret, message=secret, stack=(secret,))], lambda text: text.replace("S3CRET", "#")
    )
    assert "S3" not in str(entries)


def test_only_the_first_few_are_shown_and_logged_ones_are_marked() -> None:
    entries = top_error_data([kind_of(is_logged_only=True), *[kind_of()] * TOP], str)
    assert [entry.get("logged_only") for entry in entries] == [True, *[None] * (TOP - 1)]
