"""The exporters that were asked for; none writes to stdout, which belongs to the protocol."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lambdascope_proxy.telemetry.asked import Export, NotAvailable
from lambdascope_proxy.telemetry.exporters import log_exporter, metric_exporter, span_exporter

Enter = Callable[[Mapping[str, str]], None]
MAKERS = [span_exporter, metric_exporter, log_exporter]


@pytest.mark.parametrize("make", MAKERS)
def test_over_http_or_grpc_as_asked(make: Callable[[Export], Any], enter: Enter) -> None:
    enter({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    for protocol, package in (("http/protobuf", "http"), ("grpc", "grpc")):
        exporter = make(Export(exporter="otlp", protocol=protocol))
        assert f"exporter.otlp.proto.{package}" in type(exporter).__module__
        exporter.shutdown()


@pytest.mark.parametrize("make", MAKERS)
def test_on_the_console_it_is_written_to_stderr(make: Callable[[Export], Any]) -> None:
    assert make(Export(exporter="console")).out is sys.stderr


@pytest.mark.parametrize("make", MAKERS)
def test_without_its_package_grpc_says_what_to_install(
    make: Callable[[Export], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in ("trace_exporter", "metric_exporter", "_log_exporter"):
        monkeypatch.setitem(sys.modules, f"opentelemetry.exporter.otlp.proto.grpc.{part}", None)
    with pytest.raises(NotAvailable, match=r"pip install 'lambdascope\[grpc\]'"):
        make(Export(exporter="otlp", protocol="grpc"))
