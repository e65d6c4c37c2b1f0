"""What cannot be followed is taken out and told, before OpenTelemetry stumbles over it."""

import os
import subprocess
import sys

import pytest
from opentelemetry import environment_variables as of_api
from opentelemetry.sdk import environment_variables

from lambdascope_proxy.telemetry.variables import RULES, mend_variables

WRONG = {
    "OTEL_SDK_DISABLED": "yes",
    "OTEL_TRACES_SAMPLER": "foo",
    "OTEL_METRICS_EXEMPLAR_FILTER": "Trace_Based",
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "sliding",
    "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "linear",
    "OTEL_EXPORTER_OTLP_COMPRESSION": "zip",
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "nan",
    "OTEL_METRIC_EXPORT_INTERVAL": "0",
    "OTEL_BSP_SCHEDULE_DELAY": "1.5",
    "OTEL_BLRP_MAX_QUEUE_SIZE": "-1",
    "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "\u0664",
    "OTEL_ATTRIBUTE_COUNT_LIMIT": "9" * 5000,
    "OTEL_PROPAGATORS": "tracecontext,nobody",
    "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": "nobody",
    "OTEL_PYTHON_CONTEXT": "nobody",
    "OTEL_PYTHON_TRACER_PROVIDER": "nobody",
}
RIGHT = {
    "OTEL_SDK_DISABLED": "TRUE",
    "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
    "OTEL_TRACES_SAMPLER_ARG": "0.25",
    "OTEL_METRICS_EXEMPLAR_FILTER": "always_off",
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta",
    "OTEL_EXPORTER_OTLP_TIMEOUT": "2.5",
    "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION": "gzip",
    "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20abc, x-team=a b=c/d:1,",
    "OTEL_METRIC_EXPORT_INTERVAL": "1e3",
    "OTEL_BSP_SCHEDULE_DELAY": "1000",
    "OTEL_SPAN_LINK_COUNT_LIMIT": "0",
    "OTEL_PROPAGATORS": "tracecontext, baggage",
    "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": "*",
    "OTEL_PYTHON_CONTEXT": "contextvars_context",
    "OTEL_PYTHON_TRACER_PROVIDER": "sdk_tracer_provider",
}


@pytest.mark.parametrize("variable", WRONG)
def test_a_wrong_value_is_taken_out_with_a_line_that_names_it_and_what_to_use(variable: str) -> None:
    environ = {variable: WRONG[variable], "OTEL_SERVICE_NAME": "kept"}
    (line,) = mend_variables(environ)
    assert environ == {"OTEL_SERVICE_NAME": "kept"}
    assert line.startswith(f"{variable}={WRONG[variable]!r} is not followed: use ")


def test_right_values_stay_without_a_word() -> None:
    environ = dict(RIGHT)
    assert mend_variables(environ) == []
    assert environ == RIGHT


def test_an_empty_value_counts_as_unset_and_space_around_one_as_nothing() -> None:
    environ = {"OTEL_BSP_SCHEDULE_DELAY": "", "OTEL_PROPAGATORS": " ", "OTEL_TRACES_SAMPLER": " always_off "}
    assert mend_variables(environ) == []
    assert environ == {"OTEL_TRACES_SAMPLER": "always_off"}


def test_a_share_that_is_none_counts_as_all() -> None:
    environ = {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "7"}
    assert len(mend_variables(environ)) == 1
    assert environ["OTEL_TRACES_SAMPLER_ARG"] == "1"


def test_headers_that_cannot_be_sent_are_counted_not_shown_and_the_others_kept() -> None:
    environ = {"OTEL_EXPORTER_OTLP_HEADERS": "a=1,geheim,b=2", "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "x=geheim\n"}
    lines = mend_variables(environ)
    assert environ["OTEL_EXPORTER_OTLP_HEADERS"] == "a=1,b=2"
    assert "OTEL_EXPORTER_OTLP_HEADERS: 1 of 3 headers" in lines[0]
    assert "OTEL_EXPORTER_OTLP_LOGS_HEADERS: 1 of 1 headers" in lines[1]
    assert "geheim" not in "".join(lines)


@pytest.mark.parametrize(
    ("asked", "batch"),
    [
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "100"}, "100"),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "200"}, "100"),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "50"}, "50"),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "9000"}, None),
    ],
)
def test_a_batch_is_no_longer_than_the_queue(asked: dict[str, str], batch: str | None) -> None:
    mend_variables(asked)
    assert asked.get("OTEL_BSP_MAX_EXPORT_BATCH_SIZE") == batch


def test_every_variable_of_the_rules_is_one_of_opentelemetrys() -> None:
    # A misspelt one would never be looked at.
    declared = [*vars(environment_variables).values(), *vars(of_api).values()]
    assert {variable for rule in RULES for variable in rule.variables} <= {str(value) for value in declared}


def test_what_would_keep_opentelemetry_from_being_imported_no_longer_does() -> None:
    """Catches a place in the command line that looks at the variables too late."""
    stopping = {name: WRONG[name] for name in ("OTEL_PROPAGATORS", "OTEL_PYTHON_TRACER_PROVIDER")}
    done = subprocess.run(
        [sys.executable, "-m", "lambdascope_proxy.cli", "serve"],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **stopping},
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert all(f"{name}=" in done.stderr for name in stopping)
