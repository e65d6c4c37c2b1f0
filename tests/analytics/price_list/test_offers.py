"""The list's own index leads to the files of the regions, and to nothing else."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.errors import PriceListError
from lambdascope_analytics.price_list.offers import CHINA, CHINA_INDEX, INDEX, index_of, listed_regions, read_offers

LIST = Path(__file__).parents[1] / "data" / "price_list"


class Served:
    """A list of known documents, which notes what was read."""

    base = "https://prices.example"

    def __init__(self, index: object | None = None) -> None:
        self.index = json.loads((LIST / "region_index.json").read_text(encoding="utf-8")) if index is None else index
        self.read: list[str] = []

    def document(self, path: str) -> Any:
        self.read.append(path)
        if path == INDEX:
            return self.index
        return json.loads((LIST / f"{path.split('/')[-2]}.json").read_text(encoding="utf-8"))


def test_all_regions_of_the_list_are_read_as_its_index_leads_to_them() -> None:
    served = Served()
    offers = read_offers(served, listed_regions(served))
    assert [offer.region for offer in offers] == ["ap-northeast-2", "us-east-1", "us-west-1"]
    assert {offer.published for offer in offers} == {datetime(2026, 9, 19, 18, 4, 55, tzinfo=UTC)}
    assert "/offers/v1.0/aws/AWSLambda/20260919180455/us-west-1/index.json" in served.read


def test_only_the_files_that_were_asked_for_are_read() -> None:
    served = Served()
    paths = listed_regions(served)
    assert [offer.region for offer in read_offers(served, {"us-west-1": paths["us-west-1"]})] == ["us-west-1"]
    assert served.read == [INDEX, paths["us-west-1"]]


def leading_to(url: object) -> Mapping[str, Any]:
    return {"regions": {"us-west-1": {"regionCode": "us-west-1", "currentVersionUrl": url}}}


@pytest.mark.parametrize(
    "index",
    [
        [],
        {"regions": {}},
        {"regions": ["us-west-1"]},
        {"regions": {"us-west-1": "/offers/us-west-1.json"}},
        leading_to(None),
        leading_to("https://elsewhere.example/offers/v1.0/us-west-1/index.json"),
        leading_to("//elsewhere.example/offers/index.json"),
        leading_to("/offers/../../secrets.json"),
    ],
)
def test_an_index_that_leads_elsewhere_or_nowhere_is_refused(index: object) -> None:
    # Whoever could change the index must not get us to ask another host.
    with pytest.raises(PriceListError, match="region index"):
        listed_regions(Served(index))


def test_places_in_the_index_that_are_no_regions_are_passed_over() -> None:
    index: Any = Served().index
    index["regions"]["aws-global"] = {}
    assert [*listed_regions(Served(index))] == ["ap-northeast-2", "us-east-1", "us-west-1"]


@pytest.mark.parametrize(("base", "index"), [("https://prices.example/mirror", INDEX), (CHINA, CHINA_INDEX)])
def test_hosts_in_china_have_an_index_of_their_own(base: str, index: str) -> None:
    assert index_of(base) == index


def test_a_file_that_is_not_of_a_known_shape_spoils_the_whole_list(monkeypatch: pytest.MonkeyPatch) -> None:
    # Half a list would look like prices that went.
    served = Served()
    paths = listed_regions(served)
    whole: Callable[[str], Any] = served.document
    monkeypatch.setattr(served, "document", lambda path: {} if "us-west-1" in path else whole(path))
    with pytest.raises(PriceListError, match="us-west-1"):
        read_offers(served, paths)
