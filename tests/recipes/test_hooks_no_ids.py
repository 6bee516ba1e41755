"""`mixpriv-no-ids`: what people are called doesn't get into git by way of ids."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
import yaml

from mixpriv_reconcile.pipeline.committed_ids import committed_ids

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

    def checked(self, *arguments: str, folder: str = ".") -> tuple[int, str]:
        """Exit code and all that the check prints but for its last line, the count; it never repeats an address."""
        ran = subprocess.run(
            [sys.executable, "-m", "mixpriv_reconcile.cli.no_ids", *arguments],
            cwd=self.root / folder, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        printed = ran.stdout + ran.stderr
        assert PERSON not in printed
        return ran.returncode, re.sub(r"^Looked through .*\n", "", printed, flags=re.MULTILINE)

    def counted(self, *arguments: str) -> str:
        """What the check says of how much it looked through."""
        return subprocess.run(
            [sys.executable, "-m", "mixpriv_reconcile.cli.no_ids", *arguments],
            cwd=self.root, env=self.environment, capture_output=True, text=True, check=False,
        ).stdout  # fmt: skip


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


@pytest.mark.parametrize("how", ["named", "staged"])
def test_a_manifest_may_not_begin_to_name_addresses_that_git_has(repository: Repository, how: str) -> None:
    """Where a file with addresses is in git already, the manifest that makes it a source isn't let through; a file that git ignores is its affair."""
    repository.write(".gitignore", "requests/private.csv\n")
    repository.write("requests/old.csv", f"distinct_id\n{PERSON}\n")
    repository.write("requests/private.csv", f"distinct_id\n{PERSON}\n")
    repository.write("requests/new.csv", f"distinct_id\n{PERSON}\n")
    repository.git("add", "requests/old.csv", ".gitignore")
    repository.git("-c", "user.name=x", "-c", "user.email=x@example.invalid", "commit", "-qm", "before")
    repository.manifest()
    repository.git("add", "privacy.yaml")
    given = ("--staged",) if how == "staged" else ("privacy.yaml",)
    code, printed = repository.checked(*given)
    assert (code, places(printed)) == (1, ["requests/old.csv:2:1 MP0681"])
    assert repository.counted(*given) == "Looked through 1 manifest and 1 source.\n"
    repository.git("rm", "-q", "--cached", "requests/old.csv")
    assert repository.checked(*given) == (0, "")


def test_other_files_are_left_alone(repository: Repository) -> None:
    """A list of authors, a pipeline and a data file that no manifest names may hold what they like."""
    repository.manifest()
    repository.write("AUTHORS.txt", PERSON)
    repository.write("other/requests.csv", PERSON)
    repository.write(".gitlab-ci.yml", f"variables: {{distinct_ids: ['{PERSON}']}}\n")
    assert repository.checked("AUTHORS.txt", "other/requests.csv", ".gitlab-ci.yml") == (0, "")


def test_it_says_how_much_it_looked_through(repository: Repository) -> None:
    """Manifests, sources, and how many files it passed over: that nothing was found isn't that nothing was looked at."""
    repository.manifest()
    repository.write("requests/a.csv", "distinct_id\nuser-1\n")
    repository.write("notes.txt", "")
    assert repository.counted("privacy.yaml", "requests/a.csv", "notes.txt") == "Looked through 1 manifest and 1 source; 1 other file passed over.\n"


@pytest.mark.parametrize("name", ["requests", "requests/*.csv", "gone.yaml"])
def test_what_is_no_file_is_an_error(repository: Repository, name: str) -> None:
    """A folder, a pattern that matched nothing and a file that is gone end 1: nothing of them is looked through."""
    repository.manifest()
    (repository.root / "requests").mkdir()
    code, printed = repository.checked("privacy.yaml", name)
    assert (code, places(printed)) == (1, [f"{name}:1:1 MP0682"])


