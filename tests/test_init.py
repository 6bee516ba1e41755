"""`mixpriv init`: a first workspace that works as written, and nothing of anybody's overwritten."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from newcomer import CHECKOUT, environment, run

from mixpriv_reconcile.manifest.schema import manifest_schema

WRITTEN = {
    ".gitattributes",
    ".gitignore",
    "mixpriv.key",
    "mixpriv.yaml",
    "requests/example.csv",
    "schemas/manifest.v1.schema.json",
}

EXAMPLES = [path for path in sorted(CHECKOUT.glob("examples/**/*.yaml")) if re.search("^version: 1$", path.read_text("utf-8"), re.MULTILINE)]

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def mixpriv(tmp_path: Path) -> Run:
    """`mixpriv("init", "w", CI="true")` runs the program in `tmp_path/start`."""
    start = tmp_path / "start"
    start.mkdir()

    def ran(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return run(["mixpriv", *arguments], start, environment(tmp_path / "home", **env))

    return ran


@pytest.fixture
def start(tmp_path: Path) -> Path:
    return tmp_path / "start"


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def printed(ran: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    """The JSON document, after checking that the program ended well."""
    assert ran.returncode == 0, ran.stdout
    document: dict[str, list[str]] = json.loads(ran.stdout)
    return document


def codes(document: dict[str, list[str]]) -> list[str]:
    return [found["code"] for found in document["diagnostics"]]  # type: ignore[index]


# A new workspace


def test_a_new_workspace_has_all_it_needs(mixpriv: Run, start: Path) -> None:
    """In a folder that doesn't exist yet, everything is written and listed."""
    document = printed(mixpriv("init", "deep/er", "--format", "json"))
    assert files(start / "deep" / "er") == WRITTEN == set(document["written"])
    assert (document["workspace"], document["kept"], document["key"], document["diagnostics"]) == ("deep/er", [], "made", [])


def test_it_is_valid_as_written(mixpriv: Run) -> None:
    """The starter manifest passes `validate` without so much as a warning."""
    mixpriv("init", "w")
    ran = mixpriv("validate", "-C", "w")
    assert (ran.returncode, ran.stdout) == (0, "The manifests are valid.\n")


def test_it_can_be_planned_without_credentials(mixpriv: Run) -> None:
    """`plan --sandbox` works right after, and would erase the five ids of the example."""
    mixpriv("init", "w")
    ran = mixpriv("plan", "--sandbox", "--detailed-exitcode", "--format", "json", "-C", "w")
    assert ran.returncode == 2, ran.stdout
    plan = json.loads(ran.stdout[ran.stdout.index("{") :])
    assert {change["address"]: change["subjects"] for change in plan["resource_changes"] if change["subjects"]} == {
        "my-app.deletions.first-request": 5
    }


def test_the_key_is_the_owners_alone_and_new_each_time(mixpriv: Run, start: Path) -> None:
    """The digest key has mode 0600, enough characters, and is another one in every workspace."""
    mixpriv("init", "one")
    mixpriv("init", "two")
    keys = [start / name / "mixpriv.key" for name in ("one", "two")]
    assert [stat.S_IMODE(key.stat().st_mode) for key in keys] == [0o600, 0o600]
    texts = [key.read_text("utf-8").strip() for key in keys]
    assert len(set(texts)) == 2
    assert min(map(len, texts)) >= 32


def test_the_key_is_not_printed(mixpriv: Run, start: Path) -> None:
    """The key's value is in its file and nowhere else."""
    ran = mixpriv("init")
    key = (start / "mixpriv.key").read_text("utf-8").strip()
    assert key not in ran.stdout
    assert [name for name in files(start) - {"mixpriv.key"} if key in (start / name).read_text("utf-8")] == []


