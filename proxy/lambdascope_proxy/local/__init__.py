"""A stage for the demo and the tests: the AWS wire protocol on loopback, with Lambda functions that really run."""

from lambdascope_proxy.local.aws import LocalAws
from lambdascope_proxy.local.model import LocalFunction, LocalRole, LocalSchema

__all__ = ["LocalAws", "LocalFunction", "LocalRole", "LocalSchema"]
