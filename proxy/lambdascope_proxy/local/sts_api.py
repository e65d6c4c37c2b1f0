"""The Security Token Service: GetCallerIdentity and AssumeRole, in the query protocol."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from lambdascope_proxy.local.errors import AwsError, not_implemented
from lambdascope_proxy.local.sessions import Identity, Sessions
from lambdascope_proxy.local.wire import Answer, Request

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_KNOWN = {"Action", "Version", "RoleArn", "RoleSessionName", "ExternalId", "DurationSeconds"}


class StsApi:
    """Answers sts requests."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._operations: Mapping[str, Callable[[Identity, Mapping[str, str]], str]] = {
            "GetCallerIdentity": lambda caller, _: _identity(caller),
            "AssumeRole": self._assume_role,
        }

    def __call__(self, request: Request) -> Answer:
        """Answer one request."""
        form = parse_qs((request.body or b"").decode("latin-1"), keep_blank_values=True)
        asked = {name: values[0] for name, values in form.items()}
        action = asked.get("Action", "")
        if action not in self._operations:
            raise not_implemented(f"the sts action {action!r}")
        result = self._operations[action](self._sessions.identity_of(request), asked)
        body = (
            f'<{action}Response xmlns="{_NAMESPACE}"><{action}Result>{result}</{action}Result>'
            f"<ResponseMetadata><RequestId>{request.request_id}</RequestId></ResponseMetadata></{action}Response>"
        )
        return Answer(body=body.encode(), headers={"Content-Type": "text/xml"})

    def _assume_role(self, caller: Identity, asked: Mapping[str, str]) -> str:
        if unknown := sorted(asked.keys() - _KNOWN):
            raise not_implemented(f"AssumeRole with {', '.join(unknown)}")
        name = asked.get("RoleSessionName", "")
        if not _SESSION_NAME.fullmatch(name):
            raise AwsError("ValidationError", f"not a role session name: {name!r}")
        session = self._sessions.assume(caller, asked.get("RoleArn", ""), asked.get("ExternalId", ""), name)
        return (
            f"<AssumedRoleUser><Arn>{escape(session.identity.arn)}</Arn>"
            f"<AssumedRoleId>AROALOCALAWS:{escape(name)}</AssumedRoleId></AssumedRoleUser>"
            f"<Credentials><AccessKeyId>{session.access_key}</AccessKeyId>"
            f"<SecretAccessKey>{session.secret_key}</SecretAccessKey><SessionToken>{session.token}</SessionToken>"
            f"<Expiration>{session.expires_at.strftime('%Y-%m-%dT%H:%M:%SZ')}</Expiration></Credentials>"
        )


def _identity(caller: Identity) -> str:
    return f"<Arn>{escape(caller.arn)}</Arn><UserId>AIDALOCALAWS</UserId><Account>{caller.account_id}</Account>"
