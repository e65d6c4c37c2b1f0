"""What of the shipped Prometheus files is changed to run here: targets, paths and pace, and nothing else."""

from pathlib import Path

import pytest
import yaml
from stack.places import PROMETHEUS_FILE
from stack.prometheus import adapted, quickened

SHIPPED = yaml.safe_load(PROMETHEUS_FILE.read_text(encoding="utf-8"))
TARGETS = {"lambdascope": [1, 3], "otelcol": [2]}


def test_jobs_keep_all_but_their_targets() -> None:
    jobs = adapted(SHIPPED, TARGETS, [Path("r.yaml")])["scrape_configs"]
    assert [job.pop("static_configs") for job in jobs] == [
        [{"targets": ["127.0.0.1:1", "127.0.0.1:3"]}],
        [{"targets": ["127.0.0.1:2"]}],
    ]
    # Without it job and instance would be the Collector's, and every panel by service empty.
    assert jobs == [{"job_name": "lambdascope", "honor_labels": True}, {"job_name": "otelcol"}]


def test_a_job_that_is_not_run_here_is_told() -> None:
    with pytest.raises(KeyError, match="otelcol"):
        adapted(SHIPPED, {"lambdascope": [1]}, [])


def test_rules_are_evaluated_at_every_scrape() -> None:
    group = {"name": "g", "interval": "1m", "rules": [{"record": "a", "expr": "b"}]}
    assert quickened({"groups": [group]}) == {"groups": [{**group, "interval": "1s"}]}
