"""Every dashboard there is."""

from typing import Final

from lambdascope_dashboards.boards.cost import COST
from lambdascope_dashboards.boards.guardrails import GUARDRAILS
from lambdascope_dashboards.boards.history import HISTORY
from lambdascope_dashboards.boards.lambda_health import LAMBDA_HEALTH
from lambdascope_dashboards.boards.latency import LATENCY
from lambdascope_dashboards.boards.overview import OVERVIEW
from lambdascope_dashboards.boards.proxy import PROXY
from lambdascope_dashboards.boards.upstreams import UPSTREAMS
from lambdascope_dashboards.panel import Board

BOARDS: Final[tuple[Board, ...]] = (OVERVIEW, COST, LATENCY, LAMBDA_HEALTH, UPSTREAMS, GUARDRAILS, PROXY, HISTORY)
