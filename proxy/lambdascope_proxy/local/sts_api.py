"""The Security Token Service: GetCallerIdentity, in the query protocol."""

from urllib.parse import parse_qs

from lambdascope_proxy.local.account import Account
from lambdascope_proxy.local.errors import not_implemented
from lambdascope_proxy.local.wire import Answer, Request


class StsApi:
    """Answers sts requests."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def __call__(self, request: Request) -> Answer:
        """Answer one request."""
        action = parse_qs((request.body or b"").decode("latin-1")).get("Action", [""])[0]
        if action != "GetCallerIdentity":
            raise not_implemented(f"the sts action {action!r}")
        account = self._account.account_id
        body = (
            '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
            f"<Arn>arn:aws:iam::{account}:user/local</Arn><UserId>AIDALOCALAWS</UserId><Account>{account}</Account>"
            f"</GetCallerIdentityResult><ResponseMetadata><RequestId>{request.request_id}</RequestId>"
            "</ResponseMetadata></GetCallerIdentityResponse>"
        )
        return Answer(body=body.encode(), headers={"Content-Type": "text/xml"})
