"""`lambdascope price`: what AWS charges for a month of a function, one REPORT line, or a month of CloudWatch."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from lambdascope_analytics.errors import MissingPriceError, PricingInputError
from lambdascope_proxy.commands.answering import print_document, tell
from lambdascope_proxy.errors import SettingsError

if TYPE_CHECKING:
    from lambdascope_analytics.pricing.bill import Price
    from lambdascope_analytics.pricing.document import Document
    from lambdascope_analytics.pricing.what_if import WhatIf

# Options that spell a document, and the fields of its usage they stand for.
SPELLED: Final[Mapping[str, str]] = {
    "region": "region",
    "architecture": "architecture",
    "memory_mb": "memory_mb",
    "requests": "requests",
    "billed_ms": "billed_duration_ms",
    "ephemeral_storage_mb": "ephemeral_storage_mb",
    "free_tier": "free_tier",
}
REFRESH: Final = "; `lambdascope rates refresh` asks AWS for the prices of today"
Asked = TypeVar("Asked")
Answered = TypeVar("Answered")
WHAT_IF: Final = "memory_mb, architecture, region, provisioned_concurrency or billed_duration_ms"


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "price", help="price a month, one invocation or CloudWatch, from what was used"
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="JSON to price, one document or an array; - is stdin")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--what-if",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"price also with this changed: {WHAT_IF}; several go together",
    )
    spelled = parser.add_argument_group("a month without a file")
    spelled.add_argument("--region", help="AWS region")
    spelled.add_argument("--memory-mb", metavar="MB", help="memory of the function, 128 to 10240")
    spelled.add_argument("--requests", metavar="N", help="requests in the month")
    spelled.add_argument("--billed-ms", metavar="MS", help="mean billed duration of a request")
    spelled.add_argument("--architecture", help="x86_64 (default) or arm64")
    spelled.add_argument("--ephemeral-storage-mb", metavar="MB", help="size of /tmp, 512 (free) to 10240")
    spelled.add_argument("--free-tier", action="store_true", default=None, help="take AWS's monthly free tier off")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the bills once all of them are known. Returns 1 where a price is not. Raises: SettingsError."""
    try:
        documents = _documents(arguments)
        many = documents if isinstance(documents, list) else [documents]
        answers = _priced(many, _changes(arguments.what_if), is_array=isinstance(documents, list))
    except PricingInputError as error:
        raise SettingsError(_as_options(str(error)) if arguments.file is None else str(error)) from error
    except _UnknownPriceError as error:
        tell([f"lambdascope: {error}"])
        return 1
    if not many:
        tell(["There is no document in it."])
    if arguments.json:
        _print_json(many, answers, is_array=isinstance(documents, list))
    else:
        _print_page(many, answers)
    _tell_what_is_left_out(many)
    return 0


class _UnknownPriceError(Exception):
    """A price is not known; it says of which document."""


def _is_renewed(error: MissingPriceError) -> bool:
    """Whether it is a price that `rates refresh` reads, so that asking AWS may help."""
    from lambdascope_analytics.price_list.usage_types import MEANINGS

    return any(
        error.price == meaning.item and error.architecture in meaning.architectures for meaning in MEANINGS.values()
    )


def _documents(arguments: argparse.Namespace) -> "Document | list[Document]":
    from lambdascope_analytics.pricing.document import read_document, read_documents

    today = datetime.now(UTC).date()
    spelled = {SPELLED[name]: value for name in SPELLED if (value := getattr(arguments, name)) is not None}
    if arguments.file is not None and spelled:
        raise SettingsError("price takes a FILE or options that say what was used, not both")
    if arguments.file is not None:
        return read_documents(_text(arguments.file), today=today)
    if not spelled:
        raise SettingsError("price takes a FILE (- is stdin), or --region, --memory-mb, --requests and --billed-ms")
    return read_document({"usage": spelled}, today=today)


def _text(file: str) -> str:
    data = _stdin() if file == "-" else Path(file).read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PricingInputError("document", f"is not UTF-8: {error.reason} at byte {error.start}") from error


