# With git, make and Python >= 3.11: `make demo` runs the main job, `make test` the tests.
PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.9
# The history works with DuckDB 1.5 as well, which is then taken from this folder.
OLD_DUCKDB := .duckdb-1.5.6
# Keeps both cores busy for a minute: by itself, so that the others are not disturbed.
STRESS := tests/analytics/store/test_compaction_under_stress.py
# MCP servers of others, which are installed first.
UPSTREAMS := tests/upstreams_real
# More than half of the time of all tests; they come after the others.
SLOW := tests/analytics/adhoc/test_child.py tests/analytics/adhoc/test_database.py \
  tests/analytics/adhoc/test_queries.py tests/analytics/analyses/test_change_points.py \
  tests/analytics/analyses/test_changes.py tests/analytics/analyses/test_comparing.py \
  tests/analytics/analyses/test_errors.py tests/analytics/analyses/test_forecast_model.py \
  tests/analytics/analyses/test_latency.py tests/analytics/asking/test_child.py \
  tests/analytics/asking/test_questions.py tests/analytics/portable/test_spark.py \
  tests/analytics/store/exchange/test_export.py tests/analytics/store/exchange/test_import_job.py \
  tests/analytics/store/forgetting/test_forget.py tests/analytics/store/lake/test_bucket.py \
  tests/analytics/store/lake/test_main.py tests/analytics/store/lake/test_uploader.py \
  tests/analytics/store/test_both_versions.py tests/analytics/store/test_calls_of_period.py \
  tests/analytics/store/test_compaction.py tests/analytics/store/test_failing_jobs.py \
  tests/analytics/store/test_frozen.py tests/analytics/store/test_integrity.py tests/analytics/store/test_merge_job.py \
  tests/analytics/store/test_prepare.py tests/analytics/store/test_publish.py tests/analytics/store/test_repair.py \
  tests/analytics/store/test_rollups.py tests/analytics/store/test_spool_job.py tests/analytics/store/test_upkeep.py \
  tests/analytics/test_frames.py tests/bench tests/interaction/test_access.py \
  tests/interaction/test_accounts_and_regions.py \
  tests/interaction/test_analysis_size.py tests/interaction/test_analyze_cost.py \
  tests/interaction/test_analyze_errors.py tests/interaction/test_analyze_latency.py \
  tests/interaction/test_aws_unavailable.py tests/interaction/test_bad_input.py tests/interaction/test_catalogue.py \
  tests/interaction/test_command_line.py tests/interaction/test_compare_periods.py \
  tests/interaction/test_history_out_of_reach.py tests/interaction/test_inspect_execution.py \
  tests/interaction/test_lifecycle.py tests/interaction/test_ministack.py tests/interaction/test_monitor_executions.py \
  tests/interaction/test_monitoring_bad_input.py tests/interaction/test_monitoring_budget.py \
  tests/interaction/test_monitoring_faults.py tests/interaction/test_monitoring_on_ministack.py \
  tests/interaction/test_monitoring_patience.py tests/interaction/test_odd_results.py \
  tests/interaction/test_privacy.py tests/interaction/test_query_history.py tests/interaction/test_query_logs.py \
  tests/interaction/test_recommend_settings.py tests/interaction/test_reconcile.py tests/interaction/test_telemetry_faults.py \
  tests/interaction/test_tool_list.py \
  tests/notebooks tests/proxy/commands/test_latency.py tests/proxy/commands/test_monitor.py tests/proxy/local/insights \
  tests/proxy/local/test_environment.py tests/proxy/reconcile/test_backfill.py tests/proxy/reconcile/test_thrift.py \
  tests/proxy/targets/test_invoke_like_boto3.py tests/proxy/test_cli.py tests/proxy/test_demo.py \
  tests/interaction/test_approval.py tests/interaction/test_budgets.py tests/interaction/test_fuzzed_messages.py \
  tests/interaction/test_guardrails.py tests/interaction/test_pins.py tests/interaction/test_wrap.py \
  tests/packaging/test_clients.py tests/proxy/commands/history/test_audit.py tests/proxy/iam/test_actions.py \
  tests/proxy/upstreams/test_asking.py tests/proxy/upstreams/test_forwarding.py tests/proxy/upstreams/test_offer.py \
  tests/proxy/test_serving.py

.PHONY: setup demo test test-slow upstreams fuzz conformance test-stress test-duckdb-1.5 check stack bench docs clean

setup: .venv/.synced

.venv/.synced: pyproject.toml uv.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	VIRTUAL_ENV= UV_PROJECT_ENVIRONMENT=.venv $(BIN)/uv sync --frozen --quiet
	touch $@

demo: setup
	$(BIN)/lambdascope demo

test: setup
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -n 3 --dist loadfile $(addprefix --ignore=,$(STRESS) $(SLOW) $(UPSTREAMS))
	$(BIN)/coverage combine --quiet
	@printf 'branch coverage, percent (at least 92): '; $(BIN)/coverage report --format=total --fail-under=92

test-slow: setup
	$(BIN)/python -m pytest -q -n 3 --dist loadfile $(SLOW)

# The servers of others by themselves and behind lambdascope; -rs prints what could not be installed, and why.
upstreams: setup
	$(BIN)/python -m pytest -q -rs $(UPSTREAMS)

# Many more broken messages than `make test` sends, and other ones each time.
fuzz: setup
	LAMBDASCOPE_FUZZ_EXAMPLES=1000 $(BIN)/python -m pytest -q tests/interaction/test_fuzzed_messages.py

# The official conformance suite, with a server's tools behind lambdascope; needs npm.
conformance: setup
	$(BIN)/python -m conformance

test-stress: setup
	$(BIN)/python -m pytest -q $(STRESS)

test-duckdb-1.5: setup $(OLD_DUCKDB)/.installed
	PYTHONPATH=$(OLD_DUCKDB) $(BIN)/python -c 'import duckdb; assert duckdb.__version__ == "1.5.6", duckdb.__version__'
	LAMBDASCOPE_BOTH_DUCKDB=1 PYTHONPATH=$(CURDIR)/$(OLD_DUCKDB) $(BIN)/python -m pytest -q -n 2 --dist loadfile --ignore $(STRESS) tests/analytics
	PYTHONPATH=$(CURDIR)/$(OLD_DUCKDB) $(BIN)/python -m pytest -q $(STRESS)

$(OLD_DUCKDB)/.installed: | setup
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target $(OLD_DUCKDB) --no-deps duckdb==1.5.6
	touch $@

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	VIRTUAL_ENV= $(BIN)/uv lock --check
	$(BIN)/python -m lambdascope_proxy.settings_page --check docs/settings.md
	$(BIN)/python -m lambdascope_proxy.telemetry.metrics_page --check docs/metrics.md
	$(BIN)/python -m lambdascope_dashboards --check
	sh tests/wheel.sh

# The real Collector and Prometheus, built with Go once, around the demo.
stack: setup
	$(BIN)/python -m stack

bench: setup
	$(BIN)/python -m bench

docs: setup
	$(BIN)/python -m lambdascope_proxy.settings_page docs/settings.md
	$(BIN)/python -m lambdascope_proxy.telemetry.metrics_page docs/metrics.md
	$(BIN)/python -m lambdascope_dashboards

clean:
	rm -rf .venv .bench .stack .conformance .upstreams $(OLD_DUCKDB) dist build .coverage*
