"""`mixpriv-no-ids`: what people are called doesn't get into git by way of ids."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

MANIFEST = """\
# Questions: privacy@example.org
version: 1
workspace:
  credentials:
    gdpr_token: {{env: GDPR_TOKEN}}
projects:
  web:
    id: 1
    token: {{env: TOKEN}}
    residency: eu
    sso:
      postback_url: https://eu.mixpanel.com/security/login/42
      confirmed: {{by: ops@example.org, on: 2026-11-20}}
    deletions:
      r1:
        compliance: gdpr   # asked by desk@example.org
        distinct_ids: [{deleted}]
        from: [{{file: requests/*.csv, column: distinct_id}}]
    opt_outs:
      distinct_ids: [{opted_out}]
      write_to: opt-outs.json
    legal_holds:
      distinct_ids:
        - user-3
        - {held}
"""
PERSON = "anna.canary@example.net"


class Repository:
    """A git repository in a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {**os.environ, "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        self.git("init", "-q")

    def git(self, *arguments: str) -> str:
        ran = subprocess.run(["git", *arguments], cwd=self.root, env=self.environment, capture_output=True, text=True, check=True)
        return ran.stdout

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def manifest(self, name: str = "privacy.yaml", deleted: str = "user-1", opted_out: str = "user-2", held: str = "user-4") -> None:
        self.write(name, MANIFEST.format(deleted=deleted, opted_out=opted_out, held=held))

    def checked(self, *arguments: str) -> tuple[int, str]:
        """Exit code and all that the check prints; it never repeats an address."""
        ran = subprocess.run(
            [sys.executable, "-m", "mixpriv_reconcile.cli.no_ids", *arguments],
            cwd=self.root, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        printed = ran.stdout + ran.stderr
        assert PERSON not in printed
        return ran.returncode, printed


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def places(printed: str) -> list[str]:
    """FILE:LINE:COLUMN and code of each finding."""
    return [f"{place} {code}" for place, code in re.findall(r"^(\S+:\d+:\d+): \w+\[(MP\d{4})\]", printed, re.MULTILINE)]


def test_addresses_in_other_places_are_fine(repository: Repository) -> None:
    """Who confirmed a step, whom to ask and what a comment says are no ids."""
    repository.manifest()
    assert repository.checked("privacy.yaml") == (0, "")


def test_ids_that_are_addresses_are_found_where_they_stand(repository: Repository) -> None:
    """In requests, opt-outs and legal holds, each at its own line and column, quoted or not."""
    repository.manifest(deleted=f"user-1, {PERSON}", opted_out=f'"{PERSON}"', held=f"mailto:{PERSON}")
    code, printed = repository.checked("privacy.yaml")
    assert code == 1
    assert places(printed) == ["privacy.yaml:17:32 MP0680", "privacy.yaml:20:22 MP0680", "privacy.yaml:25:11 MP0680"]


def test_a_line_or_a_domain_can_be_allowed(repository: Repository) -> None:
    """A comment lets one line through, an option a domain."""
    repository.manifest(held=f"{PERSON}  # mixpriv-no-ids: allow")
    assert repository.checked("privacy.yaml") == (0, "")
    repository.manifest(held=PERSON)
    assert repository.checked("--allow-domain", "example.net", "privacy.yaml") == (0, "")
    assert repository.checked("--allow-domain", "example.com", "privacy.yaml")[0] == 1


@pytest.mark.parametrize("name", ["requests/2026-11.csv", "sub/requests/2026-11.csv"])
def test_sources_that_a_manifest_names_are_looked_through(repository: Repository, name: str) -> None:
    """A file that a manifest of the repository names holds no address in any column, also where the manifest isn't part of the commit."""
    repository.manifest("sub/privacy.yaml" if name.startswith("sub") else "privacy.yaml")
    repository.write(name, f"distinct_id,mail\nuser-1,\nuser-2,{PERSON}\n")
    code, printed = repository.checked(name)
    assert (code, places(printed)) == (1, [f"{name}:3:8 MP0681"])


def test_other_files_are_left_alone(repository: Repository) -> None:
    """A list of authors, a pipeline and a data file that no manifest names may hold what they like."""
    repository.manifest()
    repository.write("AUTHORS.txt", PERSON)
    repository.write("other/requests.csv", PERSON)
    repository.write(".gitlab-ci.yml", f"variables: {{distinct_ids: ['{PERSON}']}}\n")
    assert repository.checked("AUTHORS.txt", "other/requests.csv", ".gitlab-ci.yml") == (0, "")


def test_packed_sources_are_looked_through(repository: Repository) -> None:
    """A packed source is unpacked first; what can't be unpacked isn't let through."""
    repository.write("privacy.yaml", MANIFEST.format(deleted="a", opted_out="b", held="c").replace("*.csv", "*.csv.gz"))
    (repository.root / "requests").mkdir()
    (repository.root / "requests/a.csv.gz").write_bytes(gzip.compress(f"distinct_id\n{PERSON}\n".encode()))
    (repository.root / "requests/b.csv.gz").write_bytes(b"not packed")
    code, printed = repository.checked("requests/a.csv.gz", "requests/b.csv.gz")
    assert (code, places(printed)) == (1, ["requests/a.csv.gz:2:1 MP0681", "requests/b.csv.gz:1:1 MP0682"])


@pytest.mark.parametrize("text", ["projects:\n  web: {distinct_ids: [" + PERSON, "projects:\n\t- x"])
def test_a_manifest_that_doesnt_parse_isnt_let_through(repository: Repository, text: str) -> None:
    """Nobody can tell what stands in a broken manifest."""
    repository.write("privacy.yaml", text)
    code, printed = repository.checked("privacy.yaml")
    assert (code, places(printed)) == (1, ["privacy.yaml:1:1 MP0682"])


def test_many_findings_are_counted(repository: Repository) -> None:
    """Twenty are shown, the rest is counted."""
    repository.manifest()
    repository.write("requests/a.csv", "distinct_id\n" + f"{PERSON}\n" * 1_500)
    _, printed = repository.checked("requests/a.csv")
    assert len(places(printed)) == 21
    assert "1,480 more addresses in this file are not shown" in printed


def test_what_is_staged_is_looked_at_and_not_what_lies_there(repository: Repository) -> None:
    """With --staged an address that was staged is found though it is corrected in the folder; unstaged ones and former commits don't count."""
    repository.manifest()
    repository.write("requests/old.csv", f"distinct_id\n{PERSON}\n")
    repository.git("add", "requests/old.csv")
    repository.git("-c", "user.name=x", "-c", "user.email=x@example.invalid", "commit", "-qm", "before")
    repository.manifest(held=PERSON)
    repository.git("add", "privacy.yaml")
    repository.manifest()
    repository.write("requests/new.csv", f"distinct_id\n{PERSON}\n")
    code, printed = repository.checked("--staged")
    assert (code, places(printed)) == (1, ["privacy.yaml:25:11 MP0680"])
    repository.git("add", "-A")
    code, printed = repository.checked("--staged")
    assert (code, places(printed)) == (1, ["requests/new.csv:2:1 MP0681"])


def test_it_says_how_it_is_called(repository: Repository) -> None:
    """Neither files nor --staged, and --staged outside a repository, end 1 with a hint."""
    assert repository.checked()[0] == 1
    subprocess.run(["rm", "-rf", ".git"], cwd=repository.root, check=True)
    code, printed = repository.checked("--staged")
    assert code == 1
    assert "MP0683" in printed
