"""What `mixpriv sdk` prints as JavaScript and as Java runs and compiles: needs node and javac (`make test-engines`)."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.sdks import PROFILES, Snippet, profile_named, sheet

from .lists import DIGESTS, LISTED, OTHERS, write_list

pytestmark = pytest.mark.engines

STUBS = Path(__file__).parent / "stubs"


def of_language(language: str) -> list[tuple[str, Snippet]]:
    """Every snippet in *language*, with a name for the test."""
    return [
        (f"{profile.name}-{part}-{region.value}", snippet)
        for profile in PROFILES
        for region in Region
        for part, snippet in (("call", sheet(profile, region).call), ("list", sheet(profile, region).list_check))
        if snippet.language == language
    ]


def program(name: str) -> str:
    """The engine's path; the test is skipped where it isn't installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} isn't installed")
    return found


def run(folder: Path, *command: str) -> str:
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("snippet", [snippet for _, snippet in of_language("js")], ids=[name for name, _ in of_language("js")])
def test_javascript_is_javascript(tmp_path: Path, snippet: Snippet) -> None:
    """Node.js reads every JavaScript snippet without complaint, as a module where it imports or waits, else as a script."""
    is_module = "import {" in snippet.code
    path = tmp_path / ("snippet.mjs" if is_module else "snippet.cjs")
    path.write_text(snippet.code, "utf-8")
    run(tmp_path, program("node"), "--check", path.name)


@pytest.mark.parametrize("digest", DIGESTS)
def test_node_leaves_listed_people_out(tmp_path: Path, digest: str) -> None:
    """With the Node.js SDK events of people on the list are skipped, all others are sent."""
    write_list(tmp_path, digest)
    code = sheet(profile_named("nodejs"), Region.EU).list_check.code
    ids = json.dumps([*LISTED, *OTHERS])
    tail = f"""
const sent = [];
const client = {{track: (event, properties) => sent.push(properties.distinct_id)}};
for (const id of {ids}) track(client, 'Signed up', {{distinct_id: id}});
console.log(JSON.stringify(sent));
"""
    (tmp_path / "snippet.cjs").write_text(code + tail, "utf-8")
    assert json.loads(run(tmp_path, program("node"), "snippet.cjs")) == list(OTHERS)


@pytest.mark.parametrize(("name", "snippet"), of_language("java"), ids=[name for name, _ in of_language("java")])
def test_java_compiles(tmp_path: Path, name: str, snippet: Snippet) -> None:
    """javac compiles every Java snippet against the signatures that it uses."""
    compiler = program("javac")
    shutil.copytree(STUBS / ("android" if name.startswith("android") else "java"), tmp_path, dirs_exist_ok=True)
    if "public final class OptOuts" in snippet.code:
        path, code = "OptOuts.java", snippet.code
    elif name.startswith("android"):
        body = snippet.code if "static void" in snippet.code else f"static void f(Context context) {{ {snippet.code} }}"
        path, code = "Snippet.java", f"import android.content.Context; import com.mixpanel.android.mpmetrics.*; class Snippet {{ {body} }}"
    else:
        path, code = "Snippet.java", f"import com.mixpanel.mixpanelapi.*; class Snippet {{ static void f() {{ {snippet.code} }} }}"
    (tmp_path / path).write_text(code, "utf-8")
    run(tmp_path, compiler, "-encoding", "utf-8", "-d", "out", "-sourcepath", ".", path)
    assert list((tmp_path / "out").glob("*.class"))
