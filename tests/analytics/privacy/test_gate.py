"""Every row passes the gate: what others worded is scrubbed, what is ours stays as it is."""

from collections.abc import Mapping

import pytest

from lambdascope_analytics.privacy.gate import MESSAGE_CHARS, RowGate
from lambdascope_analytics.privacy.keeping import PayloadKeeper
from lambdascope_analytics.privacy.mask import MASK
from lambdascope_analytics.privacy.patterns import OwnPattern
from lambdascope_analytics.privacy.scrubber import Scrubber

KEY = "AKIAIOSFODNN7EXAMPLE"


def passed(row: Mapping[str, object], gate: RowGate | None = None) -> dict[str, object]:
    return {name: value for name, value in (gate or RowGate(Scrubber()))(row).items() if value is not None}


@pytest.mark.parametrize("column", ["error_message", "error_type", "client_name", "client_version"])
def test_texts_that_others_worded_are_scrubbed(column: str) -> None:
    assert passed({column: f"x {KEY}", "attempts": 1}) == {column: f"x {MASK}", "attempts": 1}


@pytest.mark.parametrize("column", ["function_name", "qualifier"])
def test_a_name_is_scrubbed_unless_it_was_found_to_exist(column: str) -> None:
    assert passed({column: KEY}) == {column: MASK}
    assert passed({column: KEY, "attempts": 0}) == {column: KEY, "attempts": 0}


def test_who_called_is_kept_so_that_calls_can_be_found_and_forgotten_by_it() -> None:
    row = {"principal": "ada@example.com", "session_id": "s-1", "call_id": "1"}
    assert passed(row) == row


def test_a_message_is_scrubbed_before_it_is_cut() -> None:
    """The other way round, a secret on the edge would be left half and unrecognised."""
    message = passed({"error_message": f"{'x ' * (MESSAGE_CHARS // 2 - 5)}{KEY} tail"})["error_message"]
    assert isinstance(message, str)
    assert len(message) <= MESSAGE_CHARS
    assert "AKIA" not in message


def test_of_a_message_without_end_only_so_much_is_looked_at_and_no_torn_secret_kept() -> None:
    """The long secret shrinks to a mask, so that what stands at the edge of what is looked at comes into view."""
    message = passed({"error_message": f"password={'z' * 7970} {KEY * 100_000}"})["error_message"]
    assert message == ""
    long = passed({"error_message": "no such order " * 100_000})["error_message"]
    assert long == ("no such order " * 100)[:MESSAGE_CHARS]


def test_without_a_keeper_no_payload_passes_whoever_put_it_there() -> None:
    assert passed({"request_payload": b"x", "response_payload": "y", "pid": 1}) == {"pid": 1}


def test_with_a_keeper_payloads_pass_masked() -> None:
    scrubber = Scrubber([OwnPattern("1", r"EMP-\d+")])
    keeper = PayloadKeeper(limit=1000, scrubber=scrubber)
    row = {"request_bytes": 15, **keeper.take(b'{"id": "EMP-7"}', b"")}
    assert passed(row, RowGate(scrubber, keeper)) == {"request_bytes": 15, "request_payload": f'{{"id": "{MASK}"}}'}


def test_patterns_of_the_operator_hold_for_messages_too() -> None:
    gate = RowGate(Scrubber([OwnPattern("1", r"EMP-\d+")]))
    assert passed({"error_message": "EMP-7 is unknown"}, gate) == {"error_message": f"{MASK} is unknown"}


def test_the_row_that_was_handed_in_is_not_changed() -> None:
    row = {"error_message": KEY}
    passed(row)
    assert row == {"error_message": KEY}
