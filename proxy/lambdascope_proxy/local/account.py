"""What exists in the local account: deployed functions and schemas, found by the names and ARNs callers use."""

import base64
import hashlib
import re
import threading
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lambdascope_proxy.local.errors import NotFoundError, invalid_parameter
from lambdascope_proxy.local.model import LATEST, LocalFunction, LocalSchema

# As in the service model: a name, or a partial or full ARN, each with or without a qualifier.
_REFERENCE = re.compile(
    r"(?:arn:aws[a-z-]*:lambda:)?(?:(?P<region>[a-z]{2}(?:-[a-z]+)+-\d):)?(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[A-Za-z0-9-_]{1,64})(?::(?P<qualifier>\$LATEST|[A-Za-z0-9-_]+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """The fingerprint of a code directory."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A function as it was put: what the control plane tells beyond what we were told."""

    function: LocalFunction
    modified: datetime
    revision: str
    code: Mapping[str, Code]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a caller's reference resolves to: a deployment, the qualifier as given, and the version it means."""

    deployment: Deployment
    qualifier: str | None
    version: str


class Account:
    """The functions and schemas of one account in one region; functions may come and go at any time."""

    def __init__(self, schemas: Iterable[LocalSchema], *, region: str, account_id: str) -> None:
        self.region = region
        self.account_id = account_id
        self.schemas = {(schema.registry, schema.name): schema for schema in schemas}
        self._deployments: dict[str, Deployment] = {}
        self._lock = threading.Lock()

    def put(self, function: LocalFunction) -> None:
        """Deploy a function, in place of one of that name."""
        deployment = Deployment(
            function=function,
            modified=datetime.now(UTC),
            revision=str(uuid.uuid4()),
            code={version: _code(function.code_of(version)) for version in function.all_versions},
        )
        with self._lock:
            self._deployments[function.name] = deployment

    def remove(self, name: str) -> None:
        """Delete a function. Raises: KeyError, if there is none of that name."""
        with self._lock:
            del self._deployments[name]

    def deployments(self) -> list[Deployment]:
        """All functions, by name."""
        with self._lock:
            return sorted(self._deployments.values(), key=lambda deployment: deployment.function.name)

    def is_current(self, function: LocalFunction) -> bool:
        """Whether this very function is what its name stands for."""
        with self._lock:
            deployment = self._deployments.get(function.name)
        return deployment is not None and deployment.function is function

    def resolve(self, reference: str, qualifier: str | None = None) -> Target:
        """Find a function and version. Raises: AwsError, in the words of Lambda."""
        match = _REFERENCE.fullmatch(reference)
        if not match:
            raise invalid_parameter(f"not a function name or ARN: {reference}")
        inner = match["qualifier"]
        if inner and qualifier and inner != qualifier:
            raise invalid_parameter(
                "The derived qualifier from the function name does not match the specified qualifier."
            )
        qualifier = qualifier or inner
        with self._lock:
            deployment = self._deployments.get(match["name"])
        is_here = match["region"] in {None, self.region} and match["account"] in {None, self.account_id}
        version = deployment.function.version_of(qualifier or LATEST) if deployment and is_here else None
        if deployment is None or version is None:
            place = f"{match['region'] or self.region}:{match['account'] or self.account_id}"
            suffix = f":{qualifier}" if qualifier else ""
            raise NotFoundError(f"arn:aws:lambda:{place}:function:{match['name']}{suffix}")
        return Target(deployment=deployment, qualifier=qualifier, version=version)

    def function_arn(self, name: str, qualifier: str | None = None) -> str:
        """The ARN of a function, or of one of its versions or aliases."""
        arn = f"arn:aws:lambda:{self.region}:{self.account_id}:function:{name}"
        return f"{arn}:{qualifier}" if qualifier else arn

    def schema_arn(self, schema: LocalSchema) -> str:
        """The ARN of a schema."""
        return f"arn:aws:schemas:{self.region}:{self.account_id}:schema/{schema.registry}/{schema.name}"


def _code(directory: Path) -> Code:
    if not directory.is_dir():
        raise ValueError(f"not a code directory: {directory}")
    digest, size = hashlib.sha256(), 0
    for path in sorted(path for path in directory.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        content = path.read_bytes()
        digest.update(str(path.relative_to(directory)).encode() + b"\0" + content)
        size += len(content)
    return Code(sha256=base64.b64encode(digest.digest()).decode(), size=size)
