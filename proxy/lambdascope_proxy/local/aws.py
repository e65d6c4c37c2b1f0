"""The local AWS: Lambda, its schema registry, tags and identity on one loopback port, with functions that really run.

A stage for the demo and the tests, not an emulator of everything: what is not played is refused. The functions run as
the current user and without a sandbox. It differs from AWS on purpose in one place: an Event invocation that fails is
tried again after one and two seconds by default, not after about one and two minutes.
"""

import os
from collections.abc import Iterable, Sequence
from typing import Self

from lambdascope_proxy.local.account import Account
from lambdascope_proxy.local.cloudwatch_api import CloudWatchApi
from lambdascope_proxy.local.events import EventQueue
from lambdascope_proxy.local.fleet import Fleet
from lambdascope_proxy.local.invoking import Invoking
from lambdascope_proxy.local.lambda_api import LambdaApi
from lambdascope_proxy.local.logs import Journal
from lambdascope_proxy.local.loopback import HOST
from lambdascope_proxy.local.model import LocalFunction, LocalSchema
from lambdascope_proxy.local.schemas_api import SchemasApi
from lambdascope_proxy.local.sts_api import StsApi
from lambdascope_proxy.local.tagging_api import TaggingApi
from lambdascope_proxy.local.wire import Endpoint

_ENDPOINTS = ("", "_LAMBDA", "_STS", "_SCHEMAS", "_RESOURCE_GROUPS_TAGGING_API", "_CLOUDWATCH", "_CLOUDWATCH_LOGS")


class LocalAws:
    """One account in one region; a context manager that starts and closes it."""

    def __init__(
        self,
        functions: Iterable[LocalFunction],
        schemas: Iterable[LocalSchema] = (),
        *,
        region: str = "us-east-1",
        account_id: str = "123456789012",
        port: int = 0,
        event_retry_delays_s: Sequence[float] = (1, 2),
    ) -> None:
        self.journal = Journal()
        self._account = Account(schemas, region=region, account_id=account_id)
        for function in functions:
            self._account.put(function)
        self._endpoint = Endpoint({}, port)
        self._fleet = Fleet(self._account, self.journal, self._child_environment())
        self._queue = EventQueue(event_retry_delays_s)
        self._endpoint.services = {
            "lambda": LambdaApi(self._account, Invoking(self._account, self._fleet, self._queue)),
            "schemas": SchemasApi(self._account),
            "sts": StsApi(self._account),
            "tagging": TaggingApi(self._account),
            "monitoring": CloudWatchApi(self.journal),
        }

    @property
    def endpoint_url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self._endpoint.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._endpoint.start()

    def close(self) -> None:
        """Stop answering and end every function; may be called twice."""
        self._fleet.close()
        self._queue.close()
        self._endpoint.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def environment(self) -> dict[str, str]:
        """The variables that lead an AWS SDK here and nowhere else; AWS_PROFILE must not be set beside them."""
        bypass = ",".join(filter(None, (HOST, os.environ.get("NO_PROXY") or os.environ.get("no_proxy"))))
        return {**self._child_environment(), "NO_PROXY": bypass, "no_proxy": bypass}

    def _child_environment(self) -> dict[str, str]:
        return {
            **{f"AWS_ENDPOINT_URL{suffix}": self.endpoint_url for suffix in _ENDPOINTS},
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
            "AWS_REGION": self._account.region,
            "AWS_DEFAULT_REGION": self._account.region,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": "",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def executions(self, name: str) -> int:
        """How many times the function's code was really given an event."""
        return self.journal.executions(name)

    def put_function(self, function: LocalFunction) -> None:
        """Add or replace a function while running; calls under way end on the old one."""
        self._account.put(function)
        self._fleet.retire(function.name)

    def remove_function(self, name: str) -> None:
        """Delete a function while running. Raises: KeyError, if there is none of that name."""
        self._account.remove(name)
        self._fleet.retire(name)
