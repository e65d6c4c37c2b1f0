"""The metrics and queries someone who knows CloudWatch well would ask for: what a peer has to be told, ours knows."""

from bench.monitor.past import FUNCTION

LOG_GROUP = f"/aws/lambda/{FUNCTION}"
SERIES_S = 300
# Of the whole window, by the name of the wanted figure: metric and statistic.
WHOLE = {
    "invocations": ("Invocations", "Sum"),
    "errors": ("Errors", "Sum"),
    "throttles": ("Throttles", "Sum"),
    "duration p50": ("Duration", "p50"),
    "duration p90": ("Duration", "p90"),
    "duration p95": ("Duration", "p95"),
    "duration p99": ("Duration", "p99"),
    "duration max": ("Duration", "Maximum"),
    "concurrency max": ("ConcurrentExecutions", "Maximum"),
}
SERIES = {
    "series of invocations": ("Invocations", "Sum"),
    "series of errors": ("Errors", "Sum"),
    "series of p95": ("Duration", "p95"),
}
FLEET = (("Invocations", "Sum"), ("Errors", "Sum"), ("Throttles", "Sum"), ("Duration", "p95"), ("Duration", "Sum"))
# The columns are named as the wanted figures are, with underscores.
REPORTS = r"""filter @type = "REPORT"
| stats count(@initDuration) as cold_starts, pct(@initDuration, 50) as init_p50, pct(@initDuration, 95) as init_p95,
    sum(strcontains(@message, "Status: timeout")) as timeouts,
    sum(strcontains(@message, "Runtime.OutOfMemory")) as out_of_memory,
    max(@maxMemoryUsed / 1000000) as memory_used, max(@memorySize / 1000000) as memory_size,
    sum(@billedDuration * @memorySize) / 1000000 / 1024 / 1000 as billed_gbs"""
TOP_ERRORS = r"""filter @message like /^\[ERROR\]/
| parse @message /^\[ERROR\] (?<error>[^\n]*)/
| stats count(*) as n, min(toMillis(@timestamp)) as first_seen, max(toMillis(@timestamp)) as last_seen by error
| sort n desc | limit 5"""
