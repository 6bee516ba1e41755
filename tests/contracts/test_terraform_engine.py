"""The real `terraform` keeps its state on the tests' own server, beside ours: so the server speaks the protocol, and so does the backend."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixpriv_reconcile.errors import StateError

from .http_serving import DIALECTS, PASSWORD, USER, backend_at, location_at, serving
from .state_backend import FACTS

pytestmark = pytest.mark.engines

CONFIGURATION = """
terraform {
  backend "http" {}
}
variable "text" {
  default = "one"
}
resource "terraform_data" "example" {
  input = var.text
}
"""


class Terraform:
    """A configuration in a folder of its own, whose state is *name* on the server."""

    def __init__(self, folder: Path, origin: str, dialect: str, name: str) -> None:
        self._folder = folder
        folder.mkdir()
        (folder / "main.tf").write_text(CONFIGURATION)
        (folder / "empty.tfrc").touch()
        location = location_at(origin, dialect, name)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TF_CLI_CONFIG_FILE": str(folder / "empty.tfrc"),
            "TF_DATA_DIR": str(folder / "data"),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "TF_HTTP_ADDRESS": location.address,
            "TF_HTTP_LOCK_ADDRESS": location.lock_address or location.address,
            "TF_HTTP_UNLOCK_ADDRESS": location.unlock_address or location.address,
            "TF_HTTP_LOCK_METHOD": location.lock_method,
            "TF_HTTP_UNLOCK_METHOD": location.unlock_method,
            "TF_HTTP_USERNAME": USER,
            "TF_HTTP_PASSWORD": PASSWORD,
            "TF_HTTP_RETRY_MAX": "0",
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What it said; a missing `terraform` fails the test, for then nothing is shown."""
        return subprocess.run(
            ["terraform", *arguments], cwd=self._folder, env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )

    def done(self, *arguments: str) -> str:
        """The same, of what has to succeed."""
        result = self.run(*arguments)
        assert result.returncode == 0, result.stdout + result.stderr
        print(f"$ terraform {' '.join(arguments)}\n{result.stdout}")
        return result.stdout


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    dialect: str = request.param
    return dialect


@pytest.fixture
def origin(dialect: str) -> Iterator[str]:
    with serving(dialect) as origin:
        yield origin


@pytest.fixture
def terraform(tmp_path: Path, origin: str, dialect: str) -> Terraform:
    return Terraform(tmp_path / "terraform", origin, dialect, "infrastructure")


def test_terraform_keeps_its_state_here(terraform: Terraform, origin: str, dialect: str) -> None:
    """init, apply, plan, another apply and destroy of the real terraform, with a state of ours at another address all the while."""
    ours = backend_at(origin, dialect, name="privacy")
    lock = ours.lock(FACTS, timeout_seconds=0)
    version = ours.replace(b"ours", expected=None)
    terraform.done("init", "-input=false", "-no-color")
    assert "1 added" in terraform.done("apply", "-auto-approve", "-input=false", "-no-color")
    assert "No changes" in terraform.done("plan", "-input=false", "-no-color")
    assert "1 changed" in terraform.done("apply", "-auto-approve", "-input=false", "-no-color", "-var", "text=two")
    ours.append_journal(b"ours")
    assert "1 destroyed" in terraform.done("destroy", "-auto-approve", "-input=false", "-no-color")
    assert (stored := ours.read()) is not None
    assert (stored.content, stored.version) == (b"ours", version)
    lock.release()


def test_our_lock_stops_terraform(terraform: Terraform, origin: str, dialect: str) -> None:
    """Where mixpriv holds the lock at its address, terraform ends with its own lock error, which names our lock."""
    theirs = backend_at(origin, dialect, name="infrastructure")
    terraform.done("init", "-input=false", "-no-color")
    lock = theirs.lock(FACTS, timeout_seconds=0)
    refused = terraform.run("apply", "-auto-approve", "-input=false", "-no-color")
    print(refused.stderr)
    assert refused.returncode != 0
    assert "Error acquiring the state lock" in refused.stderr
    assert "mixpriv-a1b2c3" in refused.stderr
    lock.release()


def test_terraform_leaves_our_document(terraform: Terraform, origin: str, dialect: str) -> None:
    """Terraform that is pointed at our state refuses it as none of its own, set up or not, and leaves it as it is."""
    terraform.done("init", "-input=false", "-no-color")
    ours = backend_at(origin, dialect, name="infrastructure")
    ours.replace(b"ours", expected=None)
    for arguments in (("apply", "-auto-approve"), ("destroy", "-auto-approve"), ("init", "-reconfigure")):
        refused = terraform.run(*arguments, "-input=false", "-no-color")
        print(refused.stderr)
        assert refused.returncode != 0
        assert 'does not have a "version" attribute' in " ".join(refused.stderr.split())
    assert ours._remote.look() is None
    assert (stored := ours.read()) is not None
    assert stored.content == b"ours"


def test_terraforms_lock_stops_us(terraform: Terraform, origin: str, dialect: str, tmp_path: Path) -> None:
    """A lock of the real terraform's is shown as held and is never taken over, however long one waits; nor is its state overwritten."""
    folder = tmp_path / "terraform"
    terraform.done("init", "-input=false", "-no-color")
    waiting = 'provisioner "local-exec" {\n    command = "until [ -e go-on ]; do sleep 0.1; done"\n  }'
    (folder / "slow.tf").write_text(f'resource "terraform_data" "slow" {{\n  {waiting}\n}}\n')
    ours = backend_at(origin, dialect, name="infrastructure", lease_seconds=6)
    with subprocess.Popen(
        ["terraform", "apply", "-auto-approve", "-input=false", "-no-color"],
        cwd=folder,
        env=terraform.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as applying:
        try:
            while (rival := ours._remote.look()) is None or rival.is_ours:
                assert applying.poll() is None
                time.sleep(0.1)
            with pytest.raises(StateError) as error:
                ours.lock(FACTS, timeout_seconds=12)
            print(error.value.message)
            assert error.value.code in ("MP0566", "MP0567")  # terraform may have written its state meanwhile
            assert (still := ours._remote.look()) is not None
            assert still.name == rival.name
        finally:
            (folder / "go-on").touch()
        assert applying.stdout is not None
        assert "2 added" in applying.stdout.read()
    with pytest.raises(StateError) as error:
        ours.lock(FACTS, timeout_seconds=0)
    assert error.value.code == "MP0566"
    assert "No changes" in terraform.done("plan", "-input=false", "-no-color")
