"""`lambdascope iam-policy`: the least that AWS must allow for the settings in force."""

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed, SettingsError
from lambdascope_proxy.settings import Settings, load_settings

if TYPE_CHECKING:
    from lambdascope_proxy.aws.roles import AssumedRole
    from lambdascope_proxy.iam.policy import Asked
    from lambdascope_proxy.iam.scope import Scope
    from lambdascope_proxy.iam.statement import Statement

HELP = "print the least-privilege IAM policy for the settings in force"
_ACCOUNT = re.compile(r"\d{12}")
_PREFIX = re.compile(r"[A-Za-z0-9-_]{0,64}")
_LOG_GROUP = re.compile(r"[A-Za-z0-9._/#-]{1,512}")


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("iam-policy", help=HELP, description=HELP)
    parser.add_argument("--account", default="", help="account id for the ARNs (default: any account)")
    parser.add_argument("--role", default="", help="what this role of LAMBDASCOPE_ROLE_ARNS needs in its own account")
    parser.add_argument(
        "--monitoring",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="with or without what the monitoring tools read in CloudWatch (default: with)",
    )
    parser.add_argument(
        "--log-group", action="append", default=[], help="log group of one's own, of a function; may be given again"
    )
    parser.add_argument("--explain", action="store_true", help="say of each statement what it is for, instead")
    parser.add_argument("--config", type=Path, help="TOML file of settings")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the policy, and on stderr what it leaves open. Asks AWS nothing. Raises: SettingsError, CallFailed."""
    settings = load_settings(os.environ, arguments.config, connects=False)
    _check(arguments, settings)
    from lambdascope_proxy.iam.policy import account_statements, home_statements

    role = _role(settings, arguments.role)
    asked = _asked(arguments, settings, role)
    statements = tuple(account_statements(asked)) if role else home_statements(asked, settings)
    if not statements:
        from lambdascope_proxy.selection import NOTHING_ALLOWED

        raise CallFailed(OutcomeKind.REFUSED, "NothingAllowed", NOTHING_ALLOWED)
    _print(statements, is_explained=arguments.explain)
    sys.stderr.writelines(f"{note}\n" for note in _notes(settings, asked, statements, role))
    return 0


def _check(arguments: argparse.Namespace, settings: Settings) -> None:
    if arguments.account and not _ACCOUNT.fullmatch(arguments.account):
        raise SettingsError(f"--account {arguments.account}: an account id has twelve digits")
    for group in arguments.log_group:
        if not _LOG_GROUP.fullmatch(group):
            raise SettingsError(f"--log-group {group}: give the name of one log group, such as /orders/agents")
    if not _PREFIX.fullmatch(settings.function_prefix):
        # It could hold what IAM takes for a pattern, and no function's name begins so.
        raise SettingsError(
            f"FUNCTION_PREFIX={settings.function_prefix!r}: no function's name begins so; "
            "names have letters, digits, - and _"
        )


def _role(settings: Settings, arn: str) -> "AssumedRole | None":
    if not arn:
        return None
    for role in settings.role_arns:
        if role.arn == arn:
            return role
    known = ", ".join(sorted(role.arn for role in settings.role_arns)) or "none"
    raise SettingsError(f"--role {arn}: is not in LAMBDASCOPE_ROLE_ARNS, which has {known}")


def _asked(arguments: argparse.Namespace, settings: Settings, role: "AssumedRole | None") -> "Asked":
    from lambdascope_proxy.account_wiring import selection_of
    from lambdascope_proxy.iam.policy import Asked

    return Asked(
        selection=selection_of(settings),
        scope=_scope(settings, arguments.account, role),
        has_schemas=bool(settings.schema_tag_key),
        monitors=arguments.monitoring,
        log_groups=tuple(arguments.log_group),
    )


def _scope(settings: Settings, account_id: str, role: "AssumedRole | None") -> "Scope":
    from lambdascope_proxy.iam.scope import ANY, Scope

    home = _home_region(settings)
    regions = sorted({home or ANY, *settings.regions})
    if role:
        account_id = role.account_id
    return Scope(
        regions=(ANY,) if ANY in regions else tuple(regions),
        account_id=account_id or ANY,
        partition=role.arn.split(":")[1] if role else _partition(home),
    )


def _home_region(settings: Settings) -> str:
    """As boto3 would find it; empty when there is none."""
    from lambdascope_proxy.aws.clients import Clients

    if settings.aws_region:
        return settings.aws_region
    try:
        return Clients(region="", profile=settings.aws_profile).region
    except CallFailed:
        return ""


def _partition(region: str) -> str:
    from botocore.exceptions import UnknownRegionError
    from botocore.session import Session

    try:
        return Session().get_partition_for_region(region) if region else "aws"
    except UnknownRegionError as error:
        raise SettingsError(f"AWS_REGION={region}: botocore knows no such region") from error


def _print(statements: "Sequence[Statement]", *, is_explained: bool) -> None:
    from lambdascope_proxy.iam.statement import policy_document
    from lambdascope_proxy.printing import print_json, print_table

    if not is_explained:
        print_json(policy_document(statements))
        return
    rows = [(each.sid, "\n".join(each.actions), each.purpose, each.without) for each in statements]
    print_table("What each statement is for", ["statement", "allows", "for", "without it"], rows)


def _notes(
    settings: Settings, asked: "Asked", statements: "Sequence[Statement]", role: "AssumedRole | None"
) -> Iterator[str]:
    """What the policy leaves open."""
    from lambdascope_proxy.iam.scope import ANY
    from lambdascope_proxy.iam.statement import MANAGED_CHARACTERS, counted_characters, policy_document

    if asked.scope.account_id == ANY:
        yield "The ARNs hold for any account: --account ID narrows them."
    if ANY in asked.scope.regions and ANY not in settings.regions:
        yield "No region is configured, so the ARNs hold for every one: set AWS_REGION."
    if asked.selection.is_empty:
        yield "No function is allowed by the settings, so none is in the policy."
    if not role:
        yield from _notes_of_home(settings)
    size = counted_characters(policy_document(statements))
    if size > MANAGED_CHARACTERS:
        yield (
            f"IAM counts {size} characters, more than a managed policy may have ({MANAGED_CHARACTERS}): "
            "choose by FUNCTION_PREFIX or a tag, or split it."
        )


def _notes_of_home(settings: Settings) -> Iterator[str]:
    for each in settings.role_arns:
        yield f"What {each.arn} needs in its own account: lambdascope iam-policy --role {each.arn}"
    if settings.history_s3 and settings.history_s3_profile:
        yield f"The lake is written by profile {settings.history_s3_profile}: docs/lake.md has what that needs."
    elif settings.history_s3_endpoint:
        yield f"The lake is at {settings.history_s3_endpoint}, which has access rules of its own."
