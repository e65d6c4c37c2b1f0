"""MiniStack, an AWS emulator that nobody here wrote, as a process on a free port."""

import io
import os
import secrets
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import httpx2

START_S = 60
REGION = "us-east-1"
HANDLER = """
import time

def handler(event, context):
    print("a line of the function's own")
    if event.get("fail"):
        raise ValueError("as asked")
    return {"event": event, "version": context.function_version}
"""


class MiniStack:
    """Starts it with an account number of our own, so that no other server on that port can be taken for it."""

    def __init__(self, directory: Path) -> None:
        self.account_id = f"{secrets.randbelow(10**12):012}"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        self._session: Any = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
        self.lambda_client = self._client("lambda")
        self._log = (directory / "ministack.log").open("w")
        self._process = subprocess.Popen(
            [Path(sys.executable).with_name("ministack")],
            cwd=directory,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(directory),
                "TMPDIR": str(directory),
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": self.url.rsplit(":", 1)[1],
                "LOG_LEVEL": "WARNING",
                "MINISTACK_ACCOUNT_ID": self.account_id,
            },
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._await_health()
        assert self._client("sts").get_caller_identity()["Account"] == self.account_id, "another server has this port"

    def environment(self) -> Mapping[str, str]:
        """The variables that lead a proxy here."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def _client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self.url)

    def create(self, name: str) -> None:
        """A function that echoes, or fails when its event says so."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("app.py", HANDLER)
        self.lambda_client.create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=f"arn:aws:iam::{self.account_id}:role/any",
            Handler="app.handler",
            Code={"ZipFile": packed.getvalue()},
            MemorySize=256,
            Timeout=20,
        )

    def close(self) -> None:
        """Ends it."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _await_health(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, Path(self._log.name).read_text()
            try:
                if httpx2.get(f"{self.url}/_ministack/health", trust_env=False).status_code == 200:
                    return
            except httpx2.HTTPError:
                time.sleep(0.1)
        raise AssertionError(f"MiniStack did not start: {Path(self._log.name).read_text()}")
