"""An id is read however it is written, and what is none is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.monitoring.execution_id import read_id


@given(st.uuids())
def test_any_way_to_write_an_id_is_read(value: Any) -> None:
    for text in (str(value), str(value).upper(), f" {value} ", value.hex):
        assert read_id({"request_id": text}) == str(value)


@given(st.text(max_size=31))
def test_any_shorter_text_is_refused(text: str) -> None:
    with pytest.raises(CallFailed) as failed:
        read_id({"call_id": text})
    assert failed.value.kind is OutcomeKind.INVALID_ARGUMENTS
