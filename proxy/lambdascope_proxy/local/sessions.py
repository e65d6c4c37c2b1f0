"""Who signs a request: the local account itself, another one by its own key, or a role for as long as its session."""

import re
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.model import LocalRole
from lambdascope_proxy.local.wire import Request

_OWN_KEY = re.compile(r"local(?P<account>\d{12})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom a signature stands for."""

    account_id: str
    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Temporary keys, and the identity they stand for."""

    identity: Identity
    role_arn: str
    access_key: str
    secret_key: str
    token: str
    expires_at: datetime


def own_key(account_id: str) -> str:
    """The access key that stands for an account without any role."""
    return f"local{account_id}"


class Sessions:
    """The roles there are and the keys handed out for them. Keys nobody handed out stand for the home account."""

    def __init__(self, home_account_id: str, roles: Iterable[LocalRole], now: Callable[[], datetime]) -> None:
        self._home_account_id = home_account_id
        self._roles = {role.arn: role for role in roles}
        self._now = now
        self._open: dict[str, Session] = {}
        self._lock = threading.Lock()

    def assume(self, caller: Identity, role_arn: str, external_id: str, name: str) -> Session:
        """Begin a session. Raises: AwsError, which like AWS does not tell a missing role from a wrong external id."""
        with self._lock:
            role = self._roles.get(role_arn)
            if role is None or role.external_id not in {"", external_id}:
                message = f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
                raise AwsError("AccessDenied", message, 403)
            session = self._begin(role, name)
            self._open[session.access_key] = session
            return session

    def identity_of(self, request: Request) -> Identity:
        """Whom the request's signature stands for. Raises: AwsError, for keys that are no longer good."""
        key = request.scope.access_key
        own = _OWN_KEY.fullmatch(key)
        if not key.startswith("ASIA"):
            account_id = own["account"] if own else self._home_account_id
            return Identity(account_id=account_id, arn=f"arn:aws:iam::{account_id}:user/local")
        with self._lock:
            session = self._open.get(key)
            is_known = session is not None and session.role_arn in self._roles
        if session is None or not is_known or request.headers.get("x-amz-security-token") != session.token:
            raise _refused(request, "UnrecognizedClientException", "invalid")
        if self._now() >= session.expires_at:
            raise _refused(request, "ExpiredTokenException", "expired")
        return session.identity

    def remove_role(self, arn: str) -> None:
        """Delete a role; its sessions are no longer good. Raises: KeyError, if there is none of that ARN."""
        with self._lock:
            del self._roles[arn]

    def forget(self) -> None:
        """Have every session that is open end now."""
        with self._lock:
            self._open.clear()

    def _begin(self, role: LocalRole, name: str) -> Session:
        unique = uuid.uuid4().hex.upper()
        role_name = role.arn.rpartition("/")[2]
        arn = f"arn:aws:sts::{role.account_id}:assumed-role/{role_name}/{name}"
        return Session(
            identity=Identity(account_id=role.account_id, arn=arn),
            role_arn=role.arn,
            access_key=f"ASIA{unique[:16]}",
            secret_key=unique,
            token=f"token-{uuid.uuid4().hex}",
            expires_at=self._now() + timedelta(seconds=role.session_s),
        )


def _refused(request: Request, code: str, how: str) -> AwsError:
    # The query protocol has names of its own for these.
    is_sts = request.scope.service == "sts"
    names = {"UnrecognizedClientException": "InvalidClientTokenId", "ExpiredTokenException": "ExpiredToken"}
    return AwsError(names[code] if is_sts else code, f"The security token included in the request is {how}.", 403)
