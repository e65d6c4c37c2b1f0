"""Where things lie: what is shipped, and what `make stack` builds and leaves behind."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
COLLECTOR_FILE: Final = ROOT / "otel-collector.yaml"
COLLECTOR_OPTIONS: Final = ROOT / "collector"
PROMETHEUS_FILE: Final = ROOT / "compose" / "prometheus.yaml"
DASHBOARDS: Final = ROOT / "dashboards" / "lambdascope_dashboards" / "built"
RULES: Final = ROOT / "dashboards" / "lambdascope_dashboards" / "rules"
RULE_TESTS: Final = ROOT / "tests" / "dashboards" / "rules"
HERE: Final = ROOT / "stack"
CACHE: Final = ROOT / ".stack"
BIN: Final = CACHE / "bin"
