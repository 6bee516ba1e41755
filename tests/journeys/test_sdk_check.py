"""`mixpriv sdk check`: exit codes, which files are looked at, and the documents."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mixpriv_reconcile.render.schemas import diagnostics_schema

from .workspace import Workspace

WRONG = "const mixpanel = 'https://api.mixpanel.com/track';\n"
RIGHT = "const mixpanel = 'https://api-eu.mixpanel.com/track';\n"
PROXY = "import mixpanel from 'mixpanel-browser';\nmixpanel.init('YOUR_TOKEN', {api_host: 'https://t.example.com'});\n"


def wrote(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def files_of(workspace: Workspace, *arguments: str, code: int = 7) -> list[str]:
    """The files in which something was found."""
    document = workspace.run("sdk", "check", *arguments, "--residency", "eu", "--format", "json", code=code).document
    return [found["file"] for found in document["diagnostics"]]


def test_drift_ends_7_and_nothing_wrong_0(workspace: Workspace) -> None:
    """Findings go to stderr with line and caret, the sum to stdout; it ends 7 with an error or warning, 0 with none."""
    wrote(workspace.root, {"src/a.ts": WRONG, "src/b.ts": RIGHT})
    found = workspace.run("sdk", "check", "src", "--residency", "eu", code=7)
    assert "Checked 2 files: 1 error.\n" == found.out
    assert "src/a.ts:1:19: error[MP1001]: " in found.err
    assert "1 | const mixpanel = 'https://api.mixpanel.com/track';" in found.err
    assert "hint: write https://api-eu.mixpanel.com" in found.err
    clean = workspace.run("sdk", "check", "src/b.ts", "--residency", "eu")
    assert ("Checked 1 file: nothing wrong.\n", "") == (clean.out, clean.err)


def test_notes_alone_end_0(workspace: Workspace) -> None:
    """A proxy is a note, and nothing once it is allowed."""
    wrote(workspace.root, {"a.ts": PROXY})
    assert "Checked 1 file: 1 note.\n" == workspace.run("sdk", "check", "a.ts", "--residency", "eu").out
    allowed = workspace.run("sdk", "check", "a.ts", "--residency", "eu", "--allow-host", "t.example.com")
    assert "Checked 1 file: nothing wrong.\n" == allowed.out


def test_the_document_is_the_schemas(workspace: Workspace) -> None:
    """`--format json` is one document of diagnostics, which keeps to the published schema."""
    wrote(workspace.root, {"a.ts": WRONG + PROXY})
    ended = workspace.run("sdk", "check", "a.ts", "--residency", "eu", "--format", "json", code=7)
    assert "" == ended.err
    Draft202012Validator(diagnostics_schema()).validate(ended.document)
    assert [("MP1001", "error", 1), ("MP1014", "note", 3)] == [
        (found["code"], found["severity"], found["line"]) for found in ended.document["diagnostics"]
    ]


def test_gitignore_counts_at_every_level(workspace: Workspace) -> None:
    """What git ignores is passed over: by the repository's top, a folder's own file, and what takes it back."""
    wrote(
        workspace.root,
        {
            ".git/HEAD": "ref: refs/heads/main\n",
            ".git/info/exclude": "private/\n",
            ".gitignore": "node_modules/\n*.gen.ts\n",
            "app/.gitignore": "/dist\n!keep.gen.ts\n",
            "app/dist/a.ts": WRONG,
            "app/lib/dist/a.ts": WRONG,
            "app/x.gen.ts": WRONG,
            "app/keep.gen.ts": WRONG,
            "app/node_modules/p/a.js": WRONG,
            "app/private/a.ts": WRONG,
            "app/.cache/a.ts": WRONG,
            "app/a.ts": WRONG,
        },
    )
    wanted = ["app/a.ts", "app/keep.gen.ts", "app/lib/dist/a.ts"]
    assert wanted == files_of(workspace, ".")
    assert wanted == files_of(workspace, "app")
    assert ["app/x.gen.ts"] == files_of(workspace, "app/x.gen.ts")


def test_links_are_not_followed(workspace: Workspace, tmp_path: Path) -> None:
    """A link below a folder leads nowhere, so that no tree is left and none is walked in circles."""
    wrote(tmp_path, {"outside/a.ts": WRONG})
    wrote(workspace.root, {"src/a.ts": RIGHT})
    os.symlink(tmp_path / "outside", workspace.root / "src/out")
    os.symlink(tmp_path / "outside/a.ts", workspace.root / "src/b.ts")
    os.symlink(".", workspace.root / "src/circle")
    assert [] == files_of(workspace, "src", code=0)


def test_what_can_not_be_read_is_said_where_it_was_named(workspace: Workspace) -> None:
    """A file that is too large, of no text or no language is a note if it was given, and passed over below a folder."""
    wrote(workspace.root, {"s/big.js": b"x" * (2 * 2**20 + 1), "s/utf16.js": WRONG.encode("utf-16"), "s/notes.txt": WRONG, "s/a.ts": RIGHT})
    os.mkfifo(workspace.root / "s/pipe.js")
    given = workspace.run("sdk", "check", "s/big.js", "s/utf16.js", "s/notes.txt", "s/pipe.js", "s/a.ts", "--residency", "eu")
    assert "Checked 1 file: 4 notes.\n" == given.out
    assert 4 == given.err.count("note[MP1032]: this file isn't looked at: ")
    assert "Checked 1 file: nothing wrong.\n" == workspace.run("sdk", "check", "s", "--residency", "eu").out


def test_a_file_is_looked_at_once(workspace: Workspace) -> None:
    """Paths that hold one another count each file once."""
    wrote(workspace.root, {"src/a.ts": WRONG})
    assert ["src/a.ts"] == files_of(workspace, "src/a.ts", "src", ".")


def test_the_workspaces_region_is_taken(workspace: Workspace) -> None:
    """Inside a workspace of one region that is the one, and the proxies of all its SDKs are allowed."""
    workspace.project("web", residency="in")["sdks"] = {"javascript": {"allow_hosts": ["t.example.com"]}}
    workspace.write()
    wrote(workspace.root, {"a.ts": RIGHT, "b.ts": PROXY})
    found = workspace.run("sdk", "check", "a.ts", "b.ts", code=7)
    assert "write https://api-in.mixpanel.com" in found.err
    assert "Checked 2 files: 1 error.\n" == found.out


@pytest.mark.parametrize("residencies", [(), ("eu", "us")])
def test_without_a_region_it_says_what_to_give(workspace: Workspace, residencies: tuple[str, ...]) -> None:
    """Outside a workspace, or in one of several regions, `--residency` is asked for."""
    for number, residency in enumerate(residencies):
        workspace.project(f"web{number}", residency=residency)
    wrote(workspace.root, {"a.ts": RIGHT})
    found = workspace.run("sdk", "check", "a.ts", code=1)
    assert "error[MP1033]" in found.err
    assert "--residency" in found.err
    workspace.run("sdk", "check", "a.ts", "--residency", "eu")


def test_a_misspelt_path_or_host_is_an_error(workspace: Workspace) -> None:
    """What isn't there is no source without mistakes."""
    assert "error[MP1030]" in workspace.run("sdk", "check", "nowhere", "--residency", "eu", code=1).err
    wrote(workspace.root, {"a.ts": RIGHT})
    assert "error[MP1031]" in workspace.run("sdk", "check", "a.ts", "--residency", "eu", "--allow-host", "https://x.y/z", code=1).err


