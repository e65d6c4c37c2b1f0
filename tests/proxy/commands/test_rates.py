"""`lambdascope rates`: prices are renewed from a list that is served over real HTTP, or stay as they are."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.pricing import load_rates, tables
from lambdascope_proxy.cli import main

Enter = Callable[[Mapping[str, str]], None]
LIST = Path(__file__).parents[2] / "analytics" / "data" / "price_list"
REGIONS = ["ap-northeast-2", "us-east-1", "us-west-1"]


class PriceList(http.server.ThreadingHTTPServer):
    """A mirror of the list; `changes` are words of a file that are others here."""

    daemon_threads = True
    changes: dict[str, tuple[str, str]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def text(self, path: str) -> bytes:
        folder, name = path.split("/")[-2:]
        known = name if name == "region_index.json" else f"{folder}.json"
        text = (LIST / known).read_text(encoding="utf-8")
        return text.replace(*self.changes[known]).encode() if known in self.changes else text.encode()


class Handler(http.server.BaseHTTPRequestHandler):
    server: PriceList

    def do_GET(self) -> None:
        body = self.server.text(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the signature is inherited
        pass


@pytest.fixture
def served() -> Iterator[PriceList]:
    server = PriceList(("127.0.0.1", 0), Handler)
    server.changes = {}
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def refreshed(enter: Enter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where this test's tables lie; no setting, and no proxy between us and the mirror."""
    enter({"NO_PROXY": "127.0.0.1"})
    monkeypatch.setattr(tables, "refreshed_directory", lambda: tmp_path / "rates")
    load_rates.cache_clear()
    yield tmp_path / "rates"
    load_rates.cache_clear()


def refresh(served: PriceList, *more: str) -> int:
    """As a command of its own would: it has not loaded any table before."""
    load_rates.cache_clear()
    return main(["rates", "refresh", "--url", served.url, *more])


def price(region: str) -> str:
    load_rates.cache_clear()
    return str(load_rates().price_of("provisioned_idle_gb_s", region=region, architecture="x86_64"))


