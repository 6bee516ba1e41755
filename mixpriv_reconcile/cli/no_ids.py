"""`mixpriv-no-ids`, a program of its own for hooks before a commit: no e-mail address among the ids that git is given."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from mixpriv_reconcile.cli.bugs import mask_uncaught
from mixpriv_reconcile.cli.terminal import open_closed
from mixpriv_reconcile.errors import MixprivError

__all__ = ["main", "mixpriv_no_ids"]


CODES = """\b
Exit codes:
  0        nothing was found
  1        an address was found, a file can't be looked through, or wrong usage
  130/143  interrupted"""


@click.command("mixpriv-no-ids", context_settings={"help_option_names": ["-h", "--help"]}, epilog=CODES)
@click.argument("files", metavar="FILE...", nargs=-1)
@click.option("--staged", is_flag=True, help="Look through what git has staged, as it is staged, in the place of FILEs.")
@click.option("--allow-domain", metavar="DOMAIN", multiple=True, help="Addresses there name nobody, e.g. example.com (repeatable).")
def mixpriv_no_ids(files: tuple[str, ...], staged: bool, allow_domain: tuple[str, ...]) -> None:
    """Look for e-mail addresses among the ids of FILEs.

    Those are looked through that are manifests, where ids stand, or sources that a manifest of this repository names; and with a
    manifest the sources that it names, where git has them. Other files, and addresses in other places of a manifest, are passed over.
    Ends 1 where it finds one; says where, and not which.
    """
    from mixpriv_reconcile.cli.output import print_notes
    from mixpriv_reconcile.cli.reporting import Gathered
    from mixpriv_reconcile.model.wording import counted
    from mixpriv_reconcile.pipeline.committed_files import content_of, paths_below, repository, staged_content, staged_files, tracked_files
    from mixpriv_reconcile.pipeline.committed_ids import committed_ids, not_files

    here = Path.cwd()
    root = repository(here)
    if staged == bool(files):
        raise click.UsageError("give either FILEs or --staged")
    names = paths_below(root, here, files)
    absent = not_files(root, names)
    try:
        if staged:
            looked = committed_ids(root, staged_files(root), staged_content(root), allow_domain, tracked_files(root))
        else:
            there = [name for name in names if name not in absent]
            tracked = [name for name in tracked_files(root) if os.path.lexists(root / name)]
            looked = committed_ids(root, there, lambda name: content_of(root / name), allow_domain, tracked)
    except MixprivError as error:
        raise click.ClickException(f"[{error.code}] {error.message}\nhint: {error.hint}") from None
    found = (*absent.values(), *looked.found)
    print_notes(Gathered(), found)
    said = f"Looked through {counted(looked.manifests, 'manifest')} and {counted(looked.sources, 'source')}"
    click.echo(f"{said}; {counted(looked.passed_over, 'other file')} passed over." if looked.passed_over else f"{said}.")
    click.get_current_context().exit(1 if any(one.is_error for one in found) else 0)


def main() -> None:
    """Run it and exit: 0 or 1, wrong usage included."""
    mask_uncaught()
    open_closed()
    try:
        sys.exit(mixpriv_no_ids.main(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except click.Abort:
        sys.exit(130)


if __name__ == "__main__":
    main()
