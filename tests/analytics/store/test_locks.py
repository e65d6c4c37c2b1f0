import subprocess
import sys
from pathlib import Path

import pytest

from lambdascope_analytics.store.locks import exclusive, is_locked

HOLDER = """
import sys
from pathlib import Path
from lambdascope_analytics.store.locks import exclusive
with exclusive(Path(sys.argv[1]), wait_s=0):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.lock"


def test_a_lock_is_held_until_its_holder_is_killed(path: Path) -> None:
    """Would catch a lock that a dead process leaves behind, as a file with a process id in it would be."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert is_locked(path)
        with pytest.raises(BlockingIOError), exclusive(path, wait_s=0.05):
            pass
        holder.kill()
        holder.wait(20)
    assert not is_locked(path)
    with exclusive(path, wait_s=0):
        assert is_locked(path)
    assert not is_locked(path)


def test_the_file_of_a_lock_is_private_and_stays(path: Path) -> None:
    """A lock whose file is removed can be held twice: once on the old file and once on the new one."""
    with exclusive(path, wait_s=0):
        inode = path.stat().st_ino
    assert (path.stat().st_ino, path.stat().st_mode & 0o777) == (inode, 0o600)


def test_what_does_not_exist_is_not_locked_and_not_made(path: Path) -> None:
    assert not is_locked(path)
    assert not path.exists()


def test_a_link_in_the_place_of_a_lock_is_refused(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=r"a\.lock"), exclusive(path, wait_s=0):
        pass
    assert not (tmp_path / "elsewhere").exists()
