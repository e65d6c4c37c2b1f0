"""The Lambda service: routes of its REST protocol, and the read side of its control plane."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from lambdascope_proxy.local.account import Account, Deployment, Target
from lambdascope_proxy.local.errors import invalid_parameter, not_implemented
from lambdascope_proxy.local.fleet import MAX_CONCURRENCY
from lambdascope_proxy.local.invoking import Invoking
from lambdascope_proxy.local.model import LATEST
from lambdascope_proxy.local.paging import Item, Key, page, page_size
from lambdascope_proxy.local.wire import Answer, Request, json_answer

MAX_PAGE = 50
_FUNCTIONS = "2015-03-31/functions"


class LambdaApi:
    """Answers Lambda requests."""

    def __init__(self, account: Account, invoking: Invoking) -> None:
        self._account = account
        self._routes: dict[tuple[str, str], Callable[[Request, str], Answer]] = {
            ("GET", f"{_FUNCTIONS}/"): self._list_functions,
            ("GET", f"{_FUNCTIONS}/*"): self._get_function,
            ("GET", f"{_FUNCTIONS}/*/configuration"): self._get_function_configuration,
            ("GET", f"{_FUNCTIONS}/*/aliases"): self._list_aliases,
            ("GET", f"{_FUNCTIONS}/*/versions"): self._list_versions,
            ("GET", "2017-03-31/tags/*"): self._list_tags,
            ("GET", "2019-09-30/functions/*/concurrency"): self._get_function_concurrency,
            ("GET", "2016-08-19/account-settings/"): self._get_account_settings,
            ("POST", f"{_FUNCTIONS}/*/invocations"): invoking.invoke,
            ("POST", "2021-11-15/functions/*/response-streaming-invocations"): invoking.stream,
        }

    def __call__(self, request: Request) -> Answer:
        """Answer one request."""
        segments = request.path.strip("/").split("/")
        if len(segments) == 2:
            segments.append("")
        reference = unquote(segments[2]) if len(segments) > 2 else ""
        pattern = "/".join([*segments[:2], "*" if reference else "", *segments[3:]])
        operation = self._routes.get((request.method, pattern))
        if operation is None:
            raise not_implemented(f"{request.method} {request.path}")
        return operation(request, reference)

    def _list_functions(self, request: Request, _: str) -> Answer:
        wants_all = request.query.get("FunctionVersion") == "ALL"
        rows = [
            Target(deployment=deployment, qualifier=version if wants_all else None, version=version)
            for deployment in self._account.deployments()
            for version in (deployment.function.all_versions if wants_all else [LATEST])
        ]
        shown, marker = _page(request, rows, _key)
        return _list("Functions", [self._configuration(row) for row in shown], marker)

    def _list_versions(self, request: Request, reference: str) -> Answer:
        deployment = self._account.resolve(reference).deployment
        rows = [
            Target(deployment=deployment, qualifier=version, version=version)
            for version in deployment.function.all_versions
        ]
        shown, marker = _page(request, rows, _key)
        return _list("Versions", [self._configuration(row) for row in shown], marker)

    def _list_aliases(self, request: Request, reference: str) -> Answer:
        deployment = self._account.resolve(reference).deployment
        version = request.query.get("FunctionVersion")
        rows = [row for row in deployment.function.aliases.items() if version in {None, row[1]}]
        shown, marker = _page(request, rows, lambda row: (row[0], 0))
        return _list("Aliases", [self._alias(deployment, *row) for row in shown], marker)

    def _get_function_configuration(self, request: Request, reference: str) -> Answer:
        return json_answer(self._full(self._account.resolve(reference, request.query.get("Qualifier"))))

    def _get_function(self, request: Request, reference: str) -> Answer:
        target = self._account.resolve(reference, request.query.get("Qualifier"))
        function = target.deployment.function
        location = function.code_of(target.version).resolve().as_uri()
        answer: dict[str, Any] = {
            "Configuration": self._full(target),
            "Code": {"RepositoryType": "Local", "Location": location},
            "Tags": dict(function.tags),
        }
        if function.reserved_concurrency is not None:
            answer["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved_concurrency}
        return json_answer(answer)

    def _list_tags(self, request: Request, reference: str) -> Answer:
        return json_answer({"Tags": dict(self._account.resolve(reference).deployment.function.tags)})

    def _get_function_concurrency(self, request: Request, reference: str) -> Answer:
        reserved = self._account.resolve(reference).deployment.function.reserved_concurrency
        return json_answer({} if reserved is None else {"ReservedConcurrentExecutions": reserved})

    def _get_account_settings(self, request: Request, _: str) -> Answer:
        functions = [deployment.function for deployment in self._account.deployments()]
        reserved = sum(function.reserved_concurrency or 0 for function in functions)
        limit = {
            "ConcurrentExecutions": MAX_CONCURRENCY,
            "UnreservedConcurrentExecutions": max(0, MAX_CONCURRENCY - reserved),
        }
        return json_answer({"AccountLimit": limit, "AccountUsage": {"FunctionCount": len(functions)}})

    def _full(self, target: Target) -> dict[str, Any]:
        return {**self._configuration(target), "State": "Active", "LastUpdateStatus": "Successful"}

    def _configuration(self, target: Target) -> dict[str, Any]:
        function, code = target.deployment.function, target.deployment.code[target.version]
        configuration: dict[str, Any] = {
            "FunctionName": function.name,
            "FunctionArn": self._account.function_arn(function.name, target.qualifier),
            "Runtime": function.runtime,
            "Role": f"arn:aws:iam::{self._account.account_id}:role/local-aws",
            "Handler": function.handler,
            "CodeSize": code.size,
            "Description": function.description,
            "Timeout": function.timeout_s,
            "MemorySize": function.memory_mb,
            "LastModified": target.deployment.modified.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000",
            "CodeSha256": code.sha256,
            "Version": target.version,
            "TracingConfig": {"Mode": "PassThrough"},
            "RevisionId": target.deployment.revision,
            "PackageType": "Zip",
            "Architectures": [function.architecture],
            "EphemeralStorage": {"Size": function.ephemeral_storage_mb},
            "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
            "LoggingConfig": {"LogFormat": function.log_format, "LogGroup": function.group},
        }
        if function.environment:
            configuration["Environment"] = {"Variables": dict(function.environment)}
        return configuration

    def _alias(self, deployment: Deployment, name: str, version: str) -> dict[str, Any]:
        return {
            "AliasArn": self._account.function_arn(deployment.function.name, name),
            "Name": name,
            "FunctionVersion": version,
            "Description": "",
            "RevisionId": deployment.revision,
        }


def _key(row: Target) -> Key:
    return row.deployment.function.name, 0 if row.version == LATEST else int(row.version)


def _page(request: Request, rows: Sequence[Item], key: Callable[[Item], Key]) -> tuple[list[Item], str | None]:
    try:
        size = page_size(request.query.get("MaxItems"), MAX_PAGE)
        return page(rows, key, request.query.get("Marker"), size)
    except ValueError as error:
        raise invalid_parameter(f"not a page of this list: {error}") from None


def _list(name: str, rows: Sequence[Mapping[str, Any]], marker: str | None) -> Answer:
    return json_answer({name: rows, **({"NextMarker": marker} if marker else {})})
