"""Builds the tools that answer from the history; each asks a process of its own, which has DuckDB."""

from lambdascope_analytics.asking.questions import Questions
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.tool import Tool
from lambdascope_proxy.tools.analyze_cost import AnalyzeCost
from lambdascope_proxy.tools.analyze_errors import AnalyzeErrors
from lambdascope_proxy.tools.analyze_latency import AnalyzeLatency
from lambdascope_proxy.tools.compare_periods import ComparePeriods
from lambdascope_proxy.tools.forecast_cost import ForecastCost
from lambdascope_proxy.tools.recommend_settings import RecommendSettings


def build_analysis_tools(questions: Questions, catalogs: Catalogs) -> tuple[Tool, ...]:
    """Builds them, in the order in which they are listed; asks nothing yet."""
    return (
        AnalyzeCost(questions),
        ForecastCost(questions),
        AnalyzeLatency(questions),
        AnalyzeErrors(questions),
        ComparePeriods(questions),
        RecommendSettings(questions, catalogs),
    )
