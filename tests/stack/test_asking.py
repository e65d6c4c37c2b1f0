"""Which answers fail the run. The Prometheus here speaks its real HTTP API, with answers that are given."""

import json
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from stack import asking
from stack.allowances import read_allowances, stale
from stack.asking import Answer, ask_all
from stack.prometheus_api import Exemplar, PrometheusApi
from stack.table import failures, remarks, table

NOW = 1.0
VECTORS = {
    "calls": ["3", "0"],
    "ratio": ["NaN", "+Inf"],
    "half": ["NaN", "1"],
    "quiet": [],
}


def answer_to(query: str) -> dict[str, Any]:
    if query == "broken(":
        return {"status": "error", "errorType": "bad_data", "error": "unclosed left parenthesis"}
    if query == "scalar(calls)":
        return {"status": "success", "data": {"resultType": "scalar", "result": [NOW, "3"]}}
    if query.endswith("[1m]"):
        series = [{"metric": {}, "values": [[NOW, "NaN"], [NOW, "2"]]}]
        return {"status": "success", "data": {"resultType": "matrix", "result": series}}
    series = [{"metric": {}, "value": [NOW, value]} for value in VECTORS[query.removesuffix("{}")]]
    return {"status": "success", "data": {"resultType": "vector", "result": series}}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._send(answer_to(fields["query"][0]))

    def do_GET(self) -> None:
        path = urlparse(self.path)
        if path.path.endswith("/query_exemplars"):
            labels = [{"trace_id": "t", "span_id": "s"}, {"other": "x"}]
            self._send({"status": "success", "data": [{"exemplars": [{"labels": each} for each in labels]}]})
        elif path.path.endswith("/rules"):
            rules = [{"name": "a", "health": "ok"}, {"name": "b", "health": "err", "lastError": "many-to-many"}]
            self._send({"status": "success", "data": {"groups": [{"rules": rules}]}})
        else:
            self._send({"status": "success", "data": [path.path.split("/")[-2], *parse_qs(path.query)["match[]"]]})

    def _send(self, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name its base class gave it
        """Says nothing."""


@pytest.fixture(scope="module")
def prometheus() -> Generator[PrometheusApi]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield PrometheusApi(server.server_address[1])
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("query", "rows"),
    [("calls", 2), ("quiet", 0), ("ratio", 0), ("half", 1), ("scalar(calls)", 1), ("calls[1m]", 1)],
)
def test_only_series_with_a_number_in_them_are_rows(prometheus: PrometheusApi, query: str, rows: int) -> None:
    # A panel of NaN is as empty to people as one without series.
    assert prometheus.count_rows(query) == rows


def test_label_values_exemplars_and_broken_rules_are_read(prometheus: PrometheusApi) -> None:
    assert prometheus.label_values("region", "up") == ["region", "up"]
    assert prometheus.exemplars("a_bucket") == [Exemplar(trace_id="t", span_id="s")]
    assert prometheus.failing_rules() == ["b: many-to-many"]
    assert prometheus.total("calls") == 3


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(asking, "DASHBOARDS", tmp_path)
    monkeypatch.setattr(asking, "RULES", tmp_path)
    return tmp_path


def ship(folder: Path, *expressions: str, **more: Any) -> None:
    panels = [{"title": text, "targets": [{"expr": text}]} for text in expressions]
    (folder / "d.json").write_text(json.dumps({"title": "D", "panels": panels, **more}))


def wrong(answers: list[Answer]) -> list[str]:
    return [line.split(": ")[0] for line in failures(answers)]


def test_an_expression_without_data_or_sense_fails_the_run(shipped: Path, prometheus: PrometheusApi) -> None:
    ship(shipped, "calls", "quiet", "ratio", "broken(", "$nothing")
    answers = ask_all(prometheus, {}, {})
    assert wrong(answers) == ["D / quiet", "D / ratio", "D / broken(", "D / $nothing"]
    assert "unclosed left parenthesis" in [*failures(answers)][2]


def test_a_reason_excuses_missing_data_but_not_an_expression_that_makes_no_sense(
    shipped: Path, prometheus: PrometheusApi
) -> None:
    ship(shipped, "calls", "quiet", "broken(")
    answers = ask_all(prometheus, {"D / quiet": "never here", "D / calls": "seldom", "D / broken(": "?"}, {})
    assert wrong(answers) == ["D / broken("]
    assert [*remarks(answers)] == [
        "has data, though it need not: D / calls: seldom",
        "without data: D / quiet: never here",
    ]


def test_a_variable_without_values_fails_every_panel_of_its_dashboard(shipped: Path, prometheus: PrometheusApi) -> None:
    variable = {"name": "v", "type": "query", "query": "query_result(up)"}
    ship(shipped, "calls", templating={"list": [variable]})
    assert wrong(ask_all(prometheus, {}, {})) == ["D / calls"]


def test_an_alert_has_data_if_all_that_it_compares_has(shipped: Path, prometheus: PrometheusApi) -> None:
    alerts = "- {alert: A, expr: calls > 100}\n  - {alert: B, expr: calls > 100 and quiet > 1}"
    (shipped / "rules.yaml").write_text(f"groups:\n- name: g\n  rules:\n  {alerts}\n")
    assert [(answer.expression.place, answer.rows) for answer in ask_all(prometheus, {}, {})] == [
        ("alert A", 2),
        ("alert B", 0),
    ]


def test_the_table_has_a_line_for_each_expression(shipped: Path, prometheus: PrometheusApi) -> None:
    ship(shipped, "calls", "quiet")
    assert [*table(ask_all(prometheus, {}, {}))] == [
        "rows  dashboard / panel, or rule  expression",
        "   2  D / calls                   calls",
        "   0  D / quiet                   quiet",
    ]


def test_an_allowance_without_a_reason_is_refused_and_one_without_a_place_is_told(tmp_path: Path) -> None:
    allowed = tmp_path / "allowed.toml"
    allowed.write_text('[[without_data]]\nplace = "D / gone"\nreason = "never"\n')
    assert stale(read_allowances(allowed), ["D / calls"]) == ["D / gone"]
    allowed.write_text('[[without_data]]\nplace = "D / gone"\n')
    with pytest.raises(ValueError, match="D / gone has no reason"):
        read_allowances(allowed)


def test_the_list_that_is_shipped_can_be_read() -> None:
    assert all(read_allowances().values())
