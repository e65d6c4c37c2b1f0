"""Links from cells."""

import json
from urllib.parse import parse_qs, urlsplit

from lambdascope_dashboards.links import to_function, to_trace


def test_a_function_leads_to_dashboards_that_exist(dashboards: dict[str, object]) -> None:
    addresses = [link["url"] for link in to_function()]
    assert {urlsplit(address).path.removeprefix("/d/") for address in addresses} <= {*dashboards}
    assert len(addresses) == 2


def test_it_takes_the_filters_and_the_time_range_along_and_its_name_whole() -> None:
    # A name is put into an address: unescaped, one with an ampersand would end there.
    for link in to_function():
        assert "var-function=${__value.raw:percentencode}" in link["url"]
        assert "${__url_time_range}" in link["url"]
        assert "${environment:queryparam}" in link["url"]


def test_a_trace_is_opened_in_tempo_by_its_id() -> None:
    (link,) = to_trace()
    panes = json.loads(parse_qs(urlsplit(link["url"]).query)["panes"][0])
    (query,) = panes["trace"]["queries"]
    assert query["query"] == "${__value.raw}"
    assert query["datasource"] == {"type": "tempo", "uid": "${traces}"}
    assert panes["trace"]["range"] == {"from": "${__from}", "to": "${__to}"}
