"""The functions an account holds, read over the wire of the local AWS and of one that refuses."""

from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from opentelemetry.trace import get_current_span

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.discovery import discover
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.local import LocalAws, LocalFunction
from lambdascope_proxy.selection import Function, Selection

Operations = Callable[[Any], Sequence[str]]
Enter = Callable[[Mapping[str, str]], None]
EVERYTHING = Selection(allow_all=True)
TEAM_A = Selection(tag_key="team", tag_value="a")


def numbered(number: int, code: Path) -> LocalFunction:
    return LocalFunction(
        name=f"{'orders' if number % 2 else 'stock'}-{number:03}",
        code=code,
        tags={"team": "a" if number % 3 == 0 else "b", "number": str(number)},
    )


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Generator[LocalAws]:
    """An account of 121 functions, so that every list has three pages."""
    code = tmp_path_factory.mktemp("code")
    full = LocalFunction(
        name="full",
        code=code,
        memory_mb=512,
        timeout_s=20,
        architecture="arm64",
        description="Everything set",
        ephemeral_storage_mb=1024,
        log_format="JSON",
        log_group="/custom",
    )
    with LocalAws([*(numbered(number, code) for number in range(120)), full]) as aws:
        yield aws


@pytest.fixture(autouse=True)
def in_account(account: LocalAws, enter: Enter) -> None:
    enter(account.environment())


def test_every_page_of_a_large_account_is_read(settled_clients: Clients, operations: Operations) -> None:
    seen = operations(settled_clients.reader("lambda"))
    found = discover(settled_clients, EVERYTHING, with_tags=False)
    assert [function.name for function in found] == sorted(
        [*(numbered(number, Path()).name for number in range(120)), "full"]
    )
    assert list(seen) == ["ListFunctions"] * 3


def test_a_function_is_told_as_its_configuration_describes_it(settled_clients: Clients) -> None:
    (found,) = discover(settled_clients, Selection(names=frozenset({"full"})), with_tags=False)
    assert found.last_modified is not None
    assert found == Function(
        name="full",
        arn="arn:aws:lambda:us-east-1:123456789012:function:full",
        region="us-east-1",
        account_id="123456789012",
        description="Everything set",
        runtime="python3.13",
        architecture="arm64",
        memory_mb=512,
        timeout_s=20,
        ephemeral_storage_mb=1024,
        package_type="Zip",
        last_modified=found.last_modified,
        log_group="/custom",
        log_format="JSON",
        tags=None,
    )


def test_names_alone_are_read_one_by_one_and_the_account_is_never_listed(
    settled_clients: Clients, operations: Operations
) -> None:
    # A role that may not list the account can still serve the functions it names.
    seen = operations(settled_clients.reader("lambda"))
    found = discover(settled_clients, Selection(names=frozenset({"full", "stock-002"})), with_tags=False)
    assert [function.name for function in found] == ["full", "stock-002"]
    assert list(seen) == ["GetFunctionConfiguration"] * 2


def test_a_listed_name_that_does_not_exist_is_said_and_the_others_are_found(
    settled_clients: Clients, caplog: pytest.LogCaptureFixture
) -> None:
    found = discover(settled_clients, Selection(names=frozenset({"full", "gone"})), with_tags=False)
    assert [function.name for function in found] == ["full"]
    assert "FUNCTION_LIST names 'gone'" in caplog.text


def test_a_prefix_keeps_what_begins_so(settled_clients: Clients) -> None:
    found = discover(settled_clients, Selection(prefix="orders-"), with_tags=False)
    assert len(found) == 60
    assert all(function.name.startswith("orders-") for function in found)


def test_a_tag_alone_chooses_and_comes_with_all_tags(settled_clients: Clients) -> None:
    found = discover(settled_clients, TEAM_A, with_tags=False)
    assert [function.tags for function in found] == [
        {"team": "a", "number": function.name[-3:].lstrip("0") or "0"} for function in found
    ]
    assert len(found) == 40


def test_a_tag_narrows_a_prefix(settled_clients: Clients) -> None:
    found = discover(settled_clients, Selection(prefix="orders-", tag_key="team", tag_value="a"), with_tags=False)
    assert len(found) == 20


def test_tags_are_read_in_bulk_not_function_by_function(settled_clients: Clients, operations: Operations) -> None:
    lambda_calls = operations(settled_clients.reader("lambda"))
    tag_calls = operations(settled_clients.reader("resourcegroupstaggingapi"))
    found = discover(settled_clients, EVERYTHING, with_tags=True)
    assert sum(bool(function.tags) for function in found) == 120
    assert {function.name: function.tags for function in found}["full"] == {}  # read, and none there
    assert list(tag_calls) == ["GetResources"] * 2  # 100 a page
    assert "ListTags" not in lambda_calls


def test_a_role_that_may_not_search_by_tag_still_reads_tags(
    clients: Clients, operations: Operations, scripted: Any, account: LocalAws, enter: Enter
) -> None:
    enter({**account.environment(), "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": scripted.url})
    scripted.will_refuse(400, "AccessDeniedException", "not authorized to perform tag:GetResources")
    seen = operations(clients.reader("lambda"))
    found = discover(clients, Selection(prefix="orders-00", tag_key="team", tag_value="a"), with_tags=False)
    assert [function.name for function in found] == ["orders-003", "orders-009"]
    assert list(seen).count("ListTags") == 5  # only of functions whose name was admitted


