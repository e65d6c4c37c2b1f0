"""The local AWS: Lambda, its registry, tags, metrics and identity on one loopback port, with functions that really run.

A stage for the demo and the tests, not an emulator of everything: what is not played is refused. The functions run as
the current user and without a sandbox. It differs from AWS on purpose in one place: an Event invocation that fails is
tried again after one and two seconds by default, not after about one and two minutes.

Behind the port are as many regions and accounts as are asked for: the signature's scope names the region, its access
key the account. Those where nothing was deployed are empty.
"""

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Self

from lambdascope_proxy.local.account import Account
from lambdascope_proxy.local.faults import Faults
from lambdascope_proxy.local.logs import Journal
from lambdascope_proxy.local.loopback import HOST
from lambdascope_proxy.local.model import LocalFunction, LocalRole, LocalSchema
from lambdascope_proxy.local.sessions import Sessions, own_key
from lambdascope_proxy.local.site import Site
from lambdascope_proxy.local.wire import Endpoint, Request, Services

_ENDPOINTS = ("", "_LAMBDA", "_STS", "_SCHEMAS", "_RESOURCE_GROUPS_TAGGING_API", "_CLOUDWATCH", "_CLOUDWATCH_LOGS")


class LocalAws:
    """A home (one account in one region) and whatever lies elsewhere; a context manager that starts and closes it."""

    def __init__(
        self,
        functions: Iterable[LocalFunction],
        schemas: Iterable[LocalSchema] = (),
        *,
        region: str = "us-east-1",
        account_id: str = "123456789012",
        port: int = 0,
        event_retry_delays_s: Sequence[float] = (1, 2),
        roles: Iterable[LocalRole] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.faults = Faults()
        self._region = region
        self._account_id = account_id
        self._event_retry_delays_s = event_retry_delays_s
        self._sites: dict[tuple[str, str], Site] = {}
        self._lock = threading.Lock()
        self._sessions = Sessions(account_id, roles, now)
        self._endpoint = Endpoint(self._services_for, port)
        try:
            self.deploy(functions, schemas)
        except ValueError:
            self.close()
            raise

    def _services_for(self, request: Request) -> Services:
        self.faults.meet(request)
        return self._site(request.scope.region, self._sessions.identity_of(request).account_id).services

    def _site(self, region: str | None, account_id: str | None) -> Site:
        region, account_id = region or self._region, account_id or self._account_id
        with self._lock:
            if (account_id, region) not in self._sites:
                account = Account((), region=region, account_id=account_id)
                environment = self._child_environment(region, account_id)
                site = Site(account, self._sessions, environment, event_retry_delays_s=self._event_retry_delays_s)
                self._sites[account_id, region] = site
            return self._sites[account_id, region]

    @property
    def endpoint_url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self._endpoint.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._endpoint.start()

    def close(self) -> None:
        """Stop answering and end every function; may be called twice."""
        for site in list(self._sites.values()):
            site.close()
        self._endpoint.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def environment(self) -> dict[str, str]:
        """The variables that lead an AWS SDK here and nowhere else; AWS_PROFILE must not be set beside them."""
        bypass = ",".join(filter(None, (HOST, os.environ.get("NO_PROXY") or os.environ.get("no_proxy"))))
        return {**self._child_environment(self._region, self._account_id), "NO_PROXY": bypass, "no_proxy": bypass}

    def _child_environment(self, region: str, account_id: str) -> dict[str, str]:
        return {
            **{f"AWS_ENDPOINT_URL{suffix}": self.endpoint_url for suffix in _ENDPOINTS},
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": "local" if account_id == self._account_id else own_key(account_id),
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": "",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    @property
    def journal(self) -> Journal:
        """What happened at home."""
        return self.journal_at()

    def journal_at(self, region: str | None = None, account_id: str | None = None) -> Journal:
        """What happened in a region of an account, by default home's."""
        return self._site(region, account_id).journal

    def executions(self, name: str) -> int:
        """How many times the function's code was really given an event."""
        return self.journal.executions(name)

    def deploy(
        self,
        functions: Iterable[LocalFunction],
        schemas: Iterable[LocalSchema] = (),
        *,
        region: str | None = None,
        account_id: str | None = None,
    ) -> None:
        """Add or replace functions and schemas, in any region of any account, by default home."""
        site = self._site(region, account_id)
        site.put(functions)
        site.put_schemas(schemas)

    def put_function(self, function: LocalFunction) -> None:
        """Add or replace a function while running; calls under way end on the old one."""
        self.deploy([function])

    def remove_function(self, name: str) -> None:
        """Delete a function while running. Raises: KeyError, if there is none of that name."""
        self._site(None, None).remove(name)

    def set_log_group_class(self, group: str, log_class: str) -> None:
        """Have a log group at home be of another class than STANDARD."""
        self._site(None, None).log_group_classes[group] = log_class

    def remove_role(self, arn: str) -> None:
        """Delete a role while running, and with it the keys handed out for it. Raises: KeyError, if there is none."""
        self._sessions.remove_role(arn)

    def end_sessions(self) -> None:
        """Have the keys handed out so far be no longer good, as if their time were over."""
        self._sessions.forget()
