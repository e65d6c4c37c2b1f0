"""The checks behind `doctor`: one harmless AWS call for each permission, then the history and telemetry."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial

import anyio

from lambdascope_proxy.aws.discovery import discover
from lambdascope_proxy.aws.places import Place
from lambdascope_proxy.aws.roles import AssumedRole
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.finding import Finding, attempted
from lambdascope_proxy.history_checkup import examine_history
from lambdascope_proxy.monitoring_checkup import examine_looking, examine_spend
from lambdascope_proxy.schemas import SchemaUnusable
from lambdascope_proxy.selection import NOTHING_ALLOWED, Function
from lambdascope_proxy.targets.invoke_http import InvokeHttp, InvokeRequest
from lambdascope_proxy.telemetry_checkup import examine_telemetry
from lambdascope_proxy.upstream_checkup import examine_upstreams
from lambdascope_proxy.wiring import Proxy

SHOWN = 10
DRY_RUN_S = 20
UPSTREAMS_ONLY = Finding(subject="functions", status="ok", detail="none allowed: only upstreams are served")


def examine(proxy: Proxy, environ: Mapping[str, str]) -> list[Finding]:
    """Every finding, in the order a call meets what it is about."""
    return [
        *(_aws(proxy) if _calls_functions(proxy) else [UPSTREAMS_ONLY]),
        *examine_upstreams(proxy.settings.upstreams, proxy.scrub, proxy.toolbox.names),
        *examine_history(proxy.history_directory, proxy.settings),
        examine_spend(proxy.history_directory, datetime.now(UTC)),
        *examine_telemetry(proxy.telemetry.signals, environ),
    ]


def _calls_functions(proxy: Proxy) -> bool:
    return not (proxy.settings.upstreams and proxy.catalog.selection.is_empty)


def _aws(proxy: Proxy) -> Iterator[Finding]:
    clients = proxy.clients
    yield attempted("region", "fail", lambda: f"{clients.region}")
    identity = attempted("credentials", "fail", lambda: clients.reader("sts").get_caller_identity()["Arn"])
    yield identity
    if identity.status == "fail":
        return
    if proxy.catalog.selection.is_empty:
        yield Finding(subject="functions", status="fail", detail="none allowed", next_step=NOTHING_ALLOWED)
        return
    found: list[Function] = []
    yield attempted("functions", "fail", lambda: _describe_functions(proxy, found))
    yield attempted("permission tag:GetResources", "warn", lambda: _read_tags(proxy))
    if found:
        yield attempted("permission lambda:InvokeFunction", "fail", lambda: _dry_run(proxy, found[0]))
        yield from _schemas(proxy, found)
        yield from examine_looking(proxy.places, found[0])
    yield from _accounts(proxy)


def _accounts(proxy: Proxy) -> Iterator[Finding]:
    """Whether each role can be assumed, and what it shows."""
    for role in proxy.settings.role_arns:
        yield attempted(f"account {role.account_id}", "fail", partial(_describe_account, proxy, role))


def _describe_account(proxy: Proxy, role: AssumedRole) -> str:
    place = Place(region=proxy.clients.region, account_id=role.account_id)
    identity = proxy.places.reader("sts", place).get_caller_identity()["Arn"]
    found = discover(proxy.places.clients(place), proxy.catalog.selection, with_tags=False)
    return f"as {identity}: {_counted(found)}"


def _describe_functions(proxy: Proxy, found: list[Function]) -> str:
    selection = proxy.catalog.selection
    found.extend(discover(proxy.clients, selection, with_tags=bool(proxy.settings.schema_tag_key)))
    if not found:
        raise CallFailed(
            kind=OutcomeKind.NOT_FOUND,
            error_type="NoFunction",
            message=f"no function matches {selection.describe()}",
            hint="Check the setting and AWS_REGION.",
        )
    return _counted(found)


def _counted(found: Sequence[Function]) -> str:
    names = ", ".join(function.name for function in found[:SHOWN])
    return (
        f"{len(found)} may be called: {names}{', ...' if len(found) > SHOWN else ''}" if found else "none may be called"
    )


def _read_tags(proxy: Proxy) -> str:
    client = proxy.clients.reader("resourcegroupstaggingapi")
    client.get_resources(ResourceTypeFilters=["lambda:function"], ResourcesPerPage=1)
    return "allowed"


def _dry_run(proxy: Proxy, function: Function) -> str:
    anyio.run(_send_dry_run, proxy.http, function.name)
    return f"allowed (dry run of {function.name})"


async def _send_dry_run(http: InvokeHttp, name: str) -> None:
    """Through the client that serves, which reads proxies, certificates and credentials for itself."""
    async with aclosing(http):
        await http.invoke(
            InvokeRequest(function_name=name, payload=b"", invocation_type="DryRun", read_timeout_s=DRY_RUN_S)
        )


def _schemas(proxy: Proxy, found: list[Function]) -> Iterator[Finding]:
    key = proxy.settings.schema_tag_key
    tagged = [function for function in found if key and (function.tags or {}).get(key)]
    if not key:
        detail = "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY is not set: payloads are not checked"
        yield Finding(subject="input schemas", status="ok", detail=detail)
    elif not tagged:
        yield Finding(subject="input schemas", status="warn", detail=f"no function has the tag {key}")
    else:
        yield attempted("input schemas", "warn", lambda: _read_schema(proxy, tagged))


def _read_schema(proxy: Proxy, tagged: list[Function]) -> str:
    arn = proxy.schemas.arn_of(tagged[0])
    try:
        found = proxy.schemas.describe(arn)
    except SchemaUnusable as error:
        raise CallFailed(OutcomeKind.TOOL_ERROR, "SchemaUnusable", f"schema {arn}: {error}") from error
    return f"{len(tagged)} functions have one; read {found.arn}"
