"""What reading the logs of functions takes: where functions are, who asks, and how much a question may scan."""

from dataclasses import dataclass
from datetime import datetime

from lambdascope_proxy.aws.places import Place
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.cloudwatch.insights import Insights, LogAnswer, LogQuery
from lambdascope_proxy.cloudwatch.log_groups import LogGroup, LogGroups, check_scan
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.reconcile.tally import Bills


@dataclass(frozen=True, slots=True, kw_only=True)
class LogAccess:
    """Asks Logs Insights within `max_scan_gb` a question; what it costs is added to the bills even if it fails."""

    catalogs: Catalogs
    insights: Insights
    log_groups: LogGroups
    max_scan_gb: float

    async def check(self, place: Place, group: str, window: Window, now: datetime) -> LogGroup:
        """The log group, if the window of it may be scanned. Raises: CallFailed."""
        found = await self.log_groups.describe(place, group)
        check_scan([found], window, now, self.max_scan_gb)
        return found

    async def ask(self, place: Place, query: LogQuery, bills: Bills) -> LogAnswer:
        """The answer of Logs Insights. Raises: CallFailed."""
        try:
            answer = await self.insights.run(place, query)
        except CallFailed as failed:
            bills.add(failed.bill)
            raise
        bills.add(answer.bill)
        return answer
