"""What has to arrive through the options of the Collector, judged by requests that are made here."""

import pytest
from stack import carrying
from stack.carrying import EXPECTED
from stack.http_json import post_form
from stack.sink import Posted, listening

SIGNED = "AWS4-HMAC-SHA256 Credential=none/20261122/us-east-1/{service}/aws4_request, Signature=x"


def posted(path: str, signature: str = "", size: int = 1) -> Posted:
    return Posted(path=path, signature=signature, size=size)


def all_posted() -> list[Posted]:
    return [posted(path, SIGNED.format(service=service)) for path, service in EXPECTED.items()]


def wrong(requests: list[Posted]) -> list[str]:
    return [line for path, service in EXPECTED.items() if (line := carrying.wrong(path, service, requests))]


def test_what_arrives_signed_for_its_service_is_well() -> None:
    assert wrong(all_posted()) == []


@pytest.mark.parametrize("path", EXPECTED)
def test_what_does_not_arrive_or_is_empty_is_told(path: str) -> None:
    others = [each for each in all_posted() if each.path != path]
    assert wrong(others) == wrong([*others, posted(path, size=0)]) == [f"nothing was posted to {path}"]


@pytest.mark.parametrize("signature", ["", "Bearer x", SIGNED.format(service="execute-api")])
def test_what_is_not_signed_for_its_service_is_told(signature: str) -> None:
    requests = [posted(each.path, signature) for each in all_posted()]
    assert [line.split(" is not signed for ")[0] for line in wrong(requests)] == ["/TraceSegments", "/api/v1/write"]


def test_the_sink_remembers_what_was_posted_to_it() -> None:
    with listening() as sink:
        assert post_form(sink.server_port, "/a", b="c") == {}
    assert sink.posted == [posted("/a", size=3)]
