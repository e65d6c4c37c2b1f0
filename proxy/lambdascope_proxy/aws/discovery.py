"""Finds the functions an account holds and their tags, in as few AWS calls as there can be. Blocking."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any, TypeVar, cast

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import Function, Selection

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

R = TypeVar("R")
log = logging.getLogger(__name__)
SIDE_CALLS = 8


def discover(
    clients: Clients, selection: Selection, *, with_tags: bool, needs_tags: bool = True
) -> tuple[Function, ...]:
    """The functions the selection admits, by name. Raises what boto3 raises: an empty result is a true one.

    `with_tags` reads their tags even if the selection goes without. Where these are only shown, `needs_tags=False` has
    them be None for every function, rather than fail, when they cannot be read.
    """
    if selection.is_empty:
        return ()
    client: LambdaClient = clients.reader("lambda")
    configurations = _named(client, selection) if selection.is_names_only else _listed(client, selection)
    functions = {configuration["FunctionArn"]: configuration for configuration in configurations}
    tags: Mapping[str, Mapping[str, str]] | None = None
    if selection.tag_key or (with_tags and needs_tags):
        tags = _read_tags(clients, client, selection, list(functions))
    elif with_tags:
        tags = _tags_if_possible(clients, client, selection, list(functions))
    found = (as_function(configuration, tags) for configuration in functions.values())
    return tuple(sorted((f for f in found if selection.admits(f.name, f.tags)), key=lambda f: f.name))


def _listed(client: "LambdaClient", selection: Selection) -> Iterator[Mapping[str, Any]]:
    for page in client.get_paginator("list_functions").paginate():
        for configuration in page["Functions"]:
            if selection.admits_name(configuration.get("FunctionName", "")):
                yield cast("Mapping[str, Any]", configuration)


def _named(client: "LambdaClient", selection: Selection) -> Iterator[Mapping[str, Any]]:
    """Reads only the listed functions: this needs no permission to list the account."""

    def read(name: str) -> Mapping[str, Any] | None:
        try:
            return cast("Mapping[str, Any]", client.get_function_configuration(FunctionName=name))
        except client.exceptions.ResourceNotFoundException:
            log.warning("FUNCTION_LIST names %r, which does not exist in this account and region", name)
            return None

    yield from (found for found in _in_threads(read, sorted(selection.names)) if found)


def _tags_if_possible(
    clients: Clients, client: "LambdaClient", selection: Selection, arns: list[str]
) -> Mapping[str, Mapping[str, str]] | None:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return _read_tags(clients, client, selection, arns)
    except (BotoCoreError, ClientError, CallFailed) as error:
        log.info("tags are not shown, they could not be read: %s", error)
        return None


def _read_tags(
    clients: Clients, client: "LambdaClient", selection: Selection, arns: list[str]
) -> Mapping[str, Mapping[str, str]]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return dict(_tags_in_bulk(clients, selection))
    except (BotoCoreError, ClientError) as error:
        # Many roles may read a function's tags but not search by tag, and many networks reach no endpoint for that: the
        # slower way needs only lambda:ListTags.
        log.info("tag:GetResources failed (%s); reading tags function by function", error)
        return _tags_one_by_one(client, arns)


def _tags_in_bulk(clients: Clients, selection: Selection) -> Iterable[tuple[str, Mapping[str, str]]]:
    wanted: dict[str, Any] = {"ResourceTypeFilters": ["lambda:function"]}
    if selection.tag_key:
        wanted["TagFilters"] = [{"Key": selection.tag_key, "Values": [selection.tag_value]}]
    pages = clients.reader("resourcegroupstaggingapi").get_paginator("get_resources").paginate(**wanted)
    for page in pages:
        for mapping in page["ResourceTagMappingList"]:
            yield mapping["ResourceARN"], {tag["Key"]: tag["Value"] for tag in mapping["Tags"]}


def _tags_one_by_one(client: "LambdaClient", arns: list[str]) -> Mapping[str, Mapping[str, str]]:
    def read(arn: str) -> tuple[str, Mapping[str, str]]:
        return arn, client.list_tags(Resource=arn).get("Tags", {})

    return dict(_in_threads(read, arns))


def _in_threads(read: Callable[[str], R], names: Sequence[str]) -> Iterator[R]:
    """What each read brings, in order. Each has the caller's context, so that its span is below the caller's."""

    def read_in(context: Context, name: str) -> R:
        return context.run(read, name)

    with ThreadPoolExecutor(SIDE_CALLS) as pool:
        yield from pool.map(read_in, [copy_context() for _ in names], names)


def as_function(configuration: Mapping[str, Any], tags: Mapping[str, Mapping[str, str]] | None) -> Function:
    """The function a configuration describes; `tags` are those of many functions by ARN."""
    arn: str = configuration["FunctionArn"]
    _, _, _, region, account_id, *_ = arn.split(":")
    logging_config: Mapping[str, Any] = configuration.get("LoggingConfig") or {}
    storage: Mapping[str, Any] = configuration.get("EphemeralStorage") or {}
    return Function(
        name=configuration["FunctionName"],
        arn=arn,
        region=region,
        account_id=account_id,
        description=configuration.get("Description") or "",
        runtime=configuration.get("Runtime"),
        architecture=(configuration.get("Architectures") or ["x86_64"])[0],
        memory_mb=configuration.get("MemorySize") or 128,
        timeout_s=configuration.get("Timeout") or 3,
        ephemeral_storage_mb=storage.get("Size") or 512,
        package_type=configuration.get("PackageType") or "Zip",
        last_modified=configuration.get("LastModified"),
        log_group=logging_config.get("LogGroup"),
        log_format=logging_config.get("LogFormat"),
        tags=None if tags is None else tags.get(arn, {}),
    )
