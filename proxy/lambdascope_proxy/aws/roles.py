"""Roles that open further accounts: how they are written in a setting, and the credentials botocore keeps for them."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from lambdascope_proxy.aws.failures import failure_of
from lambdascope_proxy.errors import CallFailed

SESSION_NAME = "lambdascope"
_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/[\w+=,.@/-]{1,512}", re.ASCII)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)  # as the service model has it
_EXAMPLE = "arn:aws:iam::222222222222:role/reader?external_id=..."


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumedRole:
    """A role whose account is looked at as well; its trust policy may ask for an external id."""

    arn: str
    external_id: str = field(default="", repr=False)

    @property
    def account_id(self) -> str:
        """The account the role belongs to."""
        return self.arn.split(":")[4]


def read_roles(text: str) -> tuple[AssumedRole, ...]:
    """The roles of a comma-separated list; a comma inside an external id is written %2C.

    Raises: ValueError that says what is wrong; it never quotes an external id.
    """
    roles = tuple(_read_role(entry.strip()) for entry in text.split(",") if entry.strip())
    for account_id, count in Counter(role.account_id for role in roles).items():
        if count > 1:
            raise ValueError(f"account {account_id} has {count} roles: name one role for each account")
    return roles


def _read_role(entry: str) -> AssumedRole:
    arn, mark, query = entry.partition("?")
    if not _ARN.fullmatch(arn):
        raise ValueError(f"{arn!r} is not the ARN of a role: write {_EXAMPLE}")
    name, _, value = query.partition("=")
    if mark and name != "external_id":
        raise ValueError(f"{arn} is followed by {name!r}: only ?external_id=... may follow a role")
    external_id = unquote(value)
    if mark and not _EXTERNAL_ID.fullmatch(external_id):
        raise ValueError(f"the external id of {arn} must be 2 to 1224 letters, digits or _+=,.@:/-")
    return AssumedRole(arn=arn, external_id=external_id)


def assumed_credentials(core: Any, role: AssumedRole, region: str) -> Any:
    """Credentials of the role, which botocore fetches when first used, with those of the session, and renews.

    Using them raises CallFailed(access_denied) that names sts:AssumeRole and the role when AWS refuses it, and what
    `failure_of` makes of any other reason. Raises: NoCredentialsError, when the session has none.
    """
    from botocore.config import Config
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
    from botocore.exceptions import NoCredentialsError

    source = core.get_credentials()
    if source is None:
        raise NoCredentialsError
    config = Config(connect_timeout=10, read_timeout=20, retries={"total_max_attempts": 3, "mode": "standard"})

    def make_client(service: str, **keys: Any) -> Any:
        return core.create_client(service, region_name=region, config=config, **keys)

    named = {"RoleSessionName": SESSION_NAME, **({"ExternalId": role.external_id} if role.external_id else {})}
    fetcher = AssumeRoleCredentialFetcher(make_client, source, role.arn, extra_args=named)

    def fetch() -> Any:
        try:
            return fetcher.fetch_credentials()
        except Exception as error:
            raise _not_assumed(error, role) from error

    return DeferredRefreshableCredentials(fetch, "assume-role")


def _not_assumed(error: Exception, role: AssumedRole) -> CallFailed:
    failed = failure_of(error, f"assuming {role.arn} (sts:AssumeRole)")
    if not failed.failure.error_type.startswith("AccessDenied"):
        return failed
    return CallFailed(
        failed.kind,
        "AssumeRoleDenied",
        str(failed),
        "Check LAMBDASCOPE_ROLE_ARNS: the role must exist, its trust policy must name the identity lambdascope runs "
        "with and the external id, and that identity needs sts:AssumeRole on it.",
    )
