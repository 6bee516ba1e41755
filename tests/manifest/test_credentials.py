"""The credentials of a workspace: the token's year, and the service account."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.workspace import ServiceAccountRef

from .workspace import HEAD, PROJECT, codes, everything, only, read, wished

ACCOUNT = "    service_account: {{username: {}, secret: {}}}\n"


@pytest.mark.parametrize(
    ("issued", "words"),  # it is 2026-11-23
    [
        ("2026-01-23", ""),
        ("2026-01-22", "expires in 60 days, on 2027-01-22"),
        ("2025-12-24", "expires in 31 days, on 2026-12-24"),
        ("2025-12-23", "expires in 30 days, on 2026-12-23: tasks submitted from now on may still run then"),
        ("2025-12-01", "expires in 8 days, on 2026-12-01: tasks submitted from now on may still run then"),
        ("2025-11-30", "expires in 7 days, on 2026-11-30; from then on nothing can be erased, looked at or withdrawn"),
        ("2025-11-24", "expires in 1 day, on 2026-11-24; from then on nothing can be erased, looked at or withdrawn"),
        ("2025-11-23", "the token expired on 2026-11-23"),
    ],
)
def test_the_tokens_end_is_told_ever_more_firmly(tmp_path: Path, issued: str, words: str) -> None:
    """60, 30 and 7 days before a token expires a warning says when, how many days are left, and what to do."""
    found = read(tmp_path, HEAD.replace("2026-03-01", issued) + PROJECT).diagnostics

    assert (1 if words else 0) == len(found)
    for warning in found:
        assert words in warning.message
        assert (Severity.WARNING, "m.yaml:4:43") == (warning.severity, str(warning.span))
        assert "Profile & Preferences › Data & Privacy" in warning.hint


def test_a_service_account_is_two_references(tmp_path: Path) -> None:
    """Username and secret are each looked up where the manifest says; nothing of them stands in it."""
    text = HEAD + ACCOUNT.format("{env: MIXPANEL_SA_USER}", "{file: /run/secrets/mixpanel-sa}") + PROJECT
    account = wished(read(tmp_path, text)).workspace.service_account

    assert ServiceAccountRef(SecretRef(env="MIXPANEL_SA_USER"), SecretRef(file="/run/secrets/mixpanel-sa")) == account


def test_a_workspace_needs_no_service_account(tmp_path: Path) -> None:
    """Without one nothing is asked, and nothing is said."""
    assert wished(read(tmp_path, HEAD + PROJECT)).workspace.service_account is None


@pytest.mark.parametrize("half", ["username", "secret"])
@pytest.mark.parametrize("literal", ["canary.a1b2c3.mp-service-account", "hunter2hunter2", "'%canary%'", "[canary]"])
def test_a_literal_credential_is_not_repeated(tmp_path: Path, half: str, literal: str) -> None:
    """A username or secret written out is an error that doesn't repeat it, and says to write a reference."""
    values = {"username": "{env: A}", "secret": "{env: B}"} | {half: literal}
    found = only(read(tmp_path, HEAD + ACCOUNT.format(values["username"], values["secret"]) + PROJECT))

    assert "MP0210" == found.code
    assert f"`{half}: {{env: NAME}}`" in found.hint
    assert not {"canary", "hunter2"} & set(everything(read(tmp_path)).replace(".", " ").replace("%", " ").split())


@pytest.mark.parametrize("half", ["username", "secret"])
@pytest.mark.parametrize("own", ["{env: MIXPRIV_DIGEST_KEY}", "{file: mixpriv.key}"])
def test_what_is_the_programs_own_is_no_service_account(tmp_path: Path, half: str, own: str) -> None:
    """The program's own variables and its key are never sent as a service account."""
    values = {"username": "{env: A}", "secret": "{env: B}"} | {half: own}

    assert ["MP0370"] == codes(read(tmp_path, HEAD + ACCOUNT.format(values["username"], values["secret"]) + PROJECT))


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("{}", ["MP0202"]),
        ("{username: {env: A}}", ["MP0202"]),
        ("{username: {env: A}, secret: {}}", ["MP0212"]),
        ("{username: {env: A}, secret: {env: B, file: c}}", ["MP0212"]),
        ("{username: {env: A}, secret: {env: B}, scope: x}", ["MP0201"]),
        ("x", ["MP0203"]),
    ],
)
def test_half_a_service_account_is_an_error(tmp_path: Path, block: str, expected: list[str]) -> None:
    """Both halves are needed, each one reference, and nothing else."""
    assert expected == codes(read(tmp_path, HEAD + f"    service_account: {block}\n" + PROJECT))
