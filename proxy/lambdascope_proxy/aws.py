"""AWS clients, made once each and only when first needed; the only place that imports boto3."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_lambda import LambdaClient

# A client's read timeout must exceed the function's, or botocore gives up and the function runs again unseen.
# Few classes of timeout keep few clients (and their connections) while a short function still fails fast.
READ_TIMEOUTS_S = (30, 75, 315, 915, 5415)
TIMEOUT_MARGIN_S = 10


def read_timeout_for(function_timeout_s: int) -> int:
    """The read timeout for a function with this timeout, both in seconds."""
    enough = (limit for limit in READ_TIMEOUTS_S if limit >= function_timeout_s + TIMEOUT_MARGIN_S)
    return next(enough, function_timeout_s + TIMEOUT_MARGIN_S)


class Clients:
    """Lazily made boto3 clients that share one session. Thread-safe; clients are made under a lock."""

    def __init__(
        self,
        *,
        region: str,
        profile: str,
        pool_size: int,
        on_lambda_client: Callable[[Any], None] | None = None,
        on_import: Callable[[], None] | None = None,
    ) -> None:
        self._region = region
        self._profile = profile
        self._pool_size = pool_size
        self._on_lambda_client = on_lambda_client
        self._on_import = on_import
        self._lock = threading.Lock()
        self._session: boto3.Session | None = None
        self._made: dict[tuple[str, int], Any] = {}

    def invoker(self, function_timeout_s: int) -> "LambdaClient":
        """A Lambda client that waits long enough for this function and never sends a request twice."""
        return self._client("lambda", read_timeout_for(function_timeout_s), attempts=1)

    def reader(self, service: str) -> Any:
        """A client for control-plane reads, which botocore may retry."""
        return self._client(service, 20, attempts=3)

    @property
    def region(self) -> str:
        """The region in force; CallFailed when none is configured."""
        region = self._open_session().region_name
        if not region:
            raise CallFailed(OutcomeKind.AWS_ERROR, "NoRegion", "No AWS region is configured.", "Set AWS_REGION.")
        return region

    def _client(self, service: str, read_timeout_s: int, attempts: int) -> Any:
        key = (service, read_timeout_s)
        if (made := self._made.get(key)) is not None:
            return made
        region = self.region
        with self._lock:
            if key not in self._made:
                self._made[key] = self._make(service, region, read_timeout_s, attempts)
        return self._made[key]

    def _make(self, service: str, region: str, read_timeout_s: int, attempts: int) -> Any:
        from botocore.config import Config

        session: Any = self._session  # the stubs want a literal service name
        client: Any = session.client(
            service,
            region_name=region,
            config=Config(
                connect_timeout=10,
                read_timeout=read_timeout_s,
                retries={"total_max_attempts": attempts, "mode": "standard"},
                max_pool_connections=self._pool_size,
                tcp_keepalive=True,
                user_agent_extra="lambdascope",
            ),
        )
        if service == "lambda" and attempts == 1 and self._on_lambda_client:
            self._on_lambda_client(client)
        return client

    def _open_session(self) -> "boto3.Session":
        with self._lock:
            if self._session is None:
                import boto3

                if self._on_import:
                    self._on_import()
                self._session = boto3.Session(profile_name=self._profile or None, region_name=self._region or None)
            return self._session
