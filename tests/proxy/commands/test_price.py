"""`lambdascope price`: bills on stdout, or nothing there and one line on stderr."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambdascope_proxy.cli import main

USAGE: dict[str, Any] = {"region": "us-east-1", "memory_mb": 512, "requests": 1_000_000, "billed_duration_ms": 120}
SPELLED = ["--region", "us-east-1", "--memory-mb", "512", "--requests", "1000000", "--billed-ms", "120"]
BILL = {
    "currency": "USD",
    "lines": [
        {"item": "requests", "quantity": "1000000", "unit": "requests", "usd": "0.20"},
        {"item": "compute", "quantity": "60000", "unit": "GB-s", "usd": "1.00"},
    ],
    "usd": "1.20",
}

Price = Callable[..., tuple[int, str, str]]


@pytest.fixture
def price(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Price:
    """Runs the command: with a document in a file, text or bytes on stdin, or neither; exit code, stdout, stderr."""

    def run(*arguments: str, document: object = None, stdin: str | bytes | None = None) -> tuple[int, str, str]:
        if document is not None:
            path = tmp_path / "document.json"
            path.write_text(json.dumps(document), encoding="utf-8")
            arguments = (str(path), *arguments)
        if stdin is not None:
            data = stdin.encode() if isinstance(stdin, str) else stdin
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
            arguments = ("-", *arguments)
        code = main(["price", *arguments])
        return (code, *capsys.readouterr())

    return run


def test_a_document_in_a_file_and_on_stdin_has_one_bill(price: Price) -> None:
    from_file = price("--json", document={"usage": USAGE})
    assert (from_file[0], json.loads(from_file[1]), from_file[2]) == (0, BILL, "")
    assert price("--json", stdin=json.dumps({"usage": USAGE})) == from_file
    assert price("--json", stdin=b"\xef\xbb\xbf" + json.dumps({"usage": USAGE}).encode()) == from_file


def test_an_array_in_gives_an_array_out(price: Price) -> None:
    report = {"report": {"region": "cn-north-1", "memory_mb": 128, "duration_ms": "1.5", "billed_duration_ms": 2}}
    observability = {"observability": {"region": "us-east-1", "custom_metrics": 90}}
    code, out, _ = price("--json", document=[{"id": "a", "usage": USAGE}, report, observability])
    bills = json.loads(out)
    assert (code, bills[0]) == (0, BILL)
    assert (bills[1]["currency"], bills[1]["billed_ms"], bills[1]["cny"]) == ("CNY", 2, "0.00000138836925")
    assert bills[2]["usd"] == "27.00"
    assert price("--json", stdin="[]")[1] == "[]\n"
    assert json.loads(price("--json", document=[{"usage": USAGE}])[1]) == [BILL]


def test_a_month_can_be_spelled_in_options(price: Price) -> None:
    assert json.loads(price(*SPELLED, "--json")[1]) == BILL
    more = ["--architecture", "arm64", "--ephemeral-storage-mb", "1024", "--free-tier", "--json"]
    bill = json.loads(price(*SPELLED, *more)[1])
    assert [line["usd"] for line in bill["lines"]] == ["0.00", "0.00", "0.00"]
    assert [line["quantity"] for line in bill["lines"]] == ["0", "0", "60000"]


def test_another_configuration_is_priced_beside_it(price: Price) -> None:
    changes = ["--what-if", "memory_mb=1024", "--what-if", "architecture=arm64"]
    found = json.loads(price(*changes, "--json", document={"usage": USAGE})[1])
    assert (found["before"], found["after"]["usd"], found["difference"]["usd"]) == (BILL, "1.80", "0.60")
    code, out, _ = price(*changes, document=[{"usage": USAGE}])
    assert code == 0
    assert "1,024 MB on arm64 in us-east-1: $1.80 a month, $0.60 more (50%)" in out
    several = ["--what-if", "region=eu-west-1", "--what-if", "provisioned_concurrency=1.5", "--json"]
    assert len(json.loads(price(*several, "--what-if", "billed_duration_ms=99.5", *SPELLED)[1])) == 4


def test_people_get_a_table_with_what_it_takes_for_granted(price: Price) -> None:
    code, out, err = price(document={"usage": USAGE})
    assert (code, err) == (0, "")
    assert out.startswith("512 MB on x86_64 in us-east-1: $1.20 a month\n")
    assert "rate table 2026-09-19" in out


def test_what_is_given_and_not_billed_is_told(price: Price) -> None:
    code, out, err = price("--json", document={"usage": {**USAGE, "edge": True, "tenant_environments": 5}})
    assert (code, len(json.loads(out)["lines"])) == (0, 2)
    assert err == "Lambda@Edge has no tenant_environments: left out of the bill\n"
    assert price(stdin="[]") == (0, "", "There is no document in it.\n")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"usage": {**USAGE, "requets": 1}}, "usage.requets"),
        ({"usage": {"region": "us-east-1"}}, "usage.memory_mb"),
        ({"usage": {**USAGE, "billed_duration_ms": -1}}, "usage.billed_duration_ms"),
        ([{"usage": USAGE}, {"report": {}}], "[1].report.region"),
        ({}, "exactly one of usage, report, observability"),
        ("text", "must be an object"),
    ],
)
def test_a_document_that_makes_no_sense_is_bad_usage_that_names_the_field(
    price: Price, document: object, words: str
) -> None:
    code, out, err = price("--json", document=document)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert words in err


@pytest.mark.parametrize("stdin", ["", "{", b"\xff\xfe", "[" * 100_000])
def test_what_is_not_json_is_bad_usage(price: Price, stdin: str | bytes) -> None:
    code, out, err = price(stdin=stdin)
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_a_price_that_is_not_known_is_a_failure_with_nothing_printed(price: Price) -> None:
    """Also where the bills before it are known: half an answer would be taken for a whole one."""
    held = {"concurrency": 1, "hours": 1}
    unknown = {**USAGE, "region": "eu-west-1", "architecture": "arm64", "provisioned_concurrency": held}
    code, out, err = price("--json", document=[{"usage": USAGE}, {"usage": unknown}])
    assert (code, out) == (1, "")
    assert err.startswith(
        "lambdascope: [1]: rate table 2026-09-19 has no provisioned_idle price for arm64 in eu-west-1; "
    )
    assert (err.count("\n"), "rates refresh" in err) == (1, True)


def test_no_refresh_is_promised_for_prices_it_does_not_renew(price: Price) -> None:
    code, out, err = price(document={"observability": {"region": "eu-west-1", "log_gb": 1}})
    assert (code, out) == (1, "")
    assert err == "lambdascope: rate table cloudwatch-2026-11-22 has no logs price in eu-west-1\n"


@pytest.mark.parametrize(
    ("more", "words", "helps"),
    [
        ({"region": "eu-west-1", "edge": True}, "no Lambda@Edge requests price for x86_64 in eu-west-1", True),
        ({"architecture": "arm64", "edge": True}, "no Lambda@Edge requests price for arm64 in us-east-1", False),
        ({"region": "eu-west-1", "tenant_environments": 1}, "no tenant_isolation price for x86_64 in eu-west-1", False),
        ({"region": "eu-west-1", "streamed_response_bytes": 1}, "no streaming price", True),
    ],
)
def test_a_price_that_is_not_known_is_called_by_its_name_and_a_refresh_is_named_where_it_may_help(
    price: Price, more: dict[str, Any], words: str, helps: bool
) -> None:
    code, out, err = price(document={"usage": {**USAGE, **more}})
    assert (code, out, "rates refresh" in err) == (1, "", helps)
    assert words in err


def test_a_month_of_cloudwatch_without_anything_used_is_bad_usage(price: Price) -> None:
    """It was a bill of nothing in any region, in China in dollars."""
    code, out, err = price(document={"observability": {"region": "mars-north-1"}})
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "observability.region is all there is: give one of getmetricdata, lambda_log_gb" in err
    code, out, err = price(document={"observability": {"region": "cn-north-1", "log_gb": 1}})
    assert (code, out, "no logs price in cn-north-1" in err) == (1, "", True)


def test_without_a_stdin_there_is_one_line_that_says_so(price: Price, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    code, out, err = price("-")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "no stdin" in err


def test_of_several_documents_the_one_that_cannot_be_another_is_named(price: Price) -> None:
    total = {"region": "us-east-1", "memory_mb": 512, "billed_duration_total_ms": 1000}
    code, out, err = price("--what-if", "billed_duration_ms=5", document=[{"usage": USAGE}, {"usage": total}])
    assert (code, out) == (2, "")
    assert "[1]: --what-if billed_duration_ms needs requests" in err


def test_a_file_that_is_not_there_is_a_failure(price: Price) -> None:
    code, out, err = price("nonesuch.json")
    assert (code, out) == (1, "")
    assert "nonesuch.json" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "FILE"),
        (["a.json", "--region", "us-east-1"], "not both"),
        (["--memory-mb", "512"], "--region is missing"),
        (["--region", "us-east-1"], "--memory-mb is missing"),
        (["--region", "us-east-1", "--memory-mb", "12"], "--memory-mb must be between"),
        (["--region", "us-east-1", "--memory-mb", "x"], "--memory-mb must be a number"),
        (
            ["--region", "us-east-1", "--memory-mb", "512", "--requests", "1"],
            "--billed-ms is missing: requests need it",
        ),
        (["--region", "us-east-1", "--memory-mb", "512", "--requests", "-1"], "--requests must not be negative"),
        ([*SPELLED, "--architecture", "sparc"], "--architecture must be"),
        ([*SPELLED, "--what-if", "memory=1"], "--what-if memory is not known"),
        ([*SPELLED, "--what-if", "memory_mb"], "--what-if memory_mb must be a number"),
        ([*SPELLED, "--what-if", "memory_mb=64"], "--what-if memory_mb must be between"),
        ([*SPELLED, "--what-if", "architecture=sparc"], "--what-if architecture must be"),
        ([*SPELLED, "--what-if", "memory_mb=1.5"], "--what-if memory_mb must be a whole number"),
        ([*SPELLED, "--what-if", "region=a", "--what-if", "region=b"], "--what-if region is given twice"),
    ],
)
def test_options_that_make_no_sense_are_bad_usage(price: Price, arguments: list[str], words: str) -> None:
    code, out, err = price(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert words in err


def test_only_a_months_usage_can_be_another(price: Price) -> None:
    document = {"observability": {"region": "us-east-1", "log_gb": 1}}
    code, out, err = price("--what-if", "memory_mb=512", document=document)
    assert (code, out) == (2, "")
    assert "--what-if" in err


PAGE = (Path(__file__).parents[3] / "docs" / "pricing.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(json|text|python)\n(.*?)\n```", PAGE, re.DOTALL)


def blocks(kind: str) -> list[str]:
    """What docs/pricing.md shows of a kind."""
    return [text for name, text in BLOCKS if name == kind]


def test_the_documents_in_the_docs_have_the_bill_that_is_shown_there(price: Price) -> None:
    *documents, bill = map(json.loads, blocks("json"))
    assert json.loads(price("--json", document=documents[0])[1]) == bill
    assert [price(document=each)[0] for each in documents] == [0, 0, 0]


def test_the_page_in_the_docs_is_what_is_printed(price: Price) -> None:
    assert price(*SPELLED)[1].strip() == blocks("text")[0]


def test_the_python_in_the_docs_gives_what_its_comments_say() -> None:
    (program,) = blocks("python")
    names: dict[str, Any] = {}
    exec(program, names)
    for line in program.splitlines():
        expression, _, said = line.partition("  # ")
        if said:
            assert repr(eval(expression, names)) == said.strip().partition(":")[0]
