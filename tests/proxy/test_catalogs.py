from collections.abc import Sequence

import pytest

from lambdascope_proxy.catalog import Catalog
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import Function, Selection

pytestmark = pytest.mark.anyio


def catalog(region: str, names: Sequence[str]) -> Catalog:
    async def discover(with_tags: bool) -> tuple[Function, ...]:
        return tuple(Function(name=name, arn=f"arn:{region}:{name}", region=region, account_id="1") for name in names)

    return Catalog(discover, Selection(allow_all=True), ttl_s=60, with_tags=False)


async def test_a_function_is_looked_for_in_the_region_asked_for() -> None:
    made: list[str] = []
    catalogs = Catalogs(
        catalog("us-east-1", ["here"]), lambda region: made.append(region) or catalog(region, ["there"])
    )
    assert (await catalogs.find("here")).region == "us-east-1"
    assert (await catalogs.find("there", "eu-west-1")).region == "eu-west-1"
    assert [f.name for f in (await catalogs.snapshot("eu-west-1")).functions] == ["there"]
    with pytest.raises(CallFailed):
        await catalogs.find("there")
    assert made == ["eu-west-1"]
