"""`validate`: everything that can be known offline."""

from __future__ import annotations

from dataclasses import replace

from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.pipeline.offline import Sources, known_offline
from mixpriv_reconcile.pipeline.reading import read
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.pipeline.tokens import needing_a_token, without_tokens

__all__ = ["validate"]


def validate(setting: Setting, *, with_sources: bool = True) -> tuple[Diagnostic, ...]:
    """Everything that can be known offline, by place; needs no key and no credential. Raises `ManifestInvalid` where there are errors."""
    reading = read(setting)
    findings = (without_tokens if setting.sandbox else needing_a_token)(reading.diagnostics)
    return known_offline(setting, replace(reading, diagnostics=findings), Sources.READ if with_sources else Sources.LEFT)