def test_an_android_manifest_may_name_the_endpoints(workspace: Workspace) -> None:
    """Code without a host is right where the tree's AndroidManifest.xml names the endpoints."""
    endpoints = {"Events": "track", "People": "engage", "Groups": "groups", "Flags": "flags"}
    data = "".join(
        f'<meta-data android:name="com.mixpanel.android.MPConfig.{name}Endpoint" android:value="https://api-eu.mixpanel.com/{path}" />\n'
        for name, path in endpoints.items()
    )
    wrote(
        workspace.root,
        {"app/App.kt": 'import com.mixpanel.android.mpmetrics.MixpanelAPI\nval m = MixpanelAPI.getInstance(context, "YOUR_TOKEN", true)\n'},
    )
    assert ["app/App.kt"] == files_of(workspace, "app")
    wrote(workspace.root, {"app/src/AndroidManifest.xml": f"<manifest><application>{data}</application></manifest>\n"})
    assert [] == files_of(workspace, "app", code=0)


def test_the_manifest_above_a_named_file_counts(workspace: Workspace) -> None:
    """A hook names the files of a commit alone: the AndroidManifest.xml beside or above them is read all the same, and no other one."""
    names = "".join(
        f'<meta-data android:name="com.mixpanel.android.MPConfig.{name}Endpoint" android:value="https://api-eu.mixpanel.com/{path}" />\n'
        for name, path in {"Events": "track", "People": "engage", "Groups": "groups", "Flags": "flags"}.items()
    )
    code = 'import com.mixpanel.android.mpmetrics.MixpanelAPI\nval m = MixpanelAPI.getInstance(context, "YOUR_TOKEN", true)\n'
    manifest = f"<manifest><application>{names}</application></manifest>\n"
    wrote(workspace.root, {"main/java/A.kt": code, "other/AndroidManifest.xml": manifest})
    assert ["main/java/A.kt"] == files_of(workspace, "main/java/A.kt")
    wrote(workspace.root, {"main/AndroidManifest.xml": manifest})
    assert [] == files_of(workspace, "main/java/A.kt", code=0)
    wrote(workspace.root, {"main/AndroidManifest.xml": "<manifest/>\n"})
    assert ["main/java/A.kt"] == files_of(workspace, "main/java/A.kt")