def test_a_refresh_prints_what_changed_and_from_then_on_prices_are_those(
    served: PriceList, refreshed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    served.changes["us-west-1.json"] = ("0.0000049041", "0.0000051000")
    assert refresh(served) == 0
    shown = capsys.readouterr().out
    assert "3 regions read" in shown
    assert "1 price changed, 0 new, 0 gone" in shown
    row = next(line for line in shown.splitlines() if line.startswith("us-west-1"))
    assert row.split() == ["us-west-1", "provisioned_idle_gb_s", "x86_64", "0.0000049041", "0.0000051", "USD", "+3.99%"]
    assert str(refreshed / "2026-09-19.01.json") in shown
    assert "restart running proxies" in shown
    assert price("us-west-1") == "0.0000051000"


def test_a_dry_run_shows_the_same_and_writes_nothing(
    served: PriceList, refreshed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    served.changes["us-west-1.json"] = ("0.0000049041", "0.0000051000")
    assert refresh(served, "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "1 price changed" in shown
    assert "nothing was written (--dry-run)" in shown
    assert not refreshed.exists()


def test_the_same_list_again_is_up_to_date(
    served: PriceList, refreshed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refresh(served) == 0
    files = [*refreshed.iterdir()]
    capsys.readouterr()
    assert refresh(served) == 0
    assert "is up to date; nothing was written" in capsys.readouterr().out
    assert [*refreshed.iterdir()] == files


def test_only_the_regions_that_were_named_are_renewed(served: PriceList, capsys: pytest.CaptureFixture[str]) -> None:
    served.changes = {f"{region}.json": ("0.0000002000", "0.0000003000") for region in REGIONS}
    assert refresh(served, "--region", "us-west-1", "--region", "us-east-1", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert {change["region"] for change in found["changed"]} == {"us-west-1", "us-east-1"}
    assert {change["percent"] for change in found["changed"]} == {50.0}
    assert (found["regions_read"], "ap-northeast-2" in found["regions_not_listed"]) == (2, True)


def test_what_is_new_gone_and_not_covered_is_told(served: PriceList, capsys: pytest.CaptureFixture[str]) -> None:
    served.changes["us-west-1.json"] = ("Lambda-Provisioned-GB-Second", "Lambda-Renamed-GB-Second")
    assert refresh(served) == 0
    shown = capsys.readouterr().out
    assert "1 gone" in shown
    assert "No longer on the list, kept as they were" in shown
    assert "Not read from the list, kept as they were: durable_operation" in shown
    assert "China has a list of its own: --url https://pricing.cn-north-1.amazonaws.com.cn" in shown


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        ("us-east-1.json", ("{", "<"), "is not JSON"),
        ("region_index.json", ('"regions"', '"places"'), "no regions"),
        ("us-west-1.json", ("Lambda-GB-Second", "Million-GB-Seconds"), "'Million-GB-Seconds', a unit we do not know"),
        ("us-west-1.json", ("AWSLambda", "AmazonEC2"), "AmazonEC2"),
        ("us-west-1.json", ('"0.0000049041"', '"1' + "0" * 20 + '"'), "not a plain decimal"),
        ("us-west-1.json", ("2026-09-19T", "2999-09-19T"), "which is to come"),
    ],
)
def test_a_list_that_is_not_understood_changes_nothing_and_says_what_to_do(
    served: PriceList,
    refreshed: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    change: tuple[str, str],
    words: str,
) -> None:
    served.changes[file] = change
    assert refresh(served) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert "Nothing was written; the prices in use stay as they are. Check --url" in printed.err
    assert not refreshed.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "--region", "xx-nowhere-1"], "--region xx-nowhere-1: the table has af-south-1"),
        (["refresh", "--url", "ftp://prices.example"], "give an http or https address"),
        (["refresh", "--url", "prices.example"], "give an http or https address"),
        (["refresh", "--url", "http://[::1"], "give an http or https address"),
        (["refresh", "--url", "http://127.0.0.1:99999"], "give an http or https address"),
        (["refresh", "--url", "http://127.0.0.1:0"], "give an http or https address"),
    ],
)
def test_what_makes_no_sense_is_refused(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert main(["rates", *arguments]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1


def test_a_region_that_the_list_has_not_is_refused_and_china_is_shown_the_way(
    served: PriceList, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refresh(served, "--region", "cn-north-1") == 2
    told = capsys.readouterr().err
    assert "--region cn-north-1: the list has ap-northeast-2, us-east-1, us-west-1" in told
    assert "--url https://pricing.cn-north-1.amazonaws.com.cn" in told


def test_what_cannot_be_shown_is_not_put_in_force(
    served: PriceList, refreshed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr("lambdascope_proxy.views.rates.show_refresh", fail)
    with pytest.raises(ArithmeticError):
        refresh(served)
    assert not refreshed.exists()


def test_an_older_list_is_refused_unless_it_is_forced(
    served: PriceList, refreshed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mirror that was forgotten would bring prices of years ago back as the newest ones."""
    served.changes = {f"{region}.json": ("2026-09-19T", "2026-09-18T") for region in REGIONS}
    assert refresh(served) == 1
    assert "before rate table 2026-09-19: --force takes its prices still" in capsys.readouterr().err
    assert not refreshed.exists()
    assert refresh(served, "--force") == 0
    assert [path.name for path in refreshed.iterdir()] == ["2026-09-19.01.json"]


@pytest.mark.parametrize(
    "change",
    [
        ('"usagetype": "', '"usagetype": "\\u001b]0;evil\\u0007'),
        ('"products": {', '"products": {"\\u001b[31m": {"attributes": {"usagetype": 7}}, '),
    ],
)
def test_what_a_terminal_would_obey_is_spelled_out(
    served: PriceList, capsys: pytest.CaptureFixture[str], change: tuple[str, str]
) -> None:
    served.changes["us-west-1.json"] = change
    assert refresh(served) == 1
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert "\\x1b" in told


def test_a_new_region_without_a_price_of_requests_is_shown(refreshed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = {"currency": "USD", "source": "s", "streaming_gb": {"arm64": "0.008"}}
    refreshed.mkdir()
    document = {"version": "2026-12-01", "sources": {"s": "a list"}, "regions": {"xx-new-1": entry}}
    (refreshed / "2026-12-01.json").write_text(json.dumps(document), encoding="utf-8")
    assert main(["rates", "show"]) == 0
    assert next(line for line in capsys.readouterr().out.splitlines() if "xx-new-1" in line).split() == [
        "xx-new-1",
        "USD",
    ]


def test_the_file_that_is_shown_is_the_one_that_was_read(refreshed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the one of the same name in the user's directory is damaged, prices come from the one that ships."""
    refreshed.mkdir()
    (refreshed / "2026-09-19.json").write_text("{", encoding="utf-8")
    assert main(["rates", "show"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == str(tables.SHIPPED / "2026-09-19.json")


def test_certificates_that_cannot_be_read_are_told_by_name(
    served: PriceList, capsys: pytest.CaptureFixture[str], enter: Enter
) -> None:
    enter({"AWS_CA_BUNDLE": "/nowhere.pem"})
    assert refresh(served) == 1
    assert "AWS_CA_BUNDLE" in capsys.readouterr().err


def test_the_table_in_use_is_shown_for_all_regions_and_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rates", "show"]) == 0
    overview = capsys.readouterr().out
    assert overview.startswith(f"Rate table 2026-09-19\n{tables.SHIPPED / '2026-09-19.json'}\n")
    assert next(line for line in overview.splitlines() if line.startswith("sa-east-1")).split() == [
        *["sa-east-1", "USD", "0.2", "16.6667", "13.3334", "0.0586", "6.6372", "15.4867"]
    ]
    assert main(["rates", "show", "--region", "us-east-1"]) == 0
    one = capsys.readouterr().out
    assert "6,000,000,000 to 15,000,000,000  0.000015 " in one
    assert "AWS Price List, offer AWSLambda, published 2026-09-19" in one


def test_as_json_every_price_is_a_row_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rates", "show", "--region", "cn-north-1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    rows = {row["item"]: row for row in found["prices"]}
    assert (found["version"], rows["request"]["price"], rows["request"]["currency"]) == (
        "2026-09-19",
        "0.00000136",
        "CNY",
    )
    assert rows["request"]["source"].startswith("infracost")