def _stdin() -> bytes:
    # Python's own types do not know that it is None where whoever started us closed it.
    stdin: Any = sys.stdin
    if stdin is None:
        raise SettingsError("price -: there is no stdin to read from")
    return stdin.buffer.read()


def _as_options(problem: str) -> str:
    """The same problem, told of the option in place of the field."""
    for option, field in SPELLED.items():
        problem = problem.replace(f"usage.{field} ", f"--{option.replace('_', '-')} ")
    return problem.replace(", or billed_duration_total_ms", "")


def _changes(asked: Sequence[str]) -> Mapping[str, Any]:
    from lambdascope_analytics.pricing.members import Members

    pairs = [pair.partition("=") for pair in asked]
    names = [name for name, _, _ in pairs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise SettingsError(f"--what-if {twice} is given twice")
    members = Members({name: value for name, _, value in pairs})
    try:
        changes = members.optional(
            memory_mb=Members.integer,
            architecture=Members.text,
            region=Members.text,
            provisioned_concurrency=Members.number,
            billed_duration_ms=Members.number,
        )
        members.finish()
    except PricingInputError as error:
        raise SettingsError(f"--what-if {error}") from error
    return changes


def _priced(
    documents: "Sequence[Document]", changes: Mapping[str, Any], *, is_array: bool
) -> "Sequence[Price | WhatIf]":
    from lambdascope_analytics.pricing.priced import price_document
    from lambdascope_analytics.pricing.tables import load_cloudwatch_rates, load_rates
    from lambdascope_analytics.pricing.usage import Usage
    from lambdascope_analytics.pricing.what_if import what_if

    if not changes:
        tables = {"rates": load_rates(), "cloudwatch_rates": load_cloudwatch_rates()}
        return _each(documents, lambda document: price_document(document, **tables), is_array=is_array)
    usages = [document for document in documents if isinstance(document, Usage)]
    if len(usages) < len(documents):
        raise SettingsError("--what-if goes with documents of a month's usage only")

    def changed(usage: Usage) -> "WhatIf":
        try:
            return what_if(load_rates(), usage, **changes)
        except PricingInputError as error:
            # The document is read: only what is changed of it can make no sense any more.
            raise PricingInputError(f"--what-if {error.field}", error.problem) from error

    return _each(usages, changed, is_array=is_array)


def _each(documents: Sequence[Asked], price: Callable[[Asked], Answered], *, is_array: bool) -> Sequence[Answered]:
    """Each document's answer. Raises: _UnknownPriceError, PricingInputError; of an array they say which document."""
    answers: list[Answered] = []
    for index, document in enumerate(documents):
        place = f"[{index}]: " if is_array else ""
        try:
            answers.append(price(document))
        except MissingPriceError as error:
            raise _UnknownPriceError(f"{place}{error}{REFRESH if _is_renewed(error) else ''}") from error
        except PricingInputError as error:
            raise PricingInputError(f"{place}{error.field}", error.problem) from error
    return answers


def _print_json(documents: "Sequence[Document]", answers: "Sequence[Price | WhatIf]", *, is_array: bool) -> None:
    from lambdascope_analytics.pricing.bill import Price
    from lambdascope_analytics.pricing.written import bill_data, what_if_data

    found = [
        bill_data(answer, document) if isinstance(answer, Price) else what_if_data(answer)
        for document, answer in zip(documents, answers, strict=True)
    ]
    print_document(found if is_array else found[0], indent=2)


def _print_page(documents: "Sequence[Document]", answers: "Sequence[Price | WhatIf]") -> None:
    from lambdascope_analytics.pricing.bill import Price
    from lambdascope_proxy.views.page import Page, surface_of
    from lambdascope_proxy.views.price import show_bills, show_what_ifs

    page = Page(surface_of(sys.stdout))
    bills = [(document, each) for document, each in zip(documents, answers, strict=True) if isinstance(each, Price)]
    if bills:
        show_bills(bills, page)
    else:
        show_what_ifs([each for each in answers if not isinstance(each, Price)], page)
    sys.stdout.write(page.text())


def _tell_what_is_left_out(documents: "Sequence[Document]") -> None:
    from lambdascope_analytics.pricing.priced import left_out

    tell([words for document in documents if (words := left_out(document))])
