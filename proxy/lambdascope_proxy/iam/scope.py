"""Where a policy holds: the partition, account and regions that its ARNs name. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lambdascope_proxy.iam.statement import Conditions

ANY: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """An account, `*` while it is not known, and the regions that are looked at; `*` alone is every one."""

    regions: tuple[str, ...]
    account_id: str = ANY
    partition: str = "aws"

    def arns(self, service: str, resources: Iterable[str]) -> tuple[str, ...]:
        """The ARNs of these resources of a service, in each of the regions."""
        names = list(resources)
        return tuple(self.arn(service, region, name) for region in self.regions for name in names)

    def arn(self, service: str, region: str, resource: str) -> str:
        """The ARN of a resource in one region."""
        return f"arn:{self.partition}:{service}:{region}:{self.account_id}:{resource}"

    @property
    def in_its_regions(self) -> Conditions:
        """A condition for actions that name no resource; none where every region is meant."""
        if ANY in self.regions:
            return {}
        only, *others = self.regions
        return {"StringEquals": {"aws:RequestedRegion": list(self.regions) if others else only}}