def test_packed_sources_are_looked_through(repository: Repository) -> None:
    """A packed source is unpacked first; what can't be unpacked isn't let through."""
    repository.write("privacy.yaml", MANIFEST.format(deleted="a", opted_out="b", held="c").replace("*.csv", "*.csv.gz"))
    (repository.root / "requests").mkdir()
    (repository.root / "requests/a.csv.gz").write_bytes(gzip.compress(f"distinct_id\n{PERSON}\n".encode()))
    (repository.root / "requests/b.csv.gz").write_bytes(b"not packed")
    code, printed = repository.checked("requests/a.csv.gz", "requests/b.csv.gz")
    assert (code, places(printed)) == (1, ["requests/a.csv.gz:2:1 MP0681", "requests/b.csv.gz:1:1 MP0682"])


@pytest.mark.parametrize(
    "text",
    [
        '"version": 1\n"projects": {{web: {{id: 1, deletions: {{r: {{distinct_ids: [{person}], from: [{{file: ids.csv}}]}}}}}}}}\n',
        '{{"version": 1, "projects": {{"web": {{"deletions": {{"r": {{"distinct_ids": ["{person}"], "from": [{{"file": "ids.csv"}}]}}}}}}}}}}',
        'version: 1\n"p\\u0072ojects": {{web: {{deletions: {{r: {{distinct_ids: [{person}], from: [{{file: ids.csv}}]}}}}}}}}\n',
    ],
    ids=["quoted", "JSON", "escaped"],
)
def test_a_manifest_may_be_written_in_any_way(repository: Repository, text: str) -> None:
    """With its keys in quotes, or as JSON, a manifest is one to this check as it is to the program, and so are its sources."""
    repository.write("privacy.yaml", text.format(person=PERSON))
    repository.write("ids.csv", f"distinct_id\n{PERSON}\n")
    code, printed = repository.checked("privacy.yaml", "ids.csv")
    assert code == 1
    assert ["MP0680", "MP0681"] == [place[-6:] for place in places(printed)]


@pytest.mark.parametrize(
    "lists",
    [
        f"x: &a [{PERSON}]\n        distinct_ids: *a",
        f"distinct_ids: [u]\n        distinct_ids: [{PERSON}]",
        f"distinct_ids: [[{PERSON}]]",
    ],
    ids=["alias", "second", "nested"],
)
def test_what_isnt_read_isnt_let_through(repository: Repository, lists: str) -> None:
    """Ids that the program refuses to read where they stand, behind an alias, in a second list or a list within one, are in git all the same."""
    repository.write("privacy.yaml", f"version: 1\nprojects:\n  web:\n    deletions:\n      r:\n        {lists}\n")
    code, printed = repository.checked("privacy.yaml")
    assert (code, places(printed)) == (1, ["privacy.yaml:1:1 MP0682"])


def test_placeholders_are_ids_too(repository: Repository) -> None:
    """An address under `allow_placeholder_ids` is found, though it is no placeholder."""
    repository.write("privacy.yaml", f"version: 1\nworkspace:\n  policy:\n    allow_placeholder_ids: [unknown, {PERSON}]\n")
    code, printed = repository.checked("privacy.yaml")
    assert (code, places(printed)) == (1, ["privacy.yaml:4:38 MP0680"])


@pytest.mark.parametrize(
    ("name", "text", "column"),
    [
        ("requests/IDS.CSV", f"distinct_id\n{PERSON}\n", 1),
        ("requests/ids.ndjson", '{"id":"x"}\n{"id":"\\u0061nna.canary\\u0040example\\u002enet"}\n', 8),
        ("requests/ids.txt", 'x\n"anna canary"@example.net\n', 1),
    ],
)
def test_an_address_may_be_written_in_any_way(repository: Repository, name: str, text: str, column: int) -> None:
    """Escapes of JSON, quotes around a name with blanks and capitals in an extension hide nobody."""
    repository.write("privacy.yaml", MANIFEST.format(deleted="a", opted_out="b", held="c").replace("requests/*.csv", name))
    repository.write(name, text)
    code, printed = repository.checked(name)
    assert (code, places(printed)) == (1, [f"{name}:2:{column} MP0681"])


