"""An S3 server that nobody here wrote, as a process on a free port: Versity's gateway if installed, else MiniStack.

`tests/s3.sh` installs the gateway, which checks signatures and checksums as S3 does and keeps what it acknowledged;
MiniStack, which every test run has, checks no signatures and forgets all when it ends.
"""

import os
import secrets
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config

START_S: Final = 60
REGION: Final = "us-east-1"
BUCKET: Final = "lake"
_BIN: Final = Path(sys.executable).parent
GATEWAY: Final = _BIN / "versitygw"


class S3Server:
    """The server with one empty bucket, on a port and with a key of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.key_id, self.secret = f"AKIA{secrets.token_hex(8).upper()}", secrets.token_hex(20)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.is_strict = GATEWAY.exists()
        self._log = (directory / "server.log").open("ab")
        self.client: Any = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=self.key_id,
            aws_secret_access_key=self.secret,
            config=Config(retries={"total_max_attempts": 1}),
        )
        for name in ("data", "metadata"):
            (directory / name).mkdir()
        self.start()

    def start(self) -> None:
        """Start it, or start it again where it was; the bucket is there then."""
        self._process = subprocess.Popen(
            self._command(),
            cwd=self._directory,
            env={"PATH": os.environ["PATH"], "HOME": str(self._directory), **self._environment()},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._await_start()
        if BUCKET not in [bucket["Name"] for bucket in self.client.list_buckets()["Buckets"]]:
            self.client.create_bucket(Bucket=BUCKET)

    def kill(self) -> None:
        """End it without a warning."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it for good."""
        self.kill()
        self._log.close()

    def credentials(self) -> dict[str, str]:
        """The variables that let boto3 in."""
        return {"AWS_ACCESS_KEY_ID": self.key_id, "AWS_SECRET_ACCESS_KEY": self.secret, "AWS_REGION": REGION}

    def keys(self, prefix: str) -> list[str]:
        """The keys below a prefix."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix + "/")
        return sorted(item["Key"].removeprefix(prefix + "/") for page in pages for item in page.get("Contents", []))

    def content(self, key: str) -> bytes:
        """What is stored."""
        content: bytes = self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return content

    def contents(self, prefix: str) -> dict[str, bytes]:
        """What is stored below a prefix, by the rest of the key."""
        return {key: self.content(f"{prefix}/{key}") for key in self.keys(prefix)}

    def _command(self) -> list[str]:
        if not self.is_strict:
            return [str(_BIN / "ministack")]
        data, metadata = str(self._directory / "data"), str(self._directory / "metadata")
        return [str(GATEWAY), "--port", f"127.0.0.1:{self.port}", "--quiet", "posix", "--sidecar", metadata, data]

    def _environment(self) -> dict[str, str]:
        if self.is_strict:
            return {"ROOT_ACCESS_KEY_ID": self.key_id, "ROOT_SECRET_ACCESS_KEY": self.secret}
        return {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(self.port), "LOG_LEVEL": "WARNING"}

    def _await_start(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, Path(self._log.name).read_text()
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"the S3 server did not start: {Path(self._log.name).read_text()}")
