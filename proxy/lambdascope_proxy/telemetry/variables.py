"""Looks over the `OTEL_*` variables before OpenTelemetry does: some values would keep every command from starting,
others are passed over in words that name no variable."""

import re
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Final

OTLP: Final = ("OTEL_EXPORTER_OTLP", *(f"OTEL_EXPORTER_OTLP_{signal}" for signal in ("TRACES", "METRICS", "LOGS")))
BATCH: Final = 512
# As the specification has it, and with spaces in the value, which OpenTelemetry takes too.
_HEADER: Final = re.compile(r"\s*[!#-'*+\-.0-9A-Z^-z|~]+\s*=[ !#-+\--:<-\[\]-~]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What some variables take, in words and as a check; `default` is for one that OpenTelemetry would ask for."""

    variables: tuple[str, ...]
    takes: str
    accepts: Callable[[str], bool]
    default: str = ""


def mend_variables(environ: MutableMapping[str, str]) -> list[str]:
    """Takes out what cannot be followed, so that its default holds, and returns a line about each."""
    complaints = [line for rule in RULES for variable in rule.variables if (line := _mend(rule, variable, environ))]
    complaints += [line for variable in _of_each("HEADERS") if (line := _mend_headers(variable, environ))]
    for family in ("OTEL_BSP", "OTEL_BLRP"):
        _fit_batch(family, environ)
    return complaints


def _mend(rule: Rule, variable: str, environ: MutableMapping[str, str]) -> str:
    value = environ.get(variable, "").strip()
    if value and rule.accepts(value):
        environ[variable] = value
        return ""
    # An empty one counts as unset, which not every part of OpenTelemetry knows.
    environ.pop(variable, None)
    if value and rule.default:
        environ[variable] = rule.default
    return f"{variable}={value!r} is not followed: use {rule.takes}" if value else ""


def _mend_headers(variable: str, environ: MutableMapping[str, str]) -> str:
    """What is wrong may be a key without its name: it is not shown. The other headers are sent."""
    pairs = [pair for pair in environ.get(variable, "").split(",") if pair.strip()]
    good = [pair for pair in pairs if _HEADER.fullmatch(pair)]
    if len(good) == len(pairs):
        return ""
    environ[variable] = ",".join(good)
    count = f"{len(pairs) - len(good)} of {len(pairs)} headers"
    return f"{variable}: {count} cannot be sent: use name=value, in the value %2C for a comma and so on"


def _fit_batch(family: str, environ: MutableMapping[str, str]) -> None:
    """A short queue means short batches: OpenTelemetry would export nothing at all."""
    length, batch = environ.get(f"{family}_MAX_QUEUE_SIZE"), f"{family}_MAX_EXPORT_BATCH_SIZE"
    if length and int(length) < int(environ.get(batch, BATCH)):
        environ[batch] = length


def _one_of(*names: str) -> Callable[[str], bool]:
    return lambda value: value.lower() in names


def _is_count(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 10


def _is_positive(value: str) -> bool:
    return _is_count(value) and int(value) > 0


def _is_duration(value: str) -> bool:
    try:
        return 0 < float(value) < 1e9
    except ValueError:
        return False


def _is_share(value: str) -> bool:
    try:
        return 0 <= float(value) <= 1
    except ValueError:
        return False


def _installed(group: str, *also: str) -> Callable[[str], bool]:
    def accepts(value: str) -> bool:
        known = {*also, *(point.name for point in entry_points(group=group))}
        return all(name.strip() in known for name in value.split(","))

    return accepts


def _of_each(suffix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}_{suffix}" for prefix in OTLP)


def _of_batches(suffix: str) -> tuple[str, ...]:
    return (f"OTEL_BSP_{suffix}", f"OTEL_BLRP_{suffix}")


RULES: Final = (
    Rule(variables=("OTEL_SDK_DISABLED",), takes="true or false", accepts=_one_of("true", "false")),
    Rule(
        variables=("OTEL_TRACES_SAMPLER",),
        takes="always_on, always_off, traceidratio, or one of these after parentbased_",
        accepts=_one_of(
            *(prefix + name for prefix in ("", "parentbased_") for name in ("always_on", "always_off", "traceidratio"))
        ),
    ),
    Rule(variables=("OTEL_TRACES_SAMPLER_ARG",), takes="a share from 0 to 1", accepts=_is_share, default="1"),
    Rule(
        variables=("OTEL_METRICS_EXEMPLAR_FILTER",),
        takes="trace_based, always_on or always_off",
        # This one OpenTelemetry reads as it is written.
        accepts=lambda value: value in {"trace_based", "always_on", "always_off"},
    ),
    Rule(
        variables=("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",),
        takes="cumulative, delta or lowmemory",
        accepts=_one_of("cumulative", "delta", "lowmemory"),
    ),
    Rule(
        variables=("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",),
        takes="explicit_bucket_histogram or base2_exponential_bucket_histogram",
        accepts=_one_of("explicit_bucket_histogram", "base2_exponential_bucket_histogram"),
    ),
    Rule(variables=_of_each("COMPRESSION"), takes="gzip, deflate or none", accepts=_one_of("gzip", "deflate", "none")),
    Rule(variables=_of_each("TIMEOUT"), takes="a number of seconds", accepts=_is_duration),
    Rule(
        variables=("OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT"),
        takes="a number of milliseconds",
        accepts=_is_duration,
    ),
    Rule(
        variables=(*_of_batches("SCHEDULE_DELAY"), *_of_batches("EXPORT_TIMEOUT")),
        takes="a whole number of milliseconds",
        accepts=_is_positive,
    ),
    Rule(
        variables=(*_of_batches("MAX_QUEUE_SIZE"), *_of_batches("MAX_EXPORT_BATCH_SIZE")),
        takes="a whole number above 0",
        accepts=_is_positive,
    ),
    Rule(
        variables=(
            *("OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"),
            *("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"),
            *("OTEL_SPAN_EVENT_COUNT_LIMIT", "OTEL_SPAN_LINK_COUNT_LIMIT"),
            *("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"),
            *("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT"),
        ),
        takes="a whole number",
        accepts=_is_count,
    ),
    Rule(
        variables=("OTEL_PROPAGATORS",),
        takes="names of propagators that are installed",
        accepts=_installed("opentelemetry_propagator", "none"),
    ),
    Rule(
        variables=("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS",),
        takes="names of detectors that are installed",
        accepts=_installed("opentelemetry_resource_detector", "*"),
    ),
    *(
        Rule(
            variables=(f"OTEL_PYTHON_{kind.upper()}",),
            takes="the name of one that is installed",
            accepts=_installed(f"opentelemetry_{kind}"),
        )
        for kind in ("context", "tracer_provider", "meter_provider", "logger_provider")
    ),
)