def test_a_network_without_the_tagging_endpoint_still_reads_tags(
    clients: Clients, account: LocalAws, enter: Enter
) -> None:
    enter({**account.environment(), "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": "http://127.0.0.1:9"})
    found = discover(clients, Selection(prefix="orders-00", tag_key="team", tag_value="a"), with_tags=False)
    assert [function.name for function in found] == ["orders-003", "orders-009"]


def without_tags(clients: Clients, scripted: Any) -> None:
    """Nobody may read tags, in neither way."""
    scripted.will_refuse(400, "AccessDeniedException")

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListTags")

    clients.reader("lambda").meta.events.register("before-call.lambda.ListTags", refuse)


def test_tags_that_are_only_shown_may_be_out_of_reach(
    clients: Clients, scripted: Any, enter: Enter, account: LocalAws
) -> None:
    enter({**account.environment(), "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": scripted.url})
    without_tags(clients, scripted)
    found = discover(clients, EVERYTHING, with_tags=True, needs_tags=False)
    assert len(found) == 121
    # Unknown, which is not the same as none.
    assert {function.tags for function in found} == {None}


def test_an_endpoint_for_tags_that_cannot_be_one_fails_only_those_who_need_tags(
    clients: Clients, enter: Enter, account: LocalAws
) -> None:
    enter({**account.environment(), "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": "localhost:4566"})
    assert len(discover(clients, Selection(prefix="orders-"), with_tags=True, needs_tags=False)) == 60
    with pytest.raises(CallFailed, match="localhost:4566"):
        discover(clients, Selection(prefix="orders-"), with_tags=True)


def test_tags_that_are_only_shown_are_read_where_they_can_be(settled_clients: Clients) -> None:
    found = discover(settled_clients, Selection(prefix="orders-00"), with_tags=True, needs_tags=False)
    assert {function.name: function.tags for function in found}["orders-003"] == {"team": "a", "number": "3"}


def test_nothing_is_asked_when_nothing_is_allowed(settled_clients: Clients, operations: Operations) -> None:
    seen = operations(settled_clients.reader("lambda"))
    assert discover(settled_clients, Selection(), with_tags=True) == ()
    assert list(seen) == []


@pytest.mark.parametrize("selection", [EVERYTHING, Selection(names=frozenset({"full"}))])
def test_a_refused_read_raises_and_is_never_an_empty_list(
    clients: Clients, scripted: Any, enter: Enter, account: LocalAws, selection: Selection
) -> None:
    enter({**account.environment(), "AWS_ENDPOINT_URL_LAMBDA": scripted.url})
    scripted.will_refuse(403, "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        discover(clients, selection, with_tags=False)


@pytest.mark.parametrize(
    ("selection", "asks"),
    [
        (TEAM_A, {"with_tags": False}),
        (TEAM_A, {"with_tags": True, "needs_tags": False}),
        (EVERYTHING, {"with_tags": True}),
    ],
)
def test_tags_that_are_needed_and_can_be_read_in_no_way_raise(
    clients: Clients, scripted: Any, enter: Enter, account: LocalAws, selection: Selection, asks: Mapping[str, bool]
) -> None:
    # Untagged functions would otherwise vanish from the list, or be admitted.
    enter({**account.environment(), "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": scripted.url})
    without_tags(clients, scripted)
    with pytest.raises(ClientError, match="ListTags"):
        discover(clients, selection, **asks)


@pytest.mark.parametrize("selection", [Selection(names=frozenset({"full", "stock-002"})), TEAM_A])
def test_every_read_is_below_the_span_that_it_was_made_in(
    clients: Clients, scripted: Any, enter: Enter, account: LocalAws, tracing: Any, selection: Selection
) -> None:
    # They run in threads of their own, where no span is current unless one is handed on.
    enter({**account.environment(), "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": scripted.url})
    scripted.will_refuse(400, "AccessDeniedException")
    seen: list[int] = []
    clients.reader("lambda").meta.events.register(
        "before-call.lambda", lambda **_: seen.append(get_current_span().get_span_context().span_id)
    )
    with tracing.tracer.start_as_current_span("read functions") as span:
        discover(clients, selection, with_tags=False)
    assert len(seen) >= 2
    assert set(seen) == {span.get_span_context().span_id}


def test_an_endpoint_that_is_not_there_raises(clients: Clients, enter: Enter, account: LocalAws) -> None:
    enter({**account.environment(), "AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:9"})
    with pytest.raises(EndpointConnectionError):
        discover(clients, EVERYTHING, with_tags=False)


def test_what_a_configuration_leaves_out_has_lambdas_defaults(
    clients: Clients, scripted: Any, enter: Enter, account: LocalAws
) -> None:
    enter({**account.environment(), "AWS_ENDPOINT_URL_LAMBDA": scripted.url})
    arn = "arn:aws-cn:lambda:cn-north-1:123456789012:function:bare"
    scripted.will_answer(body=b'{"Functions": [{"FunctionName": "bare", "FunctionArn": "%s"}]}' % arn.encode())
    (found,) = discover(clients, EVERYTHING, with_tags=False)
    assert found == Function(name="bare", arn=arn, region="cn-north-1", account_id="123456789012")
