"""What stands in, when the pages' `console` blocks are run, for what they take for granted: Mixpanel, secrets, a bucket, other programs.

Mixpanel is `mixpriv sandbox` on loopback, whose days pass in no time; a secret (`…`) is a made-up word; a bucket is moto's, on loopback.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from contracts.engines import BUCKET, moto
from newcomer import CHECKOUT, environment

__all__ = ["IN_PLACE_OF", "NOT_RUN", "SETTING", "prepared", "stand_ins"]

NOT_RUN: Mapping[str, str] = {
    "mixpriv unlock 5c1f0a9d3b7e2468": "the lock is that of a runner that died; tests/journeys/test_shared_state.py takes one",
    "mixpriv import web-eu.deletions.2026-11 0f8fad5b-d9cb-469f-a165-70867728950e --ids-from sent.txt": (
        "the task is one that somebody else made; tests/journeys/test_importing.py imports such"
    ),
    "mixpriv import web-eu.deletions.2026-11 0f8fad5b-d9cb-469f-a165-70867728950e --ids-from sent.csv --column distinct_id": (
        "the same, from another list"
    ),
}
"""Command lines of `console` blocks that aren't run, each with the reason. All others are, on whatever page they stand."""

SECRET = "made-up-and-long-enough-for-a-key"

IN_PLACE_OF: Mapping[str, str] = {
    "=…": f"={SECRET}",
    # Within single quotes of the shell, as places for the state are written.
    "{backend: s3, bucket: acme-privacy,": "{backend: s3, endpoint: '$BUCKET', bucket: " + BUCKET + ",",
}
"""What a page writes in a command line, and what is run: a made-up secret, the bucket on loopback."""

PROGRAMS: Mapping[str, str] = {
    # Installing would ask a registry: the stand-in looks whether what is named could be installed, the extra included.
    "pip": 'for extra in $(printf "%s" "$*" | sed -n "s/.*\\[\\(.*\\)\\].*/\\1/p" | tr , " "); do grep -q "^$extra = " "$CHECKOUT/pyproject.toml"; done',
    # The verbs of the checkout take minutes: the stand-in looks whether there is such a verb.
    "make": 'for verb in "$@"; do grep -q "^$verb:" "$CHECKOUT/Makefile"; done',
    # Not on every machine: the stand-in looks whether it is given JSON.
    "jq": f'exec "{sys.executable}" -c "import json, sys; json.load(sys.stdin)"',
    # There is no bucket of that name: the stand-in brings a file of ids, as `aws s3 sync FROM TO` and `gcloud storage rsync FROM TO` do.
    **dict.fromkeys(("aws", "gcloud"), 'mkdir -p "$4"; echo user-17 > "$4/2026-11.txt"'),
    # It runs what stands after `--`, and so does the stand-in.
    "tfcmt": 'while [ "$1" != "--" ]; do shift; done; shift; exec "$@"',
    # There is no cluster: the stand-in looks whether the CronJob that a job is made from is one of the recipe's.
    "kubectl": 'for word in "$@"; do case "$word" in --from=cronjob/*)\n'
    '  grep -q "^  name: ${word#*/}$" "$CHECKOUT/examples/ci/kubernetes/cronjob.yaml"; echo "{}";; esac; done',
}
"""Programs that the pages call and the tests replace."""

WORKSPACE = "mixpriv init my-workspace\ncd my-workspace\n"
APPLIED = WORKSPACE + "mixpriv apply --auto-approve\n"
IN_A_BUCKET = (
    WORKSPACE + 'sed -i "s|^  # state: .*|  state: {backend: s3, bucket: ' + BUCKET + ', prefix: mixpriv/web, region: eu-central-1, '
    'endpoint: $BUCKET}|" mixpriv.yaml\n'
)

SETTING: Mapping[str, str] = {
    "docs/how-to/watch-deadlines.md": APPLIED,
    "docs/how-to/recover-from-damage.md": APPLIED,
    "docs/how-to/share-the-state.md": IN_A_BUCKET,
    "docs/how-to/run-in-github-actions.md": WORKSPACE + "DIGEST=$(mixpriv plan | sed -n 's/^Digest: //p')\n",
}
"""Where a page's `console` blocks start from; elsewhere in a new workspace as `mixpriv init` makes it."""


def prepared(page: str) -> str:
    """The commands that come before the first `console` block of *page*."""
    return SETTING.get(page, WORKSPACE)


@contextlib.contextmanager
def stand_ins(home: Path) -> Iterator[Mapping[str, str]]:
    """The environment in which everything is there, on loopback; ended with the context."""
    env = environment(home, CHECKOUT=str(CHECKOUT), NO_PROXY="127.0.0.1", MIXPANEL_GDPR_TOKEN=SECRET, MIXPANEL_MY_APP_TOKEN=SECRET)
    for name, does in PROGRAMS.items():
        program = home / "programs" / name
        program.write_text(f"#!/bin/sh\nset -e\n{does}\n", "utf-8")
        program.chmod(0o755)
    with _mixpanel(env, home) as origins, moto() as engine:
        yield {**env, **origins, **engine.environment, "BUCKET": f"http://127.0.0.1:{engine.port}"}


@contextlib.contextmanager
def _mixpanel(env: Mapping[str, str], home: Path) -> Iterator[Mapping[str, str]]:
    command = ["mixpriv", "sandbox", "--speed", "10000000", "-C", str(home)]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        origins: dict[str, str] = {}
        while len(origins) < 3 and (line := running.stdout.readline()):
            origins |= dict(re.findall(r"export (MIXPRIV_URL_\w+)=(\S+)", line))
        try:
            yield origins
        finally:
            running.terminate()
