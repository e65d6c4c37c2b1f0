import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.errors import PricingInputError
from lambdascope_analytics.pricing.metering import charged_streamed_bytes, requests_of_async_payload

KIB = 1024


@pytest.mark.parametrize(
    ("payload_bytes", "requests"),
    [
        (0, 1),
        (256 * KIB, 1),
        (256 * KIB + 1, 2),
        (320 * KIB, 2),
        (320 * KIB + 1, 3),
        (KIB * KIB, 13),
    ],
)
def test_an_event_counts_once_and_once_more_for_each_64_kib_begun_above_256(payload_bytes: int, requests: int) -> None:
    assert requests_of_async_payload(payload_bytes) == requests


@pytest.mark.parametrize("payload_bytes", [-1, KIB * KIB + 1])
def test_an_event_lambda_does_not_take_has_no_count(payload_bytes: int) -> None:
    with pytest.raises(PricingInputError, match="payload_bytes"):
        requests_of_async_payload(payload_bytes)


@given(response_bytes=st.integers(0, 200 * KIB * KIB))
def test_the_first_six_mib_of_a_stream_are_free(response_bytes: int) -> None:
    charged = charged_streamed_bytes(response_bytes)
    assert charged == (response_bytes - 6 * KIB * KIB if response_bytes > 6 * KIB * KIB else 0)


def test_the_published_responses_of_7_mb_are_charged_for_one() -> None:
    assert charged_streamed_bytes(7 * KIB * KIB) * 1_000_000 == 1_048_576_000_000
    with pytest.raises(PricingInputError, match="response_bytes"):
        charged_streamed_bytes(-1)
