"""The EventBridge Schema Registry: DescribeSchema and ListSchemaVersions."""

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import unquote

from lambdascope_proxy.local.account import Account
from lambdascope_proxy.local.errors import AwsError, not_implemented
from lambdascope_proxy.local.model import LocalSchema
from lambdascope_proxy.local.paging import page, page_size
from lambdascope_proxy.local.wire import Answer, Request, json_answer

_MAX_PAGE = 100


class SchemasApi:
    """Answers schemas requests."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def __call__(self, request: Request) -> Answer:
        """Answer one request."""
        match [request.method, *map(unquote, request.path.strip("/").split("/"))]:
            case ["GET", "v1", "registries", "name", registry, "schemas", "name", name]:
                return self._describe(request, self._find(registry, name))
            case ["GET", "v1", "registries", "name", registry, "schemas", "name", name, "versions"]:
                return self._list_versions(request, self._find(registry, name))
            case _:
                raise not_implemented(f"{request.method} {request.path}")

    def _find(self, registry: str, name: str) -> LocalSchema:
        schema = self._account.schemas.get((registry, name))
        if schema is None:
            raise AwsError("NotFoundException", f"Schema with name {name} in registry {registry} does not exist.", 404)
        return schema

    def _describe(self, request: Request, schema: LocalSchema) -> Answer:
        version = request.query.get("schemaVersion") or _sorted(schema.versions)[-1]
        if version not in schema.versions:
            raise AwsError("NotFoundException", f"Schema version {version} of {schema.name} does not exist.", 404)
        kind, content = schema.versions[version]
        return json_answer(
            {
                **self._identity(schema, version),
                "Type": kind,
                "Content": content,
                "LastModified": self._started,
                "VersionCreatedDate": self._started,
                "tags": {},
            }
        )

    def _list_versions(self, request: Request, schema: LocalSchema) -> Answer:
        try:
            size = page_size(request.query.get("limit"), _MAX_PAGE)
            shown, token = page(list(schema.versions), lambda v: ("", int(v)), request.query.get("nextToken"), size)
        except ValueError as error:
            raise AwsError("BadRequestException", f"not a page of this list: {error}") from None
        versions = [{**self._identity(schema, version), "Type": schema.versions[version][0]} for version in shown]
        return json_answer({"SchemaVersions": versions, **({"NextToken": token} if token else {})})

    def _identity(self, schema: LocalSchema, version: str) -> dict[str, str]:
        return {"SchemaArn": self._account.schema_arn(schema), "SchemaName": schema.name, "SchemaVersion": version}


def _sorted(versions: Iterable[str]) -> list[str]:
    return sorted(versions, key=int)
