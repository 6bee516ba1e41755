"""Every recipe is what its platform takes: the platforms' own schemas, pre-commit itself, and shellcheck for each line of shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .schemas_found import CHECKOUT, Shell, found, kind_of, program, shells

BUILT_IN = {"workflow": "vendor.github-workflows", "action": "vendor.github-actions", "gitlab": "vendor.gitlab-ci"}
"""What `check-jsonschema` calls the schemas that it brings."""

KUBERNETES = ("1.31", "1.37")
"""The first version that has all that the recipe uses as stable, and the newest of those whose schemas are installed."""

FILES = [pytest.param(path, id=str(path.relative_to(CHECKOUT))) for path in found()]
SHELLS = [pytest.param(one, id=str(one)) for one in shells()]


@pytest.mark.parametrize("path", FILES)
def test_every_file_is_of_a_platform_that_is_checked(path: Path) -> None:
    """No recipe's file is of a kind that nobody looks at."""
    assert kind_of(path) in {*BUILT_IN, "kubernetes", "kustomization", "hooks", "manifest"}


@pytest.mark.parametrize("path", FILES)
def test_every_manifest_is_valid(path: Path) -> None:
    """`mixpriv validate` has nothing to say about the recipes' manifests but what the time of day brings."""
    if kind_of(path) == "manifest":
        workspace = next(folder for folder in path.parents if (folder / "workspace.yaml").exists())
        command = [sys.executable, "-m", "mixpriv_reconcile", "-C", str(workspace), "validate", "--no-sources"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_no_expression_is_pasted_into_a_shell(shell: Shell) -> None:
    """What comes from a pull request reaches a shell as a variable, never as a piece of its text."""
    assert "${{" not in shell.text


@pytest.mark.engines
@pytest.mark.parametrize("path", FILES)
def test_the_platform_takes_it(path: Path) -> None:
    """The platform's schema has nothing to say, strictly: no unknown key, no value of another kind."""
    kind = kind_of(path)
    if kind in BUILT_IN:
        ran = program("check-jsonschema", "--builtin-schema", BUILT_IN[kind], str(path))
        assert ran.returncode == 0, ran.stdout
    elif kind == "kubernetes":
        for version in KUBERNETES:
            ran = program("kubernetes-validate", "--strict", "-k", version, str(path))
            assert ran.returncode == 0, ran.stdout + ran.stderr
    elif kind == "hooks":
        ran = program("pre-commit", "validate-manifest", str(path))
        assert ran.returncode == 0, ran.stdout


@pytest.mark.engines
def test_a_wrong_recipe_would_be_told(tmp_path: Path) -> None:
    """The checks do check: a misspelt key of each platform is found."""
    wrong = {
        "vendor.gitlab-ci": "job: {script: [x], artefacts: {}}\n",
        "vendor.github-workflows": "on: push\njobs: {a: {runs-on: x, stepz: []}}\n",
        "vendor.github-actions": "name: x\ndescription: x\nruns: {using: composite}\n",
    }
    for schema, text in wrong.items():
        (tmp_path / "wrong.yml").write_text(text)
        assert program("check-jsonschema", "--builtin-schema", schema, str(tmp_path / "wrong.yml")).returncode == 1, schema
    text = (CHECKOUT / "examples/ci/kubernetes/cronjob.yaml").read_text("utf-8").replace("concurrencyPolicy", "concurencyPolicy")
    (tmp_path / "wrong.yml").write_text(text)
    assert program("kubernetes-validate", "--strict", str(tmp_path / "wrong.yml")).returncode != 0


@pytest.mark.engines
@pytest.mark.parametrize("shell", SHELLS)
def test_shellcheck_has_nothing_to_say(shell: Shell) -> None:
    """No warning, note or matter of style in any line of shell of any recipe."""
    ran = program("shellcheck", "--shell", shell.dialect, "-", given=shell.text)
    assert ran.returncode == 0, ran.stdout


def test_the_hook_for_sdks_gets_android_manifests_alone_of_all_xml() -> None:
    """An AndroidManifest.xml may name the endpoints, and is passed with the code; a build file of Maven is not."""
    hooks = yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (hook,) = [one for one in hooks if one["id"] == "mixpriv-sdk-check"]
    assert "xml" in hook["types_or"]
    names = ["AndroidManifest.xml", "app/src/main/AndroidManifest.xml", "pom.xml", "app/NoAndroidManifest.xml", "a.kt"]
    assert [name for name in names if not re.search(hook["exclude"], name)] == [*names[:2], "a.kt"]


@pytest.mark.engines
def test_the_hooks_run_in_pre_commit(tmp_path: Path) -> None:
    """pre-commit installs the hooks from a commit of this repository; they stop a commit with an address among its ids, and no other."""
    hooks, mine, home = tmp_path / "hooks", tmp_path / "mine", tmp_path / "home"
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "GIT_DIR", "GIT_INDEX_FILE")}
    environment |= {"HOME": str(home), "PRE_COMMIT_HOME": str(home / "cache"), "GIT_CONFIG_GLOBAL": os.devnull}
    environment |= {f"GIT_{role}_{what}": "x@example.invalid" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

    def git(folder: Path, *arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    home.mkdir()
    hooks.mkdir()
    for name in git(CHECKOUT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if name.split("/")[0] in ("mixpriv_reconcile", "schemas", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
            (hooks / name).parent.mkdir(parents=True, exist_ok=True)
            (hooks / name).write_bytes((CHECKOUT / name).read_bytes())
    for folder in (hooks, mine):
        folder.mkdir(exist_ok=True)
        git(folder, "init", "-q")
    git(hooks, "add", "-A")
    git(hooks, "commit", "-qm", "hooks")

    def wrote(distinct_id: str, host: str) -> None:
        (mine / "privacy.yaml").write_text(
            "version: 1\nprojects:\n  web:\n    id: 1\n    token: {env: TOKEN}\n    residency: eu\n"
            f"    legal_holds: {{distinct_ids: [{distinct_id}]}}\n"
        )
        (mine / "tracking.py").write_text(
            f'from mixpanel import Consumer, Mixpanel\n\nmp = Mixpanel("YOUR_TOKEN", consumer=Consumer(api_host="{host}"))\n'
        )
        git(mine, "add", "-A")

    def run(hook: str) -> tuple[int, str]:
        ran = program("pre-commit", "run", hook, folder=mine, env=environment)
        return ran.returncode, ran.stdout + ran.stderr

    config = f"repos:\n- repo: {hooks}\n  rev: {git(hooks, 'rev-parse', 'HEAD')}\n  hooks:\n"
    names = ("mixpriv-validate", "mixpriv-sdk-check", "mixpriv-no-ids")
    (mine / ".pre-commit-config.yaml").write_text(config + "".join(f"  - id: {name}\n" for name in names))
    wrote("user-1", "api-eu.mixpanel.com")
    for name in names:
        code, printed = run(name)
        assert (code, "Passed" in printed) == (0, True), printed
    wrote("somebody@example.net", "api.mixpanel.com")
    assert run("mixpriv-validate")[0] == 0
    code, printed = run("mixpriv-sdk-check")
    assert (code, "tracking.py:3" in printed) == (1, True), printed
    code, printed = run("mixpriv-no-ids")
    assert (code, "privacy.yaml:7:34: error[MP0680]" in printed, "somebody" in printed) == (1, True, False), printed
