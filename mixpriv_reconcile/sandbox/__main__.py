"""`python -m mixpriv_reconcile.sandbox` serves a sandbox, and prints its origins as one line of JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

from mixpriv_reconcile.sandbox.errors import SandboxError
from mixpriv_reconcile.sandbox.options import Dialect, NotFound, PaceBy, Project, SandboxOptions
from mixpriv_reconcile.sandbox.serving import serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 after SIGINT or SIGTERM, 1 where the sandbox can't start, 2 for wrong usage."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        options = SandboxOptions(
            store=given.store,
            port=given.port,
            speed=given.speed,
            interval_seconds=given.interval,
            pace_by=given.pace_by,
            dialect=given.dialect,
            echoes_ids=not given.no_echo,
            not_found=given.not_found,
            projects=tuple(Project.parsed(text) for text in given.project),
            bearers=tuple(given.bearer),
            ineligible=tuple(given.ineligible),
            faults=tuple(given.fault),
            reset=given.reset,
        )
    except ValueError as wrong:
        parser.error(str(wrong))
    try:
        serve(options, ready=_announce)
    except (SandboxError, OSError) as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    return 0


def _announce(origins: Mapping[str, str]) -> None:
    print(json.dumps({**origins, "pid": os.getpid()}), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mixpriv_reconcile.sandbox", description="Serves a stand-in Mixpanel on loopback.")
    add = parser.add_argument
    add("--port", type=int, default=0, help="first of three ports: us, eu, in; 0 takes any free ones")
    add("--store", type=Path, help="folder of the store; without it, tasks are gone at the end")
    add("--reset", action="store_true", help="start with an empty store")
    add("--speed", type=float, default=1.0, help="how many times faster than real time tasks age")
    add("--interval", type=float, default=1.0, help="least seconds between two calls of a project")
    add("--pace-by", choices=get_args(PaceBy), default="project", help="whose calls are counted: a project's, or a bearer token's")
    add("--dialect", choices=get_args(Dialect), default="live", help="whose description to follow")
    add("--no-echo", action="store_true", help="GET tells the number of ids, not the ids")
    add("--not-found", choices=get_args(NotFound), default="http", help="404, or a status in a body")
    add("--project", action="append", default=[], metavar="ID:TOKEN:REGION[:GROUPS]")
    add("--bearer", action="append", default=[], metavar="TOKEN", help="known; any other gets 401")
    add("--ineligible", action="append", default=[], metavar="TOKEN", help="known, but gets 403")
    add("--fault", action="append", default=[], metavar="METHOD[:KIND][@N[-M]][/every]=ACTION[:ARG]")
    return parser


if __name__ == "__main__":
    sys.exit(main())