def test_a_packed_source_is_looked_through_to_its_end(repository: Repository) -> None:
    """An address behind 65 MiB of other ids is found; what unpacks to very much more than its size isn't let through."""
    repository.write("privacy.yaml", MANIFEST.format(deleted="a", opted_out="b", held="c").replace("*.csv", "*.CSV.GZ"))
    (repository.root / "requests").mkdir()
    lines = b"".join(b"%x\n" % (number * 2**40 // 3) for number in range(2**16))
    packed = gzip.compress(lines * (65 * 2**20 // len(lines) + 1) + f"{PERSON}\n".encode(), 1)
    (repository.root / "requests/a.CSV.GZ").write_bytes(packed)
    (repository.root / "requests/b.CSV.GZ").write_bytes(gzip.compress(b"0" * 2**24))
    code, printed = repository.checked("requests/a.CSV.GZ", "requests/b.CSV.GZ")
    assert code == 1
    assert [("a", "MP0681"), ("b", "MP0682")] == [(place.split(".")[0][-1], place[-6:]) for place in places(printed)]
    assert "it unpacks to far more than its size" in printed


def test_it_doesnt_matter_from_where_a_file_is_named(repository: Repository) -> None:
    """With its whole path, from a folder below or with .. a source is recognised, by a manifest anywhere in the repository."""
    repository.manifest()
    repository.write("requests/a.csv", f"distinct_id\n{PERSON}\n")
    found = (1, ["requests/a.csv:2:1 MP0681"])
    for folder, name in ((".", str(repository.root / "requests/a.csv")), ("requests", "a.csv"), ("requests", "../requests/a.csv")):
        code, printed = repository.checked(name, folder=folder)
        assert (code, places(printed)) == found
    repository.git("add", "requests/a.csv")
    code, printed = repository.checked("--staged", folder="requests")
    assert (code, places(printed)) == found


@pytest.mark.parametrize("kind", ["fifo", "device"])
def test_what_has_no_end_isnt_waited_for(repository: Repository, kind: str) -> None:
    """A FIFO or a device in the place of a manifest holds nothing up."""
    repository.manifest()
    if kind == "fifo":
        os.mkfifo(repository.root / "other.yaml")
    else:
        (repository.root / "other.yaml").symlink_to("/dev/zero")
    assert repository.checked("privacy.yaml") == (0, "")
    code, printed = repository.checked("other.yaml")
    assert (code, places(printed)) == (1, ["other.yaml:1:1 MP0682"])


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "a.ndjson.GZ", "a.yaml", "b/a.Txt"])
def test_the_hook_is_given_every_source(name: str) -> None:
    """pre-commit hands over a file whatever the case of its extension."""
    hooks = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (pattern,) = [hook["files"] for hook in hooks if hook["id"] == "mixpriv-no-ids"]
    assert re.search(pattern, name)


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


@pytest.mark.parametrize("line", ["user-17", PERSON])
def test_a_large_source_is_looked_through_in_pieces(repository: Repository, line: str) -> None:
    """A source of millions of ids never stands there as text, nor do findings that aren't shown: it takes less than the file's own size."""
    repository.manifest()
    name = "requests/all.csv"
    repository.write(name, "")
    content = f"{line:>99}\n".encode() * 80_000
    tracemalloc.start()
    looked = committed_ids(repository.root, (name,), lambda _: content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert looked.sources == 1
    assert len(looked.found) == (21 if line == PERSON else 0)
    assert peak < len(content)


def test_what_is_staged_is_looked_at_and_not_what_lies_there(repository: Repository) -> None:
    """With --staged an address that was staged is found though it is corrected in the folder; unstaged ones and former commits don't count."""
    repository.manifest("other/privacy.yaml")
    repository.write("other/requests/old.csv", f"distinct_id\n{PERSON}\n")
    repository.git("add", "other")
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
