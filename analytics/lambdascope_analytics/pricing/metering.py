"""What AWS Lambda counts of one event or response: request units of a payload, bytes of a stream."""

from typing import Final

from lambdascope_analytics.errors import PricingInputError

KIB: Final = 1024
# https://aws.amazon.com/lambda/pricing/ ("Asynchronous Event")
FIRST_REQUEST_BYTES: Final = 256 * KIB
NEXT_REQUEST_BYTES: Final = 64 * KIB
MOST_ASYNC_BYTES: Final = 1024 * KIB
FREE_STREAMED_BYTES: Final = 6 * KIB * KIB


def requests_of_async_payload(payload_bytes: int) -> int:
    """Return how many requests an asynchronous event counts as: one up to 256 KiB, one more for each 64 KiB begun.

    Raises:
        PricingInputError: it is negative, or above the 1 MiB that Lambda takes.
    """
    if not 0 <= payload_bytes <= MOST_ASYNC_BYTES:
        raise PricingInputError("payload_bytes", f"must be between 0 and {MOST_ASYNC_BYTES}, not {payload_bytes}")
    above = max(0, payload_bytes - FIRST_REQUEST_BYTES)
    return 1 + -(-above // NEXT_REQUEST_BYTES)


def charged_streamed_bytes(response_bytes: int) -> int:
    """Return the bytes of one streamed response that are charged: those above its first 6 MiB.

    Raises:
        PricingInputError: it is negative.
    """
    if response_bytes < 0:
        raise PricingInputError("response_bytes", f"must not be negative: {response_bytes}")
    return max(0, response_bytes - FREE_STREAMED_BYTES)
