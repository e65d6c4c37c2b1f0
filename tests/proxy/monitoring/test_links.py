"""Links to traces, to X-Ray and to log streams in the console of their partition."""

import pytest

from lambdascope_proxy.monitoring.links import log_stream_link, trace_link, xray_link


def test_a_trace_is_put_into_the_operators_template() -> None:
    assert trace_link("https://tempo/trace/{trace_id}?x=1", "0af7") == "https://tempo/trace/0af7?x=1"
    assert trace_link("https://tempo/{trace_id}", "a/b") == "https://tempo/a%2Fb"


@pytest.mark.parametrize(("template", "trace_id"), [("", "0af7"), ("https://tempo/{trace_id}", None)])
def test_without_a_template_or_a_trace_there_is_no_link(template: str, trace_id: str | None) -> None:
    assert trace_link(template, trace_id) is None


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "us-east-1.console.aws.amazon.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_the_console_is_that_of_the_partition(region: str, host: str) -> None:
    assert xray_link(region, "1-6921a7c4-0f3b") == (
        f"https://{host}/cloudwatch/home?region={region}#xray:traces/1-6921a7c4-0f3b"
    )


def test_names_of_streams_are_escaped_as_the_console_does() -> None:
    assert log_stream_link("us-east-1", "/aws/lambda/orders", "2026/11/22/[$LATEST]0a") == (
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/"
        "$252Faws$252Flambda$252Forders/log-events/2026$252F11$252F22$252F$255B$2524LATEST$255D0a"
    )
