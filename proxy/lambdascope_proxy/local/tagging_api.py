"""The Resource Groups Tagging API: GetResources, over the functions that have tags."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lambdascope_proxy.local.account import Account
from lambdascope_proxy.local.errors import AwsError, not_implemented
from lambdascope_proxy.local.paging import page, page_size
from lambdascope_proxy.local.wire import Answer, Request, json_answer

_MAX_PAGE = 100
_KNOWN = {"PaginationToken", "TagFilters", "ResourcesPerPage", "ResourceTypeFilters"}


class TaggingApi:
    """Answers tagging requests."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def __call__(self, request: Request) -> Answer:
        """Answer one request."""
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        if operation != "GetResources":
            raise not_implemented(f"the tagging operation {operation!r}")
        asked = _parameters(request)
        resources = [
            (self._account.function_arn(deployment.function.name), deployment.function.tags)
            for deployment in self._account.deployments()
            if _is_wanted(deployment.function.tags, asked)
        ]
        try:
            size = page_size(asked.get("ResourcesPerPage"), _MAX_PAGE)
            shown, token = page(resources, lambda resource: (resource[0], 0), asked.get("PaginationToken"), size)
        except ValueError as error:
            raise AwsError("PaginationTokenExpiredException", f"not a page of this list: {error}") from None
        mappings = [{"ResourceARN": arn, "Tags": _pairs(tags)} for arn, tags in shown]
        answer = {"PaginationToken": token or "", "ResourceTagMappingList": mappings}
        return json_answer(answer, "application/x-amz-json-1.1")


def _parameters(request: Request) -> dict[str, Any]:
    try:
        asked: dict[str, Any] = dict(json.loads(request.body or b"{}"))
    except (ValueError, TypeError) as error:
        raise AwsError("SerializationException", f"not a JSON object: {error}") from None
    if unknown := sorted(asked.keys() - _KNOWN):
        raise AwsError("InvalidParameterException", f"{', '.join(unknown)}: not implemented by the local AWS")
    return asked


def _is_wanted(tags: Mapping[str, str], asked: Mapping[str, Any]) -> bool:
    types: Sequence[str] = asked.get("ResourceTypeFilters") or ["lambda"]
    filters: Sequence[Mapping[str, Any]] = asked.get("TagFilters") or []
    is_of_type = any(each in {"lambda", "lambda:function"} for each in types)
    return bool(tags) and is_of_type and all(_matches(tags, each) for each in filters)


def _matches(tags: Mapping[str, str], tag_filter: Mapping[str, Any]) -> bool:
    value, values = tags.get(tag_filter["Key"]), tag_filter.get("Values")
    return value is not None and (not values or value in values)


def _pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
