"""The functions of the stub Lambda and the fixed answers about them, shaped as the AWS APIs shape them."""

import base64
import json
import re
from typing import Any

ACCOUNT_ID = "123456789012"
REGION = "us-east-1"
MEMORY_MB = 256
NAMES = tuple(f"bench-{delay}" for delay in ("0ms", "5ms", "20ms", "100ms", "400ms", "1s", "10s", "65s"))
DELAY = re.compile(r"bench-(\d+)(ms|s)")


def delay_ms_of(name: str) -> int:
    """Return how long a function takes, which is what its name says."""
    found = DELAY.fullmatch(name)
    assert found is not None
    return int(found[1]) * (1 if found[2] == "ms" else 1000)


def configuration_of(name: str) -> dict[str, Any]:
    """Return a function's FunctionConfiguration."""
    return {
        "FunctionName": name,
        "FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{name}",
        "Runtime": "python3.13",
        "Role": f"arn:aws:iam::{ACCOUNT_ID}:role/bench",
        "Handler": "app.handler",
        "CodeSize": 1024,
        "CodeSha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "Description": f"Answers after {delay_ms_of(name)} ms",
        "Timeout": 900,
        "MemorySize": MEMORY_MB,
        "LastModified": "2026-01-01T00:00:00.000+0000",
        "Version": "$LATEST",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
        "TracingConfig": {"Mode": "PassThrough"},
        "State": "Active",
        "LastUpdateStatus": "Successful",
    }


def as_json(value: object) -> bytes:
    """Return a value as compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()


FUNCTION_LIST = as_json({"Functions": [configuration_of(name) for name in NAMES]})
CALLER_IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    f"<Arn>arn:aws:iam::{ACCOUNT_ID}:user/bench</Arn><UserId>AIDABENCH</UserId><Account>{ACCOUNT_ID}</Account>"
    "</GetCallerIdentityResult><ResponseMetadata><RequestId>5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b80</RequestId>"
    "</ResponseMetadata></GetCallerIdentityResponse>"
).encode()


def log_tail(request_id: str, delay_ms: int) -> str:
    """Return the base64 log of a warm execution that took `delay_ms`."""
    lines = (
        f"START RequestId: {request_id} Version: $LATEST\nEND RequestId: {request_id}\n"
        f"REPORT RequestId: {request_id}\tDuration: {delay_ms:.2f} ms\tBilled Duration: {max(delay_ms, 1)} ms\t"
        f"Memory Size: {MEMORY_MB} MB\tMax Memory Used: 91 MB\t\n"
    )
    return base64.b64encode(lines.encode()).decode()
