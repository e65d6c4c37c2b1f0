"""The policy holds what the code asks AWS for, and nothing else: by what is written, and by what is really sent."""

import ast
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from json import loads
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import botocore.session
import pytest
from botocore import xform_name

from lambdascope_proxy.cli import main
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.local import LocalAws, LocalRole
from lambdascope_proxy.local.demo import REGISTRY, SCHEMA_TAG, demo_functions, demo_schemas
from lambdascope_proxy.local.wire import Request

ROOT = Path(__file__).parents[3]
SOURCES = ("proxy/lambdascope_proxy", "analytics/lambdascope_analytics/store/lake")
# The name of the service in its model, and in IAM.
SERVICES = {
    "lambda": "lambda",
    "logs": "logs",
    "cloudwatch": "cloudwatch",
    "schemas": "schemas",
    "resourcegroupstaggingapi": "tag",
    "sts": "sts",
    "s3": "s3",
}
NAMED_OTHERWISE = {"lambda:Invoke": "lambda:InvokeFunction", "s3:HeadObject": "s3:GetObject"}
# Everybody may ask who he is; tags one by one are for roles that lack tag:GetResources.
NOT_GRANTED = {"sts:GetCallerIdentity", "lambda:ListTags"}
# Sent by botocore for us, and by S3.
INDIRECT = {"sts:AssumeRole", "kms:GenerateDataKey", "kms:Decrypt"}
ROLE = "arn:aws:iam::222222222222:role/reader"
SETTINGS = {
    "FUNCTION_PREFIX": "demo-",
    "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": SCHEMA_TAG,
    "LAMBDASCOPE_ROLE_ARNS": ROLE,
    "LAMBDASCOPE_HISTORY_S3_KMS_KEY": "alias/history",
    "LAMBDASCOPE_HISTORY_S3": "s3://my-lake/agents",
}
Enter = Callable[[Mapping[str, str]], None]


def action_of(service: str, operation: str) -> str:
    """The IAM action of an operation."""
    name = f"{SERVICES[service]}:{operation}"
    return NAMED_OTHERWISE.get(name, name)


def models() -> dict[str, Any]:
    """What botocore knows of each service."""
    session: Any = botocore.session.Session()
    return {service: session.get_service_model(service) for service in SERVICES}


def actions_written() -> set[str]:
    """The action of every operation whose method the sources name."""
    methods: dict[str, set[str]] = {}
    for service, model in models().items():
        for operation in model.operation_names:
            methods.setdefault(xform_name(operation), set()).add(action_of(service, operation))
    return {action for name in names_called() for action in methods.get(name, ())}


