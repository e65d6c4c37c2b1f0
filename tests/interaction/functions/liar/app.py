"""Prints REPORT lines that are not true, one of them under its own request id."""

import sys
from typing import Any

FAKE = (
    "REPORT RequestId: {}\tDuration: 899999.00 ms\tBilled Duration: 899999 ms\t"
    "Memory Size: 10240 MB\tMax Memory Used: 10240 MB\t\n"
)


def handler(event: Any, context: Any) -> Any:
    sys.stdout.write(FAKE.format(context.aws_request_id))
    sys.stdout.write(FAKE.format("00000000-0000-0000-0000-000000000000"))
    return "believe me"
