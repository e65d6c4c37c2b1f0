"""The execution environments of all functions: warm ones are reused, concurrency is limited, none is left behind."""

import threading
import time
from collections import Counter
from collections.abc import Mapping

from lambdascope_proxy.local.account import Account, Target
from lambdascope_proxy.local.activity import ConcurrencyRecord
from lambdascope_proxy.local.environment import Environment, EnvironmentClosedError, Execution
from lambdascope_proxy.local.errors import AwsError, ThrottledError
from lambdascope_proxy.local.logs import InvocationRecord, Journal
from lambdascope_proxy.local.runtime_api import Event

MAX_CONCURRENCY = 64  # of the account; each is a process on this machine
MAX_IDLE = 32


class Fleet:
    """Runs invocations, each in an environment of its own for as long as it takes."""

    def __init__(self, account: Account, journal: Journal, aws_env: Mapping[str, str]) -> None:
        self._account = account
        self._journal = journal
        self._aws_env = aws_env
        self._lock = threading.Lock()
        self._idle: list[Environment] = []  # the most recently used one last
        self._busy: dict[Environment, Target] = {}
        self._closed = False

    def invoke(self, target: Target, event: Event) -> Execution:
        """Run one invocation. Raises: ThrottledError, or AwsError 503 while closing."""
        try:
            environment = self._acquire(target)
        except ThrottledError:
            self._journal.add_invocation(_throttled(target, event))
            raise
        try:
            return environment.invoke(event, target.qualifier)
        except EnvironmentClosedError:
            raise _closing() from None
        finally:
            self._release(environment)

    def retire(self, name: str) -> None:
        """Throw away the idle environments of a function; busy ones go when they have finished."""
        with self._lock:
            retired = [environment for environment in self._idle if environment.function.name == name]
            self._idle = [environment for environment in self._idle if environment.function.name != name]
        for environment in retired:
            environment.close()

    def close(self) -> None:
        """End every environment, and what runs in it."""
        with self._lock:
            self._closed = True
            environments = [*self._idle, *self._busy]
            self._idle = []
        for environment in environments:
            environment.close()

    def _acquire(self, target: Target) -> Environment:
        with self._lock:
            if self._closed:
                raise _closing()
            self._throttle(target)
            environment = self._take_idle(target) or self._create(target)
            self._busy[environment] = target
            self._note_concurrency(target)
            return environment

    def _throttle(self, target: Target) -> None:
        function = target.deployment.function
        running = Counter(environment.function.name for environment in self._busy)
        if function.reserved_concurrency is not None and running[function.name] >= function.reserved_concurrency:
            raise ThrottledError("ReservedFunctionConcurrentInvocationLimitExceeded")
        if running.total() >= MAX_CONCURRENCY:
            raise ThrottledError("ConcurrentInvocationLimitExceeded")

    def _note_concurrency(self, target: Target) -> None:
        name, busy = target.deployment.function.name, self._busy.values()
        same = [each.qualifier for each in busy if each.deployment.function.name == name]
        self._journal.activity.add_concurrency(
            ConcurrencyRecord(
                at_ms=time.time_ns() // 1_000_000,
                function_name=name,
                qualifier=target.qualifier,
                of_account=len(busy),
                of_unreserved=sum(each.deployment.function.reserved_concurrency is None for each in busy),
                of_function=len(same),
                of_qualifier=same.count(target.qualifier),
            )
        )

    def _take_idle(self, target: Target) -> Environment | None:
        for environment in reversed(self._idle):
            is_asked = environment.function is target.deployment.function and environment.version == target.version
            if is_asked and environment.is_reusable:  # its process may have ended while it was idle
                self._idle.remove(environment)
                return environment
        return None

    def _create(self, target: Target) -> Environment:
        return Environment(target.deployment.function, target.version, self._journal, aws_env=self._aws_env)

    def _release(self, environment: Environment) -> None:
        discarded: list[Environment] = []
        with self._lock:
            target = self._busy.pop(environment)
            self._note_concurrency(target)
            if environment.is_reusable and not self._closed and self._account.is_current(environment.function):
                self._idle.append(environment)
                if len(self._idle) > MAX_IDLE:
                    discarded.append(self._idle.pop(0))
            else:
                discarded.append(environment)
        for each in discarded:
            each.close()


def _closing() -> AwsError:
    return AwsError("ServiceException", "the local AWS is closing", 503)


def _throttled(target: Target, event: Event) -> InvocationRecord:
    return InvocationRecord(
        started_ms=time.time_ns() // 1_000_000,
        function_name=target.deployment.function.name,
        qualifier=target.qualifier,
        version=target.version,
        request_id=event.request_id,
        outcome="throttled",
    )
