"""One region of one local account: what is deployed there, what runs there, what it logged, and who answers for it."""

from collections.abc import Iterable, Mapping, Sequence

from lambdascope_proxy.local.account import Account
from lambdascope_proxy.local.cloudwatch_api import CloudWatchApi
from lambdascope_proxy.local.events import EventQueue
from lambdascope_proxy.local.fleet import Fleet
from lambdascope_proxy.local.invoking import Invoking
from lambdascope_proxy.local.lambda_api import LambdaApi
from lambdascope_proxy.local.logs import Journal
from lambdascope_proxy.local.logs_api import LogsApi
from lambdascope_proxy.local.model import LocalFunction, LocalSchema
from lambdascope_proxy.local.schemas_api import SchemasApi
from lambdascope_proxy.local.sessions import Sessions
from lambdascope_proxy.local.sts_api import StsApi
from lambdascope_proxy.local.tagging_api import TaggingApi
from lambdascope_proxy.local.wire import Services


class Site:
    """Starts empty but for its schemas; functions may come and go at any time."""

    def __init__(
        self,
        account: Account,
        sessions: Sessions,
        aws_env: Mapping[str, str],
        *,
        event_retry_delays_s: Sequence[float],
    ) -> None:
        self.journal = Journal()
        self.log_group_classes: dict[str, str] = {}  # of the groups that are not STANDARD
        self._account = account
        self._fleet = Fleet(account, self.journal, aws_env)
        self._queue = EventQueue(event_retry_delays_s, self.journal.activity)
        self.services: Services = {
            "logs": LogsApi(account, self.journal, log_group_classes=self.log_group_classes),
            "lambda": LambdaApi(account, Invoking(account, self._fleet, self._queue)),
            "schemas": SchemasApi(account),
            "sts": StsApi(sessions),
            "tagging": TaggingApi(account),
            "monitoring": CloudWatchApi(self.journal),
        }

    def put(self, functions: Iterable[LocalFunction]) -> None:
        """Add or replace functions; calls under way end on the old ones."""
        for function in functions:
            self._account.put(function)
            self._fleet.retire(function.name)

    def put_schemas(self, schemas: Iterable[LocalSchema]) -> None:
        """Add or replace schemas."""
        self._account.schemas.update({(schema.registry, schema.name): schema for schema in schemas})

    def remove(self, name: str) -> None:
        """Delete a function. Raises: KeyError, if there is none of that name."""
        self._account.remove(name)
        self._fleet.retire(name)

    def close(self) -> None:
        """End every function; may be called twice."""
        self._fleet.close()
        self._queue.close()
