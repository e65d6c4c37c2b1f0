"""The statements that the settings in force need, each with its reason. Pure.

Which action takes which resource and condition: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lambdascope_proxy.aws.roles import AssumedRole
from lambdascope_proxy.iam.lake import lake_statements
from lambdascope_proxy.iam.scope import Scope
from lambdascope_proxy.iam.statement import Conditions, Statement, literal
from lambdascope_proxy.selection import Selection
from lambdascope_proxy.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a policy is wanted for: the functions, where they are, and which of the rest is used."""

    selection: Selection
    scope: Scope
    has_schemas: bool
    monitors: bool
    log_groups: tuple[str, ...] = ()


def account_statements(asked: Asked) -> Iterator[Statement]:
    """What it takes in one account to find its functions, call them and look at them."""
    if asked.selection.is_empty:
        return
    yield from _calling(asked)
    if asked.has_schemas:
        yield _schemas(asked.scope)
    if asked.monitors:
        yield from _monitoring(asked)


def home_statements(asked: Asked, settings: Settings) -> tuple[Statement, ...]:
    """All that the identity needs which lambdascope runs with."""
    roles = [_roles(settings.role_arns)] if settings.role_arns and not asked.selection.is_empty else []
    return (*account_statements(asked), *roles, *lake_statements(settings, asked.scope))


def _calling(asked: Asked) -> Iterator[Statement]:
    selection, scope = asked.selection, asked.scope
    functions = scope.arns("lambda", _with_qualifiers(selection))
    yield Statement(
        sid="CallTheFunctions",
        actions=("lambda:InvokeFunction",),
        resources=functions,
        conditions=_tagged(selection),
        purpose="calls, on exactly the functions that the settings allow, and their versions and aliases",
        without="nothing can be called",
    )
    yield Statement(
        sid="ReadVersions",
        actions=("lambda:GetFunctionConfiguration",),
        resources=functions,
        # Functions of a list are read before anybody knows their tags.
        conditions={} if selection.is_names_only else _tagged(selection),
        purpose=_reading_purpose(selection),
        without=_without_reading(selection),
    )
    if not selection.is_names_only:
        yield _listing(scope)
    yield _tags(selection, scope, has_schemas=asked.has_schemas)


def _reading_purpose(selection: Selection) -> str:
    of_versions = "timeout, memory and architecture of a version or alias that is called"
    return f"finding the functions of FUNCTION_LIST; {of_versions}" if selection.is_names_only else of_versions


def _without_reading(selection: Selection) -> str:
    if selection.is_names_only:
        return "no function is found"
    return "a call with a qualifier waits 900 s for an answer, and its price assumes what $LATEST has"


def _listing(scope: Scope) -> Statement:
    return Statement(
        sid="FindThem",
        actions=("lambda:ListFunctions",),
        resources=("*",),
        conditions=scope.in_its_regions,
        purpose="finding the functions; AWS lists all of an account or none",
        without="no function is found; a FUNCTION_LIST alone does without",
    )


def _tags(selection: Selection, scope: Scope, *, has_schemas: bool) -> Statement:
    is_needed = bool(selection.tag_key or has_schemas)
    return Statement(
        sid="ReadTags",
        actions=("tag:GetResources",),
        resources=("*",),
        conditions=scope.in_its_regions,
        purpose="the tags that choose functions or name schemas" if is_needed else "tags, as list_functions shows them",
        without=f"{'calls fail' if is_needed else 'tags are null'}, unless lambda:ListTags on the functions is allowed",
    )


def _schemas(scope: Scope) -> Statement:
    return Statement(
        sid="ReadSchemas",
        actions=("schemas:DescribeSchema", "schemas:ListSchemaVersions"),
        resources=scope.arns("schemas", ["schema/*"]),
        purpose="input schemas; narrow it to your registry: schema/REGISTRY/*",
        without="payloads are not checked before the paid call, and agents see no schema",
    )


def _monitoring(asked: Asked) -> Iterator[Statement]:
    selection, scope = asked.selection, asked.scope
    yield Statement(
        sid="ReadMetrics",
        actions=("cloudwatch:GetMetricData",),
        resources=("*",),
        conditions=scope.in_its_regions,
        purpose="metrics, in monitor_executions and monitor_fleet",
        without="these answer from the logs and the history alone",
    )
    yield Statement(
        sid="ReadLogs",
        actions=("logs:StartQuery", "logs:FilterLogEvents"),
        resources=scope.arns("logs", _log_groups(selection, asked.log_groups)),
        purpose="log lines, errors and what asynchronous calls took; a log group of one's own: --log-group",
        without="no log lines, and asynchronous calls stay without duration and cost",
    )
    yield Statement(
        sid="FollowLogQueries",
        actions=("logs:DescribeLogGroups", "logs:GetQueryResults", "logs:StopQuery"),
        resources=("*",),
        conditions=scope.in_its_regions,
        purpose="what a Logs Insights query may scan, its rows, and stopping it",
        without="as without ReadLogs",
    )
    yield from _limits(asked)


def _limits(asked: Asked) -> Iterator[Statement]:
    yield Statement(
        sid="ReadLimitsAndAliases",
        actions=("lambda:GetFunctionConcurrency", "lambda:ListAliases"),
        resources=asked.scope.arns("lambda", _functions(asked.selection)),
        conditions=_tagged(asked.selection),
        purpose="reserved concurrency, and the versions an alias leads to, in monitor_executions",
        without="concurrency stands without its limit, and an alias cannot be looked at",
    )
    yield Statement(
        sid="ReadAccountLimit",
        actions=("lambda:GetAccountSettings",),
        resources=("*",),
        conditions=asked.scope.in_its_regions,
        purpose="the account's concurrency limit",
        without="concurrency stands without its limit",
    )


def _roles(roles: Sequence[AssumedRole]) -> Statement:
    return Statement(
        sid="OpenOtherAccounts",
        actions=("sts:AssumeRole",),
        resources=tuple(sorted(role.arn for role in roles)),
        purpose="the roles of LAMBDASCOPE_ROLE_ARNS; what each of them needs: --role ARN",
        without="their accounts cannot be looked at",
    )


def _functions(selection: Selection) -> list[str]:
    """Patterns of the functions chosen, without qualifiers; those that a tag alone chooses are any."""
    if selection.allow_all or not (selection.prefix or selection.names):
        return ["function:*"]
    prefix = selection.prefix
    others = [name for name in sorted(selection.names) if not (prefix and name.startswith(prefix))]
    return [*([f"function:{prefix}*"] if prefix else []), *(f"function:{name}" for name in others)]


def _with_qualifiers(selection: Selection) -> list[str]:
    """The same and every version and alias of them."""
    # An asterisk at the end stands for qualifiers too.
    return [
        form
        for pattern in _functions(selection)
        for form in ([pattern] if pattern == "function:*" else [pattern, f"{pattern}:*"])
    ]


def _tagged(selection: Selection) -> Conditions:
    if not selection.tag_key:
        return {}
    return {"StringEquals": {f"aws:ResourceTag/{selection.tag_key}": literal(selection.tag_value)}}


def _log_groups(selection: Selection, others: Sequence[str]) -> list[str]:
    names = [pattern.removeprefix("function:") for pattern in _functions(selection)]
    groups = [f"/aws/lambda/{name}" for name in names] + [literal(group) for group in others]
    # IAM's name of a log group ends in `:*`.
    return [f"log-group:{group}{'' if group.endswith('*') else ':*'}" for group in groups]
