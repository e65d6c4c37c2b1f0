"""AWS clients, made once each and only when first needed; the only place that imports boto3."""

import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.aws.certificates import trusted_certificates
from lambdascope_proxy.aws.invoke_config import InvokeConfig, settle_invoke
from lambdascope_proxy.aws.roles import AssumedRole, assumed_credentials
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed

if TYPE_CHECKING:
    import boto3
    import botocore.session

# As many as the largest pool of threads that share a client: botocore's does not block, it opens more and warns.
POOL = 16
# In the order botocore looks at them.
PROFILE_VARIABLES = ("AWS_DEFAULT_PROFILE", "AWS_PROFILE")


class Clients:
    """Lazily made boto3 clients that share one session. Thread-safe; clients are made under a lock.

    A `profile` goes before access keys in the environment. Without one boto3 chooses, as AWS's own tools do: such keys
    first, then the profile the environment names. `credentials`, asked for when first needed, go before all of these.
    """

    def __init__(
        self,
        *,
        region: str,
        profile: str,
        on_import: Callable[[], None] | None = None,
        credentials: Callable[[], Any] | None = None,
    ) -> None:
        self._region = region
        self._profile = profile
        self._on_import = on_import
        self._credentials = credentials
        self._lock = threading.RLock()
        self._session: boto3.Session | None = None
        self._core: botocore.session.Session | None = None
        self._made: dict[str, Any] = {}
        self._assumed: dict[AssumedRole, Any] = {}

    @property
    def region(self) -> str:
        """The region in force; CallFailed when none is configured."""
        with _told_what_to_check():
            region = self._open_session().region_name
        if not region:
            raise CallFailed(OutcomeKind.AWS_ERROR, "NoRegion", "No AWS region is configured.", "Set AWS_REGION.")
        return region

    def reader(self, service: str) -> Any:
        """A client for reads of the control plane, which botocore may retry.

        Raises: CallFailed for configuration that cannot be used, and what boto3 raises.
        """
        region = self.region
        with self._lock:
            if service not in self._made:
                with _told_what_to_check():
                    self._made[service] = self._make(service, region)
            return self._made[service]

    def invoke_config(self) -> InvokeConfig:
        """Everything Invoke needs, resolved by boto3. Raises as `reader` does, NoCredentialsError among it."""
        from botocore.exceptions import NoCredentialsError

        client = self.reader("lambda")
        assert self._core is not None
        credentials = self._core.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        with _told_what_to_check():
            return settle_invoke(client, self._core, credentials)

    def assume(self, role: AssumedRole) -> Any:
        """Credentials of the role, the same for all who ask; see `assumed_credentials` for what they raise."""
        region = self.region
        with self._lock:
            if role not in self._assumed:
                self._assumed[role] = assumed_credentials(self._core, role, region)
            return self._assumed[role]

    def _make(self, service: str, region: str) -> Any:
        from botocore.config import Config
        from botocore.exceptions import NoCredentialsError

        session: Any = self._open_session()  # the stubs want a literal service name
        if session.get_credentials() is None:
            # A client made now would never have any: none is kept, so that the next call looks again.
            raise NoCredentialsError
        config = Config(
            connect_timeout=10,
            read_timeout=20,
            retries={"total_max_attempts": 3, "mode": "standard"},
            max_pool_connections=POOL,
            # Our own code writes the metric queries; to check 500 of them takes botocore 20 ms.
            parameter_validation=service != "cloudwatch",
        )
        client = session.client(service, region_name=region, config=config)
        if client.meta.endpoint_url.startswith("https:"):
            # botocore would find out only while it sends, and not say which file it missed.
            trusted_certificates(self._core)
        return client

    def _open_session(self) -> "boto3.Session":
        with self._lock:
            if self._session is None:
                import boto3
                import botocore.session

                if self._on_import:
                    self._on_import()
                # botocore takes an empty variable, as Compose files leave it, for a profile without a name.
                named = [name for name in PROFILE_VARIABLES if os.environ.get(name)]
                variables: Any = {"profile": (None, named, None, None)}
                self._core = botocore.session.Session(session_vars=variables, profile=self._profile or None)
                if self._credentials:
                    self._core.register_component("credential_provider", _Only(self._credentials))
                self._session = boto3.Session(botocore_session=self._core, region_name=self._region or None)
            return self._session


class _Only:
    """In place of botocore's chain of credential providers: only these."""

    def __init__(self, credentials: Callable[[], Any]) -> None:
        self.load_credentials = credentials


@contextmanager
def _told_what_to_check() -> Generator[None]:
    """Configuration that botocore cannot read is a bare ValueError there; here it says where to look."""
    try:
        yield
    except ValueError as error:
        raise CallFailed(
            OutcomeKind.AWS_ERROR,
            "InvalidAwsConfiguration",
            f"The AWS configuration cannot be used: {str(error).rstrip('.')}.",
            "Check AWS_REGION, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE> (URLs begin with http:// or https://), "
            "then HTTPS_PROXY, the other AWS_* variables and the AWS config file.",
        ) from error