# Declared sources


def declared(workspace: Workspace, **sdks: object) -> None:
    workspace.project("web")["sdks"] = {name.replace("_", "-"): block for name, block in sdks.items()}
    workspace.write()


def test_drift_is_a_warning_and_no_change(workspace: Workspace) -> None:
    """A declared source that sends elsewhere is a warning in `validate` and the plan, at the source's line, with the SDK's leaks once."""
    wrote(workspace.root, {"web/a.ts": "import mixpanel from 'mixpanel-browser';\n" + 2 * "mixpanel.init('YOUR_TOKEN', {debug: true});\n"})
    declared(workspace, javascript={"source": "web/a.ts"})
    validated = workspace.run("validate")
    assert "web/a.ts:2:1: warning[MP1003]: " in validated.err
    assert "web/a.ts:3:1: warning[MP1003]: " in validated.err
    assert 1 == validated.err.count("also known of this SDK: ")
    plan = workspace.plan()
    assert 0 == len([change for change in plan["resource_changes"] if change["kind"] == "sdks"])
    drift = [found for found in plan["diagnostics"] if found["code"] == "MP1003"]
    assert [("warning", "web.sdks.javascript", "web/a.ts", 2), ("warning", "web.sdks.javascript", "web/a.ts", 3)] == [
        (found["severity"], found["address"], found["file"], found["line"]) for found in drift
    ]
    assert 0 == workspace.run("plan", "--target", "web.sdks.javascript", "--detailed-exitcode").code
    workspace.apply()
    assert 0 == workspace.run("plan", "--detailed-exitcode").code


def test_a_right_source_says_nothing(workspace: Workspace) -> None:
    """A source that sends to the region, by a proxy that is allowed, and an SDK without a source leave the plan alone."""
    wrote(workspace.root, {"web/a.ts": PROXY})
    declared(workspace, javascript={"source": "web/a.ts", "allow_hosts": ["t.example.com"]}, python={}, react_native={})
    assert "" == workspace.run("validate").err


def test_a_missing_source_is_an_error(workspace: Workspace) -> None:
    """As for ids, a file that isn't there stops `validate` and the plan, and `--no-sources` does without it."""
    declared(workspace, javascript={"source": "web/a.ts"})
    for command in ("validate", "plan"):
        found = workspace.run(command, code=1)
        assert "error[MP1020]: web/a.ts does not exist" in found.err
        assert "privacy.yaml:" in found.err
    workspace.run("validate", "--no-sources")


def test_a_link_that_leaves_the_workspace_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    """A declared source is no way to have files of others read."""
    wrote(tmp_path, {"outside.ts": WRONG})
    (workspace.root / "web").mkdir()
    os.symlink(tmp_path / "outside.ts", workspace.root / "web/a.ts")
    declared(workspace, javascript={"source": "web/a.ts"})
    assert "error[MP1021]" in workspace.run("validate", code=1).err


def test_a_source_that_says_nothing_is_told(workspace: Workspace) -> None:
    """The wrong file is a note, one that can't be checked a warning."""
    wrote(workspace.root, {"a.ts": "export {};\n", "b.py": b"\xff\xfe", "c.txt": "x"})
    declared(workspace, javascript={"source": "a.ts"}, python={"source": "b.py"}, http={"source": "c.txt"})
    codes = [(found["code"], found["severity"]) for found in workspace.run("validate", "--format", "json").document["diagnostics"]]
    assert [("MP1023", "warning"), ("MP1023", "warning"), ("MP1024", "note")] == sorted(codes)


def test_an_ignored_folder_that_is_named_is_checked(workspace: Workspace) -> None:
    """Whoever names a folder wants it checked, also where git ignores it; and a check of nothing doesn't say that all is well."""
    wrote(workspace.root, {".git/HEAD": "", ".gitignore": "build/\n", "build/app/a.js": WRONG, "docs/read.me": ""})

    assert "Checked 1 file: 1 error.\n" == workspace.run("sdk", "check", "build/app", "--residency", "eu", code=7).out
    assert "Checked 0 files: there was nothing to check.\n" == workspace.run("sdk", "check", ".", "--residency", "eu").out