def test_the_editor_finds_the_schema(mixpriv: Run, start: Path) -> None:
    """The manifest's modeline leads, without a network, to the very schema that `validate` uses."""
    mixpriv("init")
    first = (start / "mixpriv.yaml").read_text("utf-8").partition("\n")[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert json.loads((start / first.partition("=")[2]).read_text("utf-8")) == manifest_schema()


def test_manifests_of_ones_own_get_their_line_told(mixpriv: Run, start: Path) -> None:
    """A manifest that tells no editor where the schema lies is left as it is, and the line that would is printed, right for its folder."""
    (start / "projects" / "eu").mkdir(parents=True)
    manifest = "version: 1\nworkspace: {timezone: UTC}\n"
    (start / "all.yaml").write_text(manifest, "utf-8")
    (start / "projects" / "eu" / "web.yaml").write_text("version: 1\nprojects: {}\n", "utf-8")
    (start / "told.yaml").write_text("# yaml-language-server: $schema=schemas/manifest.v1.schema.json\nversion: 1\nprojects: {}\n", "utf-8")
    told = dict(re.findall(r"^  (\S+) +# yaml-language-server: \$schema=(\S+)$", mixpriv("init").stdout, re.MULTILINE))
    assert {"all.yaml", "projects/eu/web.yaml"} == told.keys()
    assert [] == [name for name, schema in told.items() if not ((start / name).parent / schema).samefile(start / "schemas/manifest.v1.schema.json")]
    assert manifest == (start / "all.yaml").read_text("utf-8")


@pytest.mark.parametrize("manifest", EXAMPLES, ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_the_modelines_of_the_examples_lead_to_the_schema(manifest: Path) -> None:
    """Every manifest of the examples begins with a line that leads an editor to the published schema of the checkout."""
    first = manifest.read_text("utf-8").partition("\n")[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (manifest.parent / first.partition("=")[2]).samefile(CHECKOUT / "schemas/manifest.v1.schema.json")


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git_leaves_out_what_must_stay_out(mixpriv: Run, start: Path, tmp_path: Path) -> None:
    """After an apply, `git add .` takes in the manifests, the sources and the schema, and neither key nor state nor store."""
    mixpriv("init")
    mixpriv("apply", "--sandbox", "--auto-approve")
    for name in ("mixpriv.state.json", "mixpriv.state.json.backup", "mixpriv.state.lock", "mixpriv.state.d/journal"):
        (start / name).parent.mkdir(exist_ok=True)
        (start / name).write_text("x", "utf-8")
    env = environment(tmp_path / "home", GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null")
    run(["git", "init", "-q"], start, env)
    run(["git", "add", "."], start, env)
    assert set(run(["git", "ls-files"], start, env).stdout.split()) == WRITTEN - {"mixpriv.key"}
    attribute = run(["git", "check-attr", "text", "requests/2026/a.csv"], start, env).stdout
    assert attribute == "requests/2026/a.csv: text: unset\n"


# What is there already


def test_a_second_init_changes_nothing(mixpriv: Run, start: Path) -> None:
    """Run again, it writes nothing and lists everything as kept."""
    mixpriv("init")
    before = {name: (start / name).read_bytes() for name in files(start)}
    document = printed(mixpriv("init", "--format", "json"))
    assert (document["written"], set(document["kept"]), document["key"]) == ([], WRITTEN, "kept")
    assert {name: (start / name).read_bytes() for name in files(start)} == before


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_no_file_is_overwritten(mixpriv: Run, start: Path, name: str) -> None:
    """A file of the same name stays byte for byte as it was, and is listed as kept."""
    (start / name).parent.mkdir(exist_ok=True)
    (start / name).write_bytes(b"# mine\r\nversion: 1\r\nprojects: {}\r\n")
    document = printed(mixpriv("init", "--format", "json"))
    assert (start / name).read_bytes() == b"# mine\r\nversion: 1\r\nprojects: {}\r\n"
    assert name in document["kept"]
    assert name not in document["written"]


def test_a_dangling_link_is_left_alone(mixpriv: Run, start: Path, tmp_path: Path) -> None:
    """A link that leads nowhere is somebody's too: nothing is written where it points to."""
    (start / "mixpriv.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    (start / "mixpriv.key").symlink_to(tmp_path / "elsewhere.key")
    document = printed(mixpriv("init", "--format", "json"))
    assert {"mixpriv.yaml", "mixpriv.key"} <= set(document["kept"])
    assert not (tmp_path / "elsewhere.yaml").exists()
    assert not (tmp_path / "elsewhere.key").exists()


def test_nothing_is_written_through_a_link_out_of_the_workspace(mixpriv: Run, start: Path, tmp_path: Path) -> None:
    """A folder that is a link to somewhere else is refused, and nothing appears there."""
    (tmp_path / "elsewhere").mkdir()
    (start / "requests").symlink_to(tmp_path / "elsewhere")
    ran = mixpriv("init")
    assert ran.returncode == 1
    assert "MP0541" in ran.stdout
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_manifests_of_ones_own_are_not_joined_by_an_example(mixpriv: Run, start: Path) -> None:
    """In a workspace with manifests only what is missing around them is written; it stays as valid as it was."""
    (start / "all.yaml").write_text("version: 1\nworkspace: {timezone: UTC}\n", "utf-8")
    document = printed(mixpriv("init", "--format", "json"))
    assert set(document["written"]) == WRITTEN - {"mixpriv.yaml", "requests/example.csv"}
    assert document["kept"] == ["all.yaml"]
    assert mixpriv("validate").returncode == 0


def test_a_gitignore_without_the_key_is_warned_about(mixpriv: Run, start: Path) -> None:
    """A kept `.gitignore` that lets the key in is no error, but the lines to add are named."""
    (start / ".gitignore").write_text("*.log\n.mixpriv/\n", "utf-8")
    ran = mixpriv("init")
    assert ran.returncode == 0
    assert "warning[MP0543]" in ran.stdout
    lines = [line.strip() for line in ran.stdout.partition("add these lines to .gitignore:")[2].splitlines()]
    assert {"mixpriv.key", "mixpriv.state.*", "mixpriv.sandbox.state.*"} <= set(lines)
    assert ".mixpriv/" not in lines


@pytest.mark.parametrize(
    "text", ["mixpriv.key\nmixpriv.state.*\nmixpriv.sandbox.state.*\n.mixpriv/\n", "mixpriv.*\n!mixpriv.yaml\n.mixpriv\n", "*\n"]
)
def test_a_gitignore_that_does_is_not(mixpriv: Run, start: Path, text: str) -> None:
    """However a `.gitignore` keeps the files out, it is left alone without a word."""
    (start / ".gitignore").write_text(text, "utf-8")
    assert codes(printed(mixpriv("init", "--format", "json"))) == []


def test_the_state_of_the_manifest_is_what_must_be_ignored(mixpriv: Run, start: Path) -> None:
    """Where a manifest puts the state elsewhere, the warning names that place, even if `.gitignore` is new."""
    (start / "all.yaml").write_text("version: 1\nworkspace: {state: {backend: local, path: memory/prod.json}}\n", "utf-8")
    ran = mixpriv("init")
    assert "memory/prod.*" in ran.stdout


@pytest.mark.parametrize(("text", "found"), [("*.csv text=auto\n", ["MP0545"]), ("*.csv -text\n", []), ("* binary\n", [])])
def test_attributes_that_would_rewrite_ids_are_warned_about(mixpriv: Run, start: Path, text: str, found: list[str]) -> None:
    """A kept `.gitattributes` is fine where it keeps git from rewriting line ends in the id files."""
    (start / ".gitattributes").write_text(text, "utf-8")
    assert codes(printed(mixpriv("init", "--format", "json"))) == found


# The key


def test_in_ci_no_key_is_made(mixpriv: Run, start: Path) -> None:
    """With CI set everything but the key is written, and it is said why and what to do."""
    ran = mixpriv("init", CI="true")
    assert ran.returncode == 0
    assert files(start) == WRITTEN - {"mixpriv.key"}
    assert "warning[MP0542]" in ran.stdout
    assert "MIXPRIV_DIGEST_KEY" in ran.stdout


def test_a_key_of_the_environment_needs_no_file(mixpriv: Run, start: Path) -> None:
    """With MIXPRIV_DIGEST_KEY set no second key is made, which would be the wrong one some day."""
    document = printed(mixpriv("init", "--format", "json", MIXPRIV_DIGEST_KEY="sixteen characters or more"))
    assert (document["key"], document["diagnostics"]) == ("environment", [])
    assert files(start) == WRITTEN - {"mixpriv.key"}


def test_a_state_without_its_key_gets_no_other_one(mixpriv: Run, start: Path) -> None:
    """Where there is a state, a new key would fit nothing in it: none is made, with a warning."""
    mixpriv("init")
    mixpriv("apply", "--sandbox", "--auto-approve")
    (start / "mixpriv.key").unlink()
    document = printed(mixpriv("init", "--format", "json"))
    assert (document["key"], codes(document)) == ("not_made", ["MP0544"])
    assert not (start / "mixpriv.key").exists()


# What can't be


@pytest.mark.parametrize("name", ["taken", "taken/below"])
def test_a_file_is_no_workspace(mixpriv: Run, start: Path, name: str) -> None:
    """Where a file has the folder's name, or that of one above, the answer is an error and not a traceback."""
    (start / "taken").write_text("mine", "utf-8")
    ran = mixpriv("init", name)
    assert ran.returncode == 1
    assert "error[MP0540]" in ran.stdout
    assert files(start) == {"taken"}


def test_a_file_in_a_folders_place_stops_it_before_the_key(mixpriv: Run, start: Path) -> None:
    """Where `requests` is a file, that is said; run again after the correction, the rest is written."""
    (start / "requests").write_text("mine", "utf-8")
    ran = mixpriv("init")
    assert (ran.returncode, "error[MP0541]" in ran.stdout, (start / "mixpriv.key").exists()) == (1, True, False)
    (start / "requests").unlink()
    assert mixpriv("init").returncode == 0
    assert files(start) == WRITTEN
