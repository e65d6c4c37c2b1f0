"""The certificates that connections to AWS trust: chosen as boto3 chooses, and told by name when out of reach."""

from collections.abc import Callable, Mapping
from pathlib import Path

import botocore.session
import certifi
import pytest

from lambdascope_proxy.aws.certificates import trusted_certificates
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed

Enter = Callable[[Mapping[str, str]], None]


@pytest.fixture
def files(tmp_path: Path) -> Callable[[str], str]:
    """A file of certificates by this name."""

    def make(name: str) -> str:
        path = tmp_path / name
        path.write_bytes(Path(certifi.where()).read_bytes())
        return str(path)

    return make


def trusted(enter: Enter, monkeypatch: pytest.MonkeyPatch, config: Path, environ: Mapping[str, str]) -> str:
    enter({"AWS_CONFIG_FILE": str(config)})
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return trusted_certificates(botocore.session.Session())


def test_the_order_is_aws_ca_bundle_the_profile_requests_ca_bundle(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, files: Callable[[str], str], tmp_path: Path
) -> None:
    config, nothing = tmp_path / "config", tmp_path / "nothing"
    config.write_text(f"[default]\nca_bundle = {files('profile.pem')}\n")
    both = {"AWS_CA_BUNDLE": files("aws.pem"), "REQUESTS_CA_BUNDLE": files("requests.pem")}
    only_requests = {"REQUESTS_CA_BUNDLE": files("requests.pem")}
    assert trusted(enter, monkeypatch, config, both) == files("aws.pem")
    assert trusted(enter, monkeypatch, config, only_requests) == files("profile.pem")
    assert trusted(enter, monkeypatch, nothing, only_requests) == files("requests.pem")


def test_without_a_choice_of_the_users_they_are_botocores(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # An empty name would trust whatever the machine's OpenSSL finds, or nothing.
    assert Path(trusted(enter, monkeypatch, tmp_path / "nothing", {})).is_file()


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file"), ("", "Is a directory"), ("no PEM", "it holds no certificate")]
)
@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "ca_bundle"])
def test_a_file_out_of_reach_is_named_with_what_named_it(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, content: str | None, reason: str
) -> None:
    path = tmp_path / "bundle.pem"
    if content:
        path.write_text(content)
    elif content is not None:
        path.mkdir()
    config = tmp_path / "config"
    config.write_text(f"[default]\nca_bundle = {path}\n" if variable == "ca_bundle" else "")
    environ = {} if variable == "ca_bundle" else {variable: str(path)}
    with pytest.raises(CallFailed) as failed:
        trusted(enter, monkeypatch, config, environ)
    assert failed.value.kind is OutcomeKind.TRANSPORT_ERROR
    assert all(word in str(failed.value) for word in (str(path), variable, reason))
    assert variable in failed.value.failure.hint
