"""The stage of the lake's tests: a real S3 server, a way to it that can fail, a history with an outbox."""

import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

# What the tests share lies beside them: test directories are no packages.
sys.path.insert(0, str(Path(__file__).parent))

from lake_stage.faults import FaultyWay
from lake_stage.server import BUCKET, S3Server

from lambdascope_analytics.store.lake.location import LakeLocation


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One server for the whole run; tests keep apart by their prefixes."""
    server = S3Server(tmp_path_factory.mktemp("s3"))
    yield server
    server.close()


@pytest.fixture
def own_s3(tmp_path: Path) -> Iterator[S3Server]:
    """A server of one test's own, for tests that kill it."""
    (tmp_path / "s3").mkdir()
    server = S3Server(tmp_path / "s3")
    yield server
    server.close()


@pytest.fixture
def way(s3: S3Server) -> Iterator[FaultyWay]:
    """A way to the shared server on which the test lets things go wrong."""
    made = FaultyWay(s3.port)
    yield made
    made.close()


@pytest.fixture
def location() -> LakeLocation:
    """A prefix nobody else uses."""
    return LakeLocation(bucket=BUCKET, prefix=f"team/{uuid.uuid4().hex}")


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A history's directory, empty."""
    directory = tmp_path / "history"
    directory.mkdir(mode=0o700)
    return directory


@pytest.fixture
def no_aws(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that leads boto3 nowhere by itself."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    return monkeypatch


@pytest.fixture
def credentials(no_aws: pytest.MonkeyPatch, s3: S3Server) -> pytest.MonkeyPatch:
    """The shared server's credentials in the environment."""
    for name, value in s3.credentials().items():
        no_aws.setenv(name, value)
    return no_aws
