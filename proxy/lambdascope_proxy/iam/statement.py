"""One statement of a policy with why it is there, and the document that statements make. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

# Of a managed policy, spaces not counted: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MANAGED_CHARACTERS: Final = 6144

Conditions = Mapping[str, Mapping[str, str | list[str]]]


def _none() -> Conditions:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is allowed on what, what it is for, and what happens without it."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions = field(default_factory=_none)
    purpose: str
    without: str

    def document(self) -> dict[str, Any]:
        """The statement as IAM reads it; one value stands without a list."""
        document = {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": _one_or_many(self.actions),
            "Resource": _one_or_many(self.resources),
        }
        return {**document, "Condition": dict(self.conditions)} if self.conditions else document


def policy_document(statements: Iterable[Statement]) -> dict[str, Any]:
    """The policy as IAM reads it."""
    return {"Version": "2012-10-17", "Statement": [statement.document() for statement in statements]}


def counted_characters(document: Mapping[str, Any]) -> int:
    """The length that IAM counts: without the spaces between."""
    return len(json.dumps(document, separators=(",", ":")))


def literal(text: str) -> str:
    """Text in which IAM finds neither wildcard nor variable.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
    """
    return "".join(f"${{{mark}}}" if mark in "*?$" else mark for mark in text)


def _one_or_many(values: Sequence[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)
