"""How the code lies: every module has its tests, one package never imports the other, and starting imports little."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
PACKAGES = {name: ROOT / name / f"lambdascope_{name}" for name in ("proxy", "analytics", "dashboards")}

# Modules whose behaviour shows only through another: where it is tested, and why there.
TESTED_THROUGH = {
    "proxy/mcp_side/raw.py": "proxy/upstreams/test_offer.py",  # what goes out as it came
    "proxy/tools/upstream_tool.py": "proxy/upstreams/test_offer.py",  # as above
    "proxy/tool_wiring.py": "proxy/test_wiring.py",  # what a built proxy offers
    "proxy/mcp_side/client.py": "proxy/upstreams/test_asking.py",  # what upstreams ask of it
    "proxy/mcp_side/forwarded.py": "proxy/upstreams/test_forwarding.py",  # upstreams' resources and prompts
    "proxy/mcp_side/own_resources.py": "proxy/test_server.py",  # as clients see them
    "proxy/mcp_side/proxy_server.py": "proxy/upstreams/test_forwarding.py",  # which capabilities are announced
    "proxy/upstreams/exchange.py": "proxy/upstreams/test_asking.py",  # requests that take several rounds
    "proxy/upstreams/member.py": "proxy/upstreams/test_offer.py",  # what upstreams list
    "proxy/upstreams/relay.py": "proxy/upstreams/test_asking.py",  # progress of real upstreams
    "proxy/upstreams/opening.py": "proxy/upstreams/test_offer.py",  # how those are opened
    "proxy/upstreams/wire/dispatcher.py": "proxy/upstreams/test_offer.py",  # as above
    "proxy/upstreams/wire/http_exchange.py": "proxy/upstreams/wire/test_http.py",  # what is no result
    "proxy/upstreams/wire/link.py": "proxy/upstreams/test_offer.py",  # as above
    "proxy/upstreams/wire/process.py": "proxy/upstreams/test_offer.py",  # as above
    "proxy/upstreams/wire/sizes.py": "proxy/upstreams/test_offer.py",  # as above
    "proxy/upstreams/wire/words.py": "proxy/upstreams/test_offer.py",  # as above
    "analytics/analyses/forecast_answer.py": "analytics/analyses/test_forecast.py",  # what the answer holds
    "analytics/analyses/forecast_month.py": "analytics/analyses/test_forecast.py",  # which days are to come
    "analytics/analyses/forecast_past.py": "analytics/analyses/test_forecast.py",  # which days count, and as what
    "analytics/analyses/forecast_words.py": "analytics/analyses/test_forecast.py",  # its sentences
    "analytics/analyses/cost_answer.py": "analytics/analyses/test_cost.py",  # what the answer holds
    "analytics/analyses/cost_cells.py": "analytics/analyses/test_cost.py",  # sums over what the statement gives
    "analytics/analyses/cost_groups.py": "analytics/analyses/test_cost.py",  # one list of the answer
    "analytics/analyses/cost_next.py": "analytics/analyses/test_cost.py",  # its last sentence
    "analytics/analyses/cost_parts.py": "analytics/analyses/test_cost.py",  # the trend
    "analytics/analyses/cost_prices.py": "analytics/analyses/test_cost.py",  # what is priced there
    "analytics/analyses/cost_projection.py": "analytics/analyses/test_cost.py",  # one figure of the answer
    "analytics/analyses/cost_question.py": "analytics/analyses/test_cost.py",  # what is asked of the history
    "analytics/analyses/cost_waste.py": "analytics/analyses/test_cost.py",  # four figures of the answer
    "analytics/analyses/cost_words.py": "analytics/analyses/test_cost.py",  # its sentences
    "analytics/analyses/change_groups.py": "analytics/analyses/test_changes.py",  # which groups are told of
    "analytics/analyses/change_next.py": "analytics/analyses/test_changes.py",  # its last sentence
    "analytics/analyses/change_series.py": "analytics/analyses/test_changes.py",  # what changed when
    "analytics/analyses/change_sides.py": "analytics/analyses/test_changes.py",  # rows as figures
    "analytics/analyses/change_words.py": "analytics/analyses/test_changes.py",  # its sentences
    "analytics/analyses/changes_asked.py": "analytics/analyses/test_changes.py",  # what is refused
    "analytics/analyses/error_clusters.py": "analytics/analyses/test_errors.py",  # what the answer lists
    "analytics/analyses/error_answer.py": "analytics/analyses/test_errors.py",  # what the answer holds
    "analytics/analyses/error_groups.py": "analytics/analyses/test_errors.py",  # another of its lists
    "analytics/analyses/error_words.py": "analytics/analyses/test_errors.py",  # its sentences
    "analytics/adhoc/limits.py": "analytics/adhoc/test_queries.py",  # values without behaviour
    "analytics/privacy/built_in.py": "analytics/privacy/test_scrubber.py",  # the three below, in their order
    "analytics/privacy/json_tokens.py": "analytics/privacy/test_json_closing.py",  # what both readers of JSON walk over
    "analytics/privacy/mask.py": "analytics/privacy/test_scrubber.py",  # one word
    "analytics/privacy/names.py": "analytics/privacy/test_scrubber.py",  # what is masked shows in whole texts
    "analytics/privacy/numbers.py": "analytics/privacy/test_scrubber.py",  # as above
    "analytics/privacy/shapes.py": "analytics/privacy/test_scrubber.py",  # as above
    "analytics/store/directories.py": "analytics/store/test_spool.py",  # directories the writer makes
    "analytics/errors.py": "analytics/pricing/test_invocation.py",  # classes, asserted where they are raised
    "analytics/pricing/bill.py": "analytics/pricing/test_usage.py",  # how every line of a bill is made
    "analytics/pricing/figures.py": "analytics/pricing/test_invocation.py",  # what is refused by name
    "analytics/pricing/members.py": "analytics/pricing/test_document.py",  # how fields are read
    "analytics/pricing/rates.py": "analytics/pricing/test_tables.py",  # what a table holds
    "analytics/store/exchange/formats.py": "analytics/store/exchange/test_export.py",  # how each format writes a column
    "analytics/store/exchange/relations.py": "analytics/store/exchange/test_import_job.py",  # SQL that reads a source
    "analytics/store/exchange/staging.py": "analytics/store/exchange/test_import_job.py",  # the first half of an import
    "analytics/store/forgetting/job.py": "analytics/store/forgetting/test_forget.py",  # runs within a compaction
    "analytics/store/forgetting/leftovers.py": "analytics/store/forgetting/test_forget.py",  # a step of that
    "analytics/store/forgetting/request.py": "analytics/store/forgetting/test_forget.py",  # what it is asked
    "analytics/store/row.py": "analytics/test_history.py",  # a table of columns, which the views must have
    "analytics/store/spool_file.py": "analytics/store/test_spool.py",  # the writer's file: torn lines, full disks
    "analytics/analyses/latency_answer.py": "analytics/analyses/test_latency.py",  # what an answer holds
    "analytics/analyses/latency_figures.py": "analytics/analyses/test_latency.py",  # rows of its statement
    "analytics/statements.py": "analytics/test_recent.py",  # reads .sql files, which every question runs
    "analytics/store/views.py": "analytics/test_history.py",  # SQL text, which proves itself in DuckDB
    "analytics/analyses/daily_answer.py": "analytics/analyses/test_daily.py",  # fields without behaviour
    "dashboards/boards/cloudwatch_row.py": "dashboards/boards/test_all_boards.py",  # panels, held against the table
    "dashboards/boards/cost.py": "dashboards/boards/test_all_boards.py",  # as above
    "dashboards/boards/guardrails.py": "dashboards/boards/test_all_boards.py",  # as above
    "dashboards/boards/history.py": "dashboards/test_sql_files.py",  # statements, run on a history
    "dashboards/boards/lambda_health.py": "dashboards/boards/test_all_boards.py",  # as above
    "dashboards/boards/latency.py": "dashboards/boards/test_all_boards.py",  # as above
    "dashboards/boards/overview.py": "dashboards/boards/test_all_boards.py",  # as above
    "dashboards/boards/proxy.py": "dashboards/boards/test_all_boards.py",  # as above
    "dashboards/boards/upstreams.py": "dashboards/boards/test_all_boards.py",  # as above
    "dashboards/collector_metrics.py": "dashboards/boards/test_all_boards.py",  # names that expressions may use
    "dashboards/panel.py": "dashboards/test_rendering.py",  # fields without behaviour
    "dashboards/panel_builders.py": "dashboards/test_rendering.py",  # what they build, as Grafana takes it
    "proxy/commands/history/place.py": "proxy/commands/history/test_upkeep.py",  # what all of them take
    "proxy/finding.py": "proxy/test_checkup.py",  # one line of the report
    "proxy/telemetry/metric.py": "proxy/telemetry/test_metric_table.py",  # fields without behaviour
    "proxy/merged_snapshot.py": "proxy/test_catalogs.py",  # what a list of all accounts holds
    "proxy/local/account.py": "proxy/local/test_lambda_api.py",  # what the control plane tells
    "proxy/local/bootstrap.py": "proxy/local/test_invoking.py",  # runs only inside a function's own process
    "proxy/local/errors.py": "proxy/local/test_wire.py",  # become answers on the wire
    "proxy/local/failures.py": "proxy/local/test_invoking.py",  # payloads of functions that fail
    "proxy/local/insights/expressions.py": "proxy/local/insights/test_functions.py",  # operators
    "proxy/local/insights/lexer.py": "proxy/local/insights/test_compiler.py",  # refused words
    "proxy/local/insights/malformed.py": "proxy/local/insights/test_compiler.py",  # a refusal
    "proxy/local/insights/nodes.py": "proxy/local/insights/test_evaluation.py",  # a parsed query
    "proxy/local/insights/parser.py": "proxy/local/insights/test_compiler.py",  # refused commands
    "proxy/local/insights/periods.py": "proxy/local/insights/test_functions.py",  # of bin and its kin
    "proxy/local/insights/scope.py": "proxy/local/insights/test_evaluation.py",  # names in each command
    "proxy/local/insights/service.py": "proxy/local/test_logs_api.py",  # queries on the wire
    "proxy/local/insights/values.py": "proxy/local/insights/test_functions.py",  # how values are shown
    "proxy/local/log_groups.py": "proxy/local/test_logs_api.py",  # what DescribeLogGroups tells
    "proxy/local/loopback.py": "proxy/local/test_wire.py",  # the HTTP server under the endpoint
    "proxy/local/process.py": "proxy/local/test_environment.py",  # a function's process
    "proxy/local/runtime_api.py": "proxy/local/test_environment.py",  # spoken between the two
    "proxy/local/sessions.py": "proxy/local/test_sts_api.py",  # keys as sts hands them out
    "proxy/analysing/analysis_tool.py": "proxy/tools/test_analyze_cost.py",  # what the tools have in common
    "proxy/analysing/asked_time.py": "proxy/tools/test_analyze_cost.py",  # the time they are asked about
    "proxy/analysis_wiring.py": "proxy/test_wiring.py",  # the third part of the wiring
    "proxy/pictures/canvas.py": "proxy/pictures/test_terminal.py",  # what charts of characters are drawn on
    "proxy/pictures/picture.py": "proxy/pictures/test_files.py",  # what is drawn there
    "proxy/access/entrant.py": "proxy/access/test_verifier.py",  # what the verifier makes
    "proxy/account_wiring.py": "proxy/test_wiring.py",  # the part about accounts and regions
    "proxy/commands/calling.py": "proxy/commands/test_invoke.py",  # what every command that calls a tool does
    "proxy/monitoring/execution_data.py": "proxy/tools/test_monitor_executions.py",  # the answer, asserted whole there
    "proxy/monitoring/execution_notes.py": "proxy/tools/test_monitor_executions.py",  # each with what causes it
    "proxy/monitoring/execution_sources.py": "proxy/tools/test_monitor_executions.py",  # each asked, failing, kept
    "proxy/monitoring/execution_text.py": "proxy/tools/test_monitor_executions.py",  # the same in words
    "proxy/monitoring/executions.py": "proxy/tools/test_monitor_executions.py",  # one answer out of those sources
    "proxy/monitoring/fleet.py": "proxy/tools/test_monitor_fleet.py",  # what is asked for the table
    "proxy/monitoring/fleet_data.py": "proxy/tools/test_monitor_fleet.py",  # the table
    "proxy/monitoring_wiring.py": "proxy/test_wiring.py",  # the second half of the wiring
    "proxy/reconcile/look.py": "proxy/reconcile/test_reconciler.py",  # what one run does, asserted there
    "proxy/views/upstreams.py": "proxy/commands/test_upstreams.py",  # what `list` prints
    "proxy/upstreams/client_entry.py": "proxy/upstreams/test_importing.py",  # one server of a file
    "proxy/upstreams/client_references.py": "proxy/upstreams/test_importing.py",  # what stands in its values
    "proxy/upstreams/pointing.py": "proxy/commands/test_upstreams.py",  # what is printed at the end
    "proxy/upstreams/secrets.py": "proxy/upstreams/test_importing.py",  # what does not come back but by variables
    "proxy/upstreams/toml_text.py": "proxy/upstreams/test_importing.py",  # read back there
    "proxy/upstreams/keys.py": "proxy/upstreams/test_reading.py",  # a table, read there
    "proxy/upstreams/values.py": "proxy/upstreams/test_reading.py",  # how each key of it is read
    "proxy/setting.py": "proxy/test_settings.py",  # how each setting's text is read
    "proxy/settings_table.py": "proxy/test_settings.py",  # a table, read there
}


def modules() -> Iterator[tuple[str, Path]]:
    """Each module of ours as `proxy/steps/trace.py` with its path; sample functions are data of the demo."""
    for name, package in PACKAGES.items():
        for path in sorted(package.rglob("*.py")):
            inner = path.relative_to(package)
            if path.stem != "__init__" and inner.parts[:2] != ("local", "functions"):
                yield f"{name}/{inner.as_posix()}", path


@pytest.mark.parametrize("module", [name for name, _ in modules()])
def test_every_module_has_its_test_file_in_the_same_place(module: str) -> None:
    folder, _, name = module.rpartition("/")
    own = TESTS / folder / f"test_{name.replace('__', '')}"
    if module in TESTED_THROUGH:
        assert not own.exists(), f"{own.name} exists: take {module} off the list of exceptions"
        own = TESTS / TESTED_THROUGH[module]
    assert own.exists(), f"{module} has no {own.relative_to(ROOT)}"


def test_every_exception_is_a_module_that_exists() -> None:
    assert set(TESTED_THROUGH) <= {name for name, _ in modules()}


def imported(path: Path) -> set[str]:
    """Names of the modules a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_analytics_knows_nothing_of_the_proxy() -> None:
    # Whoever only reads a history installs and imports no MCP server with it.
    ours = [(name, path) for name, path in modules() if name.startswith("analytics/")]
    guilty = [name for name, path in ours if any(each.startswith("lambdascope_proxy") for each in imported(path))]
    assert ours
    assert guilty == []


