"""`mixpriv init`."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from mixpriv_reconcile.cli import offered
from mixpriv_reconcile.cli.options import Shared, shared_options

if TYPE_CHECKING:
    from mixpriv_reconcile.model.page import Page
    from mixpriv_reconcile.pipeline.init import Started

__all__ = ["command"]

PURPOSES: Mapping[str, str] = {
    "mixpriv.yaml": "the manifest: what you want, with comments",
    "requests/example.csv": "distinct ids that it names; made up",
    "schemas/manifest.v1.schema.json": "for your editor: completion and checks",
    ".gitignore": "keeps the key and the state out of git",
    ".gitattributes": "keeps git from rewriting id files",
    "mixpriv.key": "the digest key: back it up, and don't commit it",
}


KEY_ELSEWHERE = "The digest key is the value of MIXPRIV_DIGEST_KEY; no key file was made."


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", shell_complete=offered.folders)
@shared_options
@click.pass_obj
def command(parent: Shared, /, folder: str, **given: Any) -> None:
    """Write a commented starter workspace, with its digest key, in DIR (default: here). Never overwrites."""
    from mixpriv_reconcile.cli.output import print_diagnostics, print_json, print_report
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.codec import diagnostic_document
    from mixpriv_reconcile.pipeline.init import init

    shared = parent.merged(given)
    setting = setting_of(shared)
    started = init(dataclasses.replace(setting, root=setting.root / folder))
    shared.gathered.found(started.diagnostics)
    shared.gathered.page = _page(folder, started)
    shared.gathered.why = f"wrote a workspace in {folder}" if started.written else f"everything is there already in {folder}"
    if shared.is_json:
        findings = [diagnostic_document(found) for found in started.diagnostics]
        print_json(
            {"workspace": folder, "written": list(started.written), "kept": list(started.kept), "key": started.key, "diagnostics": findings}
        )
        return
    if shared.is_text:
        _tell(folder, started)
    print_diagnostics(shared.gathered, started.diagnostics)
    print_report(shared.gathered, 0)


def _tell(folder: str, started: Started) -> None:
    if started.written:
        click.echo(f"Wrote in {folder}:")
        for name in started.written:
            click.echo(f"  {name:<31}  {PURPOSES[name]}")
    if started.kept:
        click.echo("Kept as they were:" if started.written else f"Everything is there; kept as they were in {folder}:")
        for name in started.kept:
            click.echo(f"  {name}")
    if started.modelines:
        click.echo("For completion in an editor, a first line of:")
        for name, line in started.modelines:
            click.echo(f"  {name:<31}  {line}")
    if started.key == "environment":
        click.echo(KEY_ELSEWHERE)
    click.echo("Next:")
    for line in _next(folder):
        click.echo(f"  {line}")


def _next(folder: str) -> Iterator[str]:
    if folder != ".":
        yield f"cd {shlex.quote(folder)}"
    yield from ("mixpriv validate", "mixpriv plan --sandbox")


def _page(folder: str, started: Started) -> Page:
    """The same as a document."""
    from mixpriv_reconcile.model.page import Items, Page, Section, Sentence, Table

    written = Table(("File", "What it is for"), tuple((f"`{name}`", PURPOSES[name]) for name in started.written))
    kept = Items(tuple(f"`{name}`" for name in started.kept), "file")
    lines = Items(tuple(f"`{name}`: `{line}`" for name, line in started.modelines))
    sections = [Section("Written", (written,)), Section("Kept as they were", (kept,))]
    sections.append(Section("For completion in an editor, a first line of", (lines,)))
    elsewhere = (Sentence(KEY_ELSEWHERE),) if started.key == "environment" else ()
    following = Items(tuple(f"`{line}`" for line in _next(folder)), "command")
    return Page("", (*sections, Section("Next", (*elsewhere, following))))
