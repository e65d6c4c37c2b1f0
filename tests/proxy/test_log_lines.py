"""A log line never tells a secret, wherever in it the secret stands."""

import logging
import sys

from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.log_lines import ScrubbedLines


def test_secrets_in_the_message_its_arguments_and_the_traceback_are_masked() -> None:
    try:
        raise ValueError("cannot connect to postgres://ada:hunter2@db/orders")
    except ValueError:
        told = sys.exc_info()
    message = "key %s of call 01935a2b-7c00-7000-8000-000000000001 failed"
    record = logging.LogRecord(
        "lambdascope_proxy.x", logging.ERROR, "x.py", 1, message, ("AKIAIOSFODNN7EXAMPLE",), told
    )
    line = ScrubbedLines(Scrubber().text).format(record)
    assert "hunter2" not in line
    assert "AKIA" not in line
    assert "ERROR lambdascope_proxy.x: key [masked] of call 01935a2b-7c00-7000-8000-000000000001 failed" in line
    assert "ValueError: cannot connect to postgres://[masked]@db/orders" in line
