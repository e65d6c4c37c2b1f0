"""What the local AWS is told: functions, their versions and aliases, the schemas of a registry, and roles."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LATEST = "$LATEST"
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9-_]{1,64}")


def _nothing() -> Mapping[str, str]:
    return {}


def _no_versions() -> Mapping[str, Path]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFunction:
    """One Lambda function: `code` is the directory of $LATEST, `versions` maps a published version to its directory."""

    name: str
    code: Path
    handler: str = "app.handler"
    memory_mb: int = 128
    timeout_s: int = 3
    runtime: str = "python3.13"
    architecture: str = "x86_64"
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=_nothing)
    environment: Mapping[str, str] = field(default_factory=_nothing)
    ephemeral_storage_mb: int = 512
    versions: Mapping[str, Path] = field(default_factory=_no_versions)
    aliases: Mapping[str, str] = field(default_factory=_nothing)
    log_format: str = "Text"
    log_group: str | None = None
    reserved_concurrency: int | None = None

    def __post_init__(self) -> None:
        """Refuse what AWS would refuse, so that a stage cannot be set up that could not exist."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"not a function name: {self.name!r}")
        if self.log_format not in {"Text", "JSON"}:
            raise ValueError(f"log_format is Text or JSON, not {self.log_format!r}")
        if not (128 <= self.memory_mb <= 10_240 and 1 <= self.timeout_s <= 900):
            raise ValueError("memory_mb must be 128 to 10240 and timeout_s 1 to 900")
        for version in self.versions:
            if not version.isdecimal():
                raise ValueError(f"a published version is a number, not {version!r}")
        for alias, version in self.aliases.items():
            if version != LATEST and version not in self.versions:
                raise ValueError(f"alias {alias!r} points to version {version!r}, which does not exist")

    @property
    def group(self) -> str:
        """The log group, by default the one Lambda would create."""
        return self.log_group or f"/aws/lambda/{self.name}"

    @property
    def all_versions(self) -> list[str]:
        """$LATEST, then the published versions in order."""
        return [LATEST, *sorted(self.versions, key=int)]

    def code_of(self, version: str) -> Path:
        """The code directory of one version."""
        return self.code if version == LATEST else self.versions[version]

    def version_of(self, qualifier: str) -> str | None:
        """The version a qualifier (alias or version) means, or None if there is no such qualifier."""
        if qualifier in self.aliases:
            return self.aliases[qualifier]
        return qualifier if qualifier == LATEST or qualifier in self.versions else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSchema:
    """One schema: `versions` maps a version number to its type (OpenApi3 or JSONSchemaDraft4) and content."""

    registry: str
    name: str
    versions: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRole:
    """A role that everybody who knows its external id may assume, for `session_s` seconds at a time.

    AWS has no sessions of less than 900 s; here they may be shorter, to make a client renew them.
    """

    arn: str
    external_id: str = ""
    session_s: int = 3600

    def __post_init__(self) -> None:
        """Refuse what AWS would refuse."""
        if not _ROLE.fullmatch(self.arn):
            raise ValueError(f"not the ARN of a role: {self.arn!r}")

    @property
    def account_id(self) -> str:
        """The account the role belongs to."""
        return self.arn.split(":")[4]
