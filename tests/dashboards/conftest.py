"""The dashboards as they are committed: what Grafana gets."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]
BUILT = Path(__file__).parents[2] / "dashboards" / "lambdascope_dashboards" / "built"


def read(path: Path) -> Json:
    return json.loads(path.read_text(encoding="utf-8"))


def with_inner(panels: list[Json]) -> list[Json]:
    """Panels and rows, those within folded rows too."""
    return [each for panel in panels for each in (panel, *with_inner(panel.get("panels", [])))]


@pytest.fixture(scope="session")
def dashboards() -> Mapping[str, Json]:
    return {path.stem: read(path) for path in sorted(BUILT.glob("*.json"))}


@pytest.fixture(params=sorted(path.stem for path in BUILT.glob("*.json")))
def dashboard(request: pytest.FixtureRequest, dashboards: Mapping[str, Json]) -> Json:
    return dashboards[request.param]


@pytest.fixture
def boxes(dashboard: Json) -> list[Json]:
    """Its panels and rows, those of folded rows too."""
    return with_inner(dashboard["panels"])


@pytest.fixture
def panels(boxes: list[Json]) -> list[Json]:
    """Its panels, each of which asks something."""
    return [box for box in boxes if box["type"] != "row"]


@pytest.fixture
def exprs(panels: list[Json]) -> dict[str, str]:
    """Its PromQL, by the panel's title and the query's letter."""
    return {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in panels
        for target in panel["targets"]
        if target["datasource"]["type"] == "prometheus"
    }


@pytest.fixture(scope="session")
def asked(dashboards: Mapping[str, Json]) -> list[tuple[str, Json]]:
    """Every panel of all dashboards, with where it stands."""
    return [
        (f"{name}: {box['title']}", box)
        for name, each in dashboards.items()
        for box in with_inner(each["panels"])
        if box["type"] != "row"
    ]
