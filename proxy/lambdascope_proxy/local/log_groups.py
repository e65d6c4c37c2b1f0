"""Log groups of the local account: which exist, what they hold, and how callers name them.

Lambda makes the default group of a function at its first execution; a group named in the function's configuration was
made before by whoever named it.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from lambdascope_proxy.local.account import Account
from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.logs import Journal, KeptEvent

STANDARD = "STANDARD"
_ARN = re.compile(r"arn:aws[a-z-]*:logs:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):log-group:(?P<name>[^:*]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroup:
    """A log group as DescribeLogGroups tells it."""

    name: str
    created_ms: int
    log_class: str

    @property
    def has_discovery(self) -> bool:
        """Whether fields are discovered in its events."""
        return self.log_class == STANDARD


class LogGroups:
    """The groups of an account, with their events."""

    def __init__(self, account: Account, journal: Journal, classes: Mapping[str, str] | None = None) -> None:
        self._account = account
        self._journal = journal
        self._classes: Mapping[str, str] = {} if classes is None else classes  # which may change

    def all(self) -> list[LogGroup]:
        """Every group, by name."""
        created = dict(self._journal.groups())
        for deployment in self._account.deployments():
            if deployment.function.log_group:
                made_ms = int(deployment.modified.timestamp() * 1000)
                created[deployment.function.group] = min(made_ms, created.get(deployment.function.group, made_ms))
        return [
            LogGroup(name=name, created_ms=created_ms, log_class=self._classes.get(name, STANDARD))
            for name, created_ms in sorted(created.items())
        ]

    def find(self, identifier: str) -> LogGroup:
        """The group of a name or ARN. Raises: AwsError, if there is none."""
        match = _ARN.fullmatch(identifier)
        is_elsewhere = match and (match["region"], match["account"]) != (self._account.region, self._account.account_id)
        name = match["name"] if match else identifier
        group = next((group for group in self.all() if group.name == name), None)
        if group is None or is_elsewhere:
            raise AwsError("ResourceNotFoundException", f"Log group '{identifier}' does not exist for this account.")
        return group

    def sizes(self) -> Counter[str]:
        """The bytes of the messages in each group."""
        sizes: Counter[str] = Counter()
        for event in self._journal.events():
            sizes[event.group] += size_of(event.message)
        return sizes

    def events(self, group: LogGroup) -> list[KeptEvent]:
        """The events of a group, by time and, within a millisecond, as they were written."""
        return sorted(self._journal.kept(group.name), key=lambda kept: kept.event.timestamp_ms)

    def arn(self, group: LogGroup) -> str:
        """The ARN of a group, without the asterisk that some answers add."""
        return f"arn:aws:logs:{self._account.region}:{self._account.account_id}:log-group:{group.name}"

    def label(self, group: LogGroup) -> str:
        """What queries know as @log."""
        return f"{self._account.account_id}:{group.name}"


def size_of(message: str) -> int:
    """The bytes of a message."""
    return len(message.encode())