def test_the_proxy_knows_the_dashboards_as_files_only() -> None:
    # What builds them needs Grafana's SDK, which nobody installs with the proxy.
    ours = [(name, path) for name, path in modules() if not name.startswith("dashboards/")]
    assert [
        name for name, path in ours if any(each.startswith("lambdascope_dashboards") for each in imported(path))
    ] == []


def test_only_the_demo_knows_the_local_aws() -> None:
    # Production code must run unchanged against it, so it must not know that it exists.
    users = {
        name
        for name, path in modules()
        if not name.startswith("proxy/local/")
        and any(each.startswith("lambdascope_proxy.local") for each in imported(path))
    }
    assert users == {"proxy/demo.py"}


def loaded_by(program: str, names: str) -> list[str]:
    """Which of these modules a fresh interpreter has loaded after the program."""
    tail = f"\nimport sys\nprint(*[name for name in {names.split()!r} if name in sys.modules])"
    child = subprocess.run(
        [sys.executable, "-c", program + tail], capture_output=True, text=True, timeout=60, check=True
    )
    return child.stdout.split()


def test_serving_begins_without_what_only_a_call_needs() -> None:
    heavy = "boto3 botocore duckdb pandas numpy aiohttp opentelemetry.sdk rich lambdascope_proxy.local"
    assert loaded_by("import lambdascope_proxy.serving, lambdascope_proxy.commands.serve", heavy) == []


def test_a_built_proxy_has_still_loaded_none_of_it() -> None:
    heavy = "boto3 botocore duckdb pandas numpy aiohttp opentelemetry.sdk rich"
    program = """
from lambdascope_proxy.serving import build_proxy
from lambdascope_proxy.settings import load_settings
build_proxy(load_settings({"FUNCTION_PREFIX": "a"}), {})
"""
    assert loaded_by(program, heavy) == []


def test_the_measure_of_what_is_loaded_can_fail() -> None:
    assert loaded_by("import decimal", "decimal duckdb") == ["decimal"]
