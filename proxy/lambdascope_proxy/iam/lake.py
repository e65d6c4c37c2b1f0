"""What it takes to write the lake: S3 and, where the settings name a key, KMS. Pure."""

from collections.abc import Iterator

from lambdascope_analytics.store.lake.location import LakeLocation, read_location
from lambdascope_proxy.iam.scope import ANY, Scope
from lambdascope_proxy.iam.statement import Conditions, Statement
from lambdascope_proxy.settings import Settings

KINDS = ("calls", "amendments")


def lake_statements(settings: Settings, scope: Scope) -> Iterator[Statement]:
    """None where there is no lake, it is not AWS's, or a profile of its own writes it."""
    if not settings.history_s3 or settings.history_s3_endpoint or settings.history_s3_profile:
        return
    yield _writing(read_location(settings.history_s3), scope)
    if settings.history_s3_kms_key:
        yield _encrypting(settings.history_s3_kms_key, scope)


def _writing(lake: LakeLocation, scope: Scope) -> Statement:
    return Statement(
        sid="WriteTheLake",
        actions=("s3:PutObject", "s3:GetObject"),
        resources=tuple(f"arn:{scope.partition}:s3:::{lake.bucket}/{lake.key_of(kind)}/*" for kind in KINDS),
        purpose="the history of LAMBDASCOPE_HISTORY_S3: upload, then look whether it is there whole",
        without="the history waits on the disk; GetObject alone may be left out, S3's own checksum has to do then",
    )


def _encrypting(key: str, scope: Scope) -> Statement:
    resource, named = _key(key, scope)
    # The bucket may be in a region that no setting names.
    suffix = ".cn" if scope.partition == "aws-cn" else ""
    through_s3: Conditions = {"StringLike": {"kms:ViaService": f"s3.*.amazonaws.com{suffix}"}}
    return Statement(
        sid="EncryptTheLake",
        actions=("kms:GenerateDataKey", "kms:Decrypt"),
        resources=(resource,),
        conditions={**through_s3, **named},
        purpose="LAMBDASCOPE_HISTORY_S3_KMS_KEY: encrypting an upload, and looking at it; only through S3",
        without="S3 refuses the upload",
    )


def _key(key: str, scope: Scope) -> tuple[str, Conditions]:
    """The key's ARN; that of an alias leads to no key, so there a condition names it."""
    owner, _, name = key.rpartition(":") if key.startswith("arn:") else (scope.arn("kms", ANY, "")[:-1], "", key)
    if name.startswith("alias/"):
        return f"{owner}:key/*", {"ForAnyValue:StringEquals": {"kms:ResourceAliases": name}}
    return f"{owner}:{name if name.startswith('key/') else f'key/{name}'}", {}
