"""The limits of the operating system around a query, each tried in a process of its own."""

import resource
import subprocess
import sys

import pytest

HEAD = "import os, resource, sys\nfrom lambdascope_analytics.adhoc import fence\n"
LIMITED = HEAD + "fence.limit_resources(memory_mb=100, timeout_s=1)\n"


def run(program: str, **more: object) -> "subprocess.CompletedProcess[str]":
    """Runs a program to its end."""
    command = [sys.executable, "-P", "-c", program]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **more)  # pyright: ignore[reportCallIssue, reportArgumentType] -- passed on


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere the address space is not limited")
def test_more_memory_than_allowed_is_not_given() -> None:
    program = LIMITED + "try:\n    bytearray(2 << 30)\nexcept MemoryError:\n    print('refused')"
    assert run(program).stdout == "refused\n"


def test_no_file_can_grow(tmp_path: object) -> None:
    program = LIMITED + (
        "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"file = os.open({str(tmp_path)!r} + '/x', os.O_CREAT | os.O_WRONLY)\n"
        "try:\n    os.write(file, b'x')\nexcept OSError:\n    print('refused')"
    )
    assert run(program).stdout == "refused\n"


def test_no_core_is_dumped_and_processor_time_and_open_files_are_bounded() -> None:
    kinds = "RLIMIT_CORE RLIMIT_CPU RLIMIT_FSIZE"
    program = LIMITED + (
        f"print(*[resource.getrlimit(getattr(resource, kind)) for kind in {kinds!r}.split()])\n"
        "soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)\nprint(soft == min(65536, hard) or soft)"
    )
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    first, second = run(program).stdout.splitlines()
    assert first == "(0, 0) (5, 5) (0, 0)"
    assert second == "True", f"the hard limit here is {hard}"


def test_a_stricter_limit_of_the_system_stays() -> None:
    program = "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (3, 3))\n" + LIMITED
    assert run(program + "print(resource.getrlimit(resource.RLIMIT_CPU))").stdout == "(3, 3)\n"


def test_no_process_can_be_started() -> None:
    program = HEAD + (
        "if os.getuid() == 0:\n    os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "fence.forbid_processes()\ntry:\n    os.fork()\nexcept OSError:\n    print('refused')"
    )
    assert run(program).stdout == "refused\n"


def test_the_working_directory_is_none() -> None:
    program = HEAD + (
        "fence.leave_for_nowhere()\n"
        "for action in (os.getcwd, lambda: open('x', 'w')):\n"
        "    try:\n        action()\n    except FileNotFoundError:\n        print('nowhere')"
    )
    assert run(program).stdout == "nowhere\n" * 2


def test_where_nothing_can_be_written_the_root_is_the_working_directory() -> None:
    program = HEAD + (
        "import tempfile\n"
        "def refuse():\n    raise OSError('read-only')\n"
        "tempfile.mkdtemp = refuse\nfence.leave_for_nowhere()\nprint(os.getcwd())"
    )
    assert run(program).stdout == "/\n"


def test_it_dies_when_the_other_end_is_closed() -> None:
    program = HEAD + "fence.die_with(sys.stdin.buffer)\nimport threading\nthreading.Event().wait()"
    assert run(program, input="").returncode == -9
