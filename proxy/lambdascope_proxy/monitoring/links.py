"""Links to where one execution can be looked at: the tracing system, and AWS's console. Pure."""

from urllib.parse import quote


def trace_link(template: str, trace_id: str | None) -> str | None:
    """The operator's link to a trace; None without a template or a trace."""
    return template.replace("{trace_id}", quote(trace_id, safe="")) if template and trace_id else None


def xray_link(region: str, xray_trace_id: str) -> str:
    """The trace in the console."""
    return f"{_console(region)}#xray:traces/{quote(xray_trace_id, safe='')}"


def log_stream_link(region: str, group: str, stream: str) -> str:
    """The stream in the console, which wants names escaped twice, with $ for %."""
    return f"{_console(region)}#logsV2:log-groups/log-group/{_escaped(group)}/log-events/{_escaped(stream)}"


def _console(region: str) -> str:
    domain = "console.aws.amazon.com"
    if region.startswith("cn-"):
        domain = "console.amazonaws.cn"
    elif region.startswith("us-gov-"):
        domain = "console.amazonaws-us-gov.com"
    return f"https://{region}.{domain}/cloudwatch/home?region={region}"


def _escaped(name: str) -> str:
    return quote(quote(name, safe=""), safe="").replace("%", "$")
