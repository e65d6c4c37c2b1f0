"""GetCallerIdentity through boto3."""

from typing import Any

import pytest


def test_the_caller_is_of_the_local_account(run_aws: Any, client_of: Any) -> None:
    identity = client_of(run_aws(account_id="999988887777"), "sts").get_caller_identity()
    assert identity["Account"] == "999988887777"
    assert identity["Arn"] == "arn:aws:iam::999988887777:user/local"
    assert identity["ResponseMetadata"]["RequestId"] == identity["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]


def test_other_operations_are_refused(run_aws: Any, client_of: Any) -> None:
    client = client_of(run_aws(), "sts")
    with pytest.raises(client.exceptions.ClientError, match="not implemented by the local AWS"):
        client.get_session_token()
