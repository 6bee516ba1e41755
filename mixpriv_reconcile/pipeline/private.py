"""`.mixpriv/`, the program's own folder in a workspace: nobody else's to read, and no way out of it."""

from __future__ import annotations

from pathlib import Path

from mixpriv_reconcile.errors import MixprivError, StateError
from mixpriv_reconcile.ids.spool import sweep
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.state.files import tighten, trouble

__all__ = ["check_private_folder", "opened_private_folder"]

PRIVATE_FOLDERS = (".mixpriv", ".mixpriv/sandbox")


def check_private_folder(root: Path) -> None:
    """Take others' rights from `.mixpriv` and what holds ids in it, where they are there already.

    Raises `StateError` where one of them, or a file of the sandbox's store, is a link: what is spooled or pretended there would leave
    the workspace.
    """
    for name in PRIVATE_FOLDERS:
        folder = root / name
        try:
            has_files = name != PRIVATE_FOLDERS[0] and folder.is_dir() and not folder.is_symlink()
        except PermissionError:
            return  # where this process may not enter it can't write, either
        with trouble("read", folder):
            for path in (folder, *(folder.iterdir() if has_files else ())):
                if path.is_symlink():
                    shown = path.relative_to(root).as_posix()
                    raise StateError(
                        "MP0527", f"{shown} is a symbolic link; raw ids would be written elsewhere", f"rm {shown}: it is made anew"
                    )
                tighten(path)


def opened_private_folder(root: Path) -> tuple[Diagnostic, ...]:
    """Check the private folder, and remove what a killed run left in it; a warning where that can't be done."""
    check_private_folder(root)
    try:
        sweep(root)  # what a killed run left behind holds raw ids
    except MixprivError as error:
        if error.code != "MP0528":
            raise
        # A workspace that may only be read can still be planned.
        return (Diagnostic(error.code, Severity.WARNING, error.message, error.hint),)
    return ()
