"""Where a policy holds."""

from lambdascope_proxy.iam.scope import Scope


def test_arns_name_every_region_and_the_account() -> None:
    scope = Scope(regions=("eu-west-1", "us-east-1"), account_id="123456789012")
    assert scope.arns("lambda", ["function:a"]) == (
        "arn:aws:lambda:eu-west-1:123456789012:function:a",
        "arn:aws:lambda:us-east-1:123456789012:function:a",
    )


def test_an_unknown_account_and_another_partition_show_in_the_arns() -> None:
    scope = Scope(regions=("cn-north-1",), partition="aws-cn")
    assert scope.arns("lambda", ["function:a"]) == ("arn:aws-cn:lambda:cn-north-1:*:function:a",)


def test_actions_without_a_resource_are_bound_to_the_regions_in_force() -> None:
    assert Scope(regions=("eu-west-1",)).in_its_regions == {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    both = Scope(regions=("eu-west-1", "us-east-1")).in_its_regions
    assert both == {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}


def test_every_region_is_no_condition() -> None:
    assert Scope(regions=("*",)).in_its_regions == {}
