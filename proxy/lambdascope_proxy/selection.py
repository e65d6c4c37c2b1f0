"""Which functions an agent may see: the function as we know it, where it is, and the pure rule that admits it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """One region of one account; without an `account_id` it is the account of the credentials in use."""

    region: str
    account_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One Lambda function as its configuration describes it; `tags` is None when they were not read."""

    name: str
    arn: str
    region: str
    account_id: str
    description: str = ""
    runtime: str | None = None
    architecture: str = "x86_64"
    memory_mb: int = 128
    timeout_s: int = 3
    ephemeral_storage_mb: int = 512
    package_type: str = "Zip"
    last_modified: str | None = None
    log_group: str | None = None
    log_format: str | None = None
    tags: Mapping[str, str] | None = field(default=None, compare=True)

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(region=self.region, account_id=self.account_id)


NOTHING_ALLOWED = (
    "No function may be called: nothing is allowed yet. Set FUNCTION_PREFIX, FUNCTION_LIST, or FUNCTION_TAG_KEY with "
    "FUNCTION_TAG_VALUE, to choose functions, or LAMBDASCOPE_ALLOW_ALL_FUNCTIONS=true to allow every one."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The allow-list. Prefix and names add up; a tag narrows what they chose, or chooses alone."""

    prefix: str = ""
    names: frozenset[str] = frozenset()
    tag_key: str = ""
    tag_value: str = ""
    allow_all: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing was chosen, so nothing is allowed."""
        return not (self.prefix or self.names or self.tag_key or self.allow_all)

    @property
    def is_names_only(self) -> bool:
        """Exactly the listed names: no need to list the account."""
        return bool(self.names) and not (self.prefix or self.allow_all)

    def admits_name(self, name: str) -> bool:
        """Whether the name alone keeps a function in; its tag may still keep it out."""
        if self.is_empty:
            return False
        if not (self.prefix or self.names):
            return True
        return name in self.names or (bool(self.prefix) and name.startswith(self.prefix))

    def admits(self, name: str, tags: Mapping[str, str] | None) -> bool:
        """Whether a function with this name and these tags may be seen and called."""
        if not self.admits_name(name):
            return False
        return not self.tag_key or (tags or {}).get(self.tag_key) == self.tag_value

    def describe(self) -> str:
        """The allow-list in the words of its settings."""
        parts = [
            f"FUNCTION_PREFIX={self.prefix}" if self.prefix else "",
            f"FUNCTION_LIST={','.join(sorted(self.names))}" if self.names else "",
            f"FUNCTION_TAG_KEY={self.tag_key} FUNCTION_TAG_VALUE={self.tag_value}" if self.tag_key else "",
            "LAMBDASCOPE_ALLOW_ALL_FUNCTIONS=true" if self.allow_all else "",
        ]
        return " ".join(part for part in parts if part)