def names_called() -> Iterator[str]:
    """Every method called, and every name given to `get_paginator`."""
    for path in (path for source in SOURCES for path in (ROOT / source).rglob("*.py")):
        if "local" in path.relative_to(ROOT).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield node.func.attr
                if node.func.attr == "get_paginator":
                    yield ast.literal_eval(node.args[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request: what IAM would be asked, and for which resources."""

    action: str
    resources: tuple[str, ...]


class Recorder:
    """Notes what the local AWS is asked for."""

    def __init__(self) -> None:
        self.sent: set[Sent] = set()
        self._models = {model.signing_name: (service, model) for service, model in models().items()}

    def note(self, request: Request) -> None:
        """What this request asks for, as IAM sees it."""
        service, model = self._models[request.scope.service]
        body = (request.body or b"").decode("latin-1")
        if target := request.headers.get("x-amz-target"):
            operation = target.rpartition(".")[2]
            groups: list[str] = loads(body).get("logGroupNames") or [loads(body).get("logGroupName")]
            resources = [f"logs:{request.scope.region}:123456789012:log-group:{name}:*" for name in groups if name]
        elif "x-www-form-urlencoded" in request.headers.get("content-type", ""):
            asked = parse_qs(body)
            operation, resources = asked["Action"][0], asked.get("RoleArn", [])
        else:
            operation, resources = self._by_path(model, request)
        self.sent.add(Sent(action=action_of(service, operation), resources=tuple(resources)))

    @staticmethod
    def _by_path(model: Any, request: Request) -> tuple[str, list[str]]:
        for name in model.operation_names:
            http = model.operation_model(name).http
            pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(http["requestUri"].partition("?")[0]))
            match = re.fullmatch(pattern.rstrip("/") + "/?", request.path)
            if match and http["method"] == request.method:
                named = unquote(match.groupdict().get("FunctionName", ""))
                qualifier = f":{request.query['Qualifier']}" if "Qualifier" in request.query else ""
                arn = f"lambda:{request.scope.region}:123456789012:function:{named}{qualifier}"
                return name, [arn] if named else []
        raise AssertionError(f"{request.method} {request.path} is no operation of {model.service_name}")


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    """What was sent in this module."""
    return Recorder()


@pytest.fixture(scope="module")
def account(recorder: Recorder) -> Generator[LocalAws]:
    """The demo's account and a role of another, every request to which is noted."""
    with LocalAws(demo_functions(), demo_schemas(), roles=[LocalRole(arn=ROLE)]) as aws:
        meet = aws.faults.meet

        def note_and_meet(request: Request) -> None:
            recorder.note(request)
            meet(request)

        aws.faults.meet = note_and_meet
        yield aws


@pytest.fixture
def policy(account: LocalAws, enter: Enter, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The statements that the command prints for all that there is to set."""
    enter({**account.environment(), **SETTINGS})
    assert main(["iam-policy", "--account", "123456789012"]) == 0
    return loads(capsys.readouterr().out)["Statement"]


def many(value: str | list[str]) -> list[str]:
    """A list, of one if need be."""
    return [value] if isinstance(value, str) else value


def actions_granted(policy: list[dict[str, Any]]) -> set[str]:
    """Every action a policy names."""
    return {action for statement in policy for action in many(statement["Action"])}


def test_the_policy_has_the_action_of_every_operation_that_is_written_in_the_code_and_no_other(
    policy: list[dict[str, Any]],
) -> None:
    # Catches a new AWS call without its permission, and a permission whose call went away.
    assert actions_written() - NOT_GRANTED == actions_granted(policy) - INDIRECT


def use_everything(history: Path) -> None:
    """Lists, calls and looks at functions in every way that asks AWS something of its own."""
    at_home = "123456789012:us-east-1:"
    assert main(["functions", "--json"]) == 0
    assert main(["invoke", "demo-recommend-products", "--qualifier", "live"]) == 0
    # The first by name is what doctor tries, and the log of one that never ran is none to query.
    assert main(["invoke", "demo-charge-card", "--payload", '{"order_id": 1001}']) == 0
    assert main(["monitor", f"{at_home}demo-recommend-products", "--qualifier", "live"]) == 0
    assert main(["doctor"]) == 0
    nobody = "00000000-0000-0000-0000-000000000000"
    assert main(["inspect", nobody, "--function", f"{at_home}demo-charge-card"]) in {0, 1}
    assert history.is_dir()


def ask_for_a_schema_that_is_not_there() -> None:
    """The one operation no command leads to."""
    from lambdascope_proxy.settings import load_settings
    from lambdascope_proxy.wiring import build_proxy

    proxy = build_proxy(load_settings({**SETTINGS, "AWS_REGION": "us-east-1"}), {})
    with pytest.raises(CallFailed, match="no version"):
        proxy.schemas.describe(f"arn:aws:schemas:us-east-1:123456789012:schema/{REGISTRY}/OrderStatus", "99")


def test_the_policy_allows_each_request_that_is_sent_and_each_of_its_actions_is(
    account: LocalAws,
    recorder: Recorder,
    policy: list[dict[str, Any]],
    enter: Enter,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Catches resources that IAM would not match: a qualifier, another log group, a role.
    enter({**account.environment(), **SETTINGS, "LAMBDASCOPE_HISTORY_DIR": str(tmp_path)})
    use_everything(tmp_path)
    ask_for_a_schema_that_is_not_there()
    refused = [sent for sent in recorder.sent if sent.action not in NOT_GRANTED and not is_allowed(policy, sent)]
    assert refused == [], capsys.readouterr().err
    by_s3 = {action for action in actions_granted(policy) if action.startswith(("s3:", "kms:"))}
    assert {sent.action for sent in recorder.sent} - NOT_GRANTED == actions_granted(policy) - by_s3


def is_allowed(policy: list[dict[str, Any]], sent: Sent) -> bool:
    """Whether a statement allows the action on all of these resources."""
    patterns = [
        pattern
        for statement in policy
        if sent.action in many(statement["Action"])
        for pattern in many(statement["Resource"])
    ]
    wanted = [each if each.startswith("arn:") else f"arn:aws:{each}" for each in sent.resources]
    return bool(patterns) and all(any(fnmatchcase(arn, pattern) for pattern in patterns) for arn in wanted)


def test_the_check_of_requests_can_fail(policy: list[dict[str, Any]]) -> None:
    function = "lambda:us-east-1:123456789012:function:"
    assert is_allowed(policy, Sent(action="lambda:InvokeFunction", resources=(f"{function}demo-a:live",)))
    assert not is_allowed(policy, Sent(action="lambda:InvokeFunction", resources=(f"{function}payroll",)))
    assert not is_allowed(policy, Sent(action="lambda:DeleteFunction", resources=()))
