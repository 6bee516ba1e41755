from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mixpriv_reconcile.errors import MixprivError
from mixpriv_reconcile.ids.spool import Spool, sweep

HOLDER = """
import sys, time
from pathlib import Path
from mixpriv_reconcile.ids.spool import Spool
spool = Spool(Path(sys.argv[1])).__enter__()
spool.create().write(b"user-1")
print(spool.folder, flush=True)
time.sleep(60)
"""


def held(root: Path) -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(root)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_private_and_gone(tmp_path: Path) -> None:
    """The spool can be read by its owner only, and is gone with all in it when it is left."""
    with Spool(tmp_path) as spool:
        with spool.create() as file:
            file.write(b"user-1")
        assert {0o600} == {path.stat().st_mode & 0o777 for path in spool.folder.iterdir()}
        assert [path.stat().st_mode & 0o777 for path in (spool.folder, *spool.folder.parents[:2])] == [0o700] * 3
        folder = spool.folder
    assert not folder.exists()


def test_gone_after_an_exception(tmp_path: Path) -> None:
    """An error leaves nothing behind."""
    spool = Spool(tmp_path)
    with pytest.raises(ZeroDivisionError), spool, spool.create() as file:
        file.write(b"%d" % (1 // 0))
    assert not [path for path in (tmp_path / ".mixpriv" / "spool").iterdir() if path.is_dir()]


def test_killed(tmp_path: Path) -> None:
    """What a killed process left behind is removed at the next start; what a living one uses is not."""
    dead, left = held(tmp_path)
    living, used = held(tmp_path)
    try:
        dead.send_signal(signal.SIGKILL)
        dead.wait()
        assert left.is_dir()
        assert sweep(tmp_path) == 1
        assert (left.exists(), used.exists()) == (False, True)
        living.kill()
        living.wait()
        with Spool(tmp_path) as spool:
            assert [spool.folder] == [path for path in spool.folder.parent.iterdir() if path.is_dir()]
    finally:
        for process in (dead, living):
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def test_nothing_to_sweep(tmp_path: Path) -> None:
    """Looking for leftovers makes nothing."""
    assert (sweep(tmp_path), list(tmp_path.iterdir())) == (0, [])


@pytest.mark.parametrize("name", [".mixpriv", ".mixpriv/spool"])
def test_links_are_refused(tmp_path: Path, name: str) -> None:
    """A link where the spool belongs can't carry raw ids elsewhere."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MixprivError) as refused, Spool(tmp_path):
        pass
    assert (refused.value.code, list((tmp_path / "elsewhere").iterdir())) == ("MP0442", [])


def test_modes_are_tightened(tmp_path: Path) -> None:
    """A spool's folders that others could read are closed to them."""
    (tmp_path / ".mixpriv").mkdir(mode=0o755)
    with Spool(tmp_path):
        assert (tmp_path / ".mixpriv").stat().st_mode & 0o777 == 0o700
