"""`${{ }}` as these tests evaluate it: by the rules of GitHub, which its own evaluator confirms for every condition of the recipe."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from .expressions import HOLE, STATUS, Known, NotKnown, evaluated, filled, holds
from .schemas_found import program
from .values import spelled
from .workflow_runs import CHECKOUT, loaded

EVALUATE = Path(__file__).parent / "programs" / "evaluate.mjs"
THEIRS = CHECKOUT / "build/engines/node_modules/@actions/expressions/dist/index.js"
"""`make build/engines/.installed` puts it there."""

CONTEXTS: dict[str, Any] = {
    "github": {"event": {"number": 7, "labels": ["Privacy", "later"]}, "actor": "mona", "repository": "acme/privacy"},
    "inputs": {"digest": "", "first": True},
    "vars": {"REGION": "eu", "NONE": None},
    "steps": {
        "skipped": {"outcome": "skipped", "outputs": {}},
        "well": {"outcome": "success", "outputs": {"exit-code": "0", "digest": "d1"}},
        "failed": {"outcome": "failure", "outputs": {"exit-code": ""}},
    },
}

# The rules are those of github.com/actions/runner, src/Sdk/DTExpressions2/Expressions2: EvaluationResult.cs (AbstractEqual,
# CoerceTypes, IsFalsy) and Sdk/ExpressionUtility.cs (ParseNumber), and of the table at
# https://docs.github.com/actions/reference/workflows-and-actions/expressions#operators.
CASES: list[tuple[str, Any]] = [
    # Kinds that differ are compared as numbers: null and '' are 0, true is 1, other texts are what they spell, or NaN.
    ("null == 0", True),
    ("null == ''", True),
    ("null == false", True),
    ("null == null", True),
    ("null == '0'", True),
    ("null != '0'", False),
    ("'' == 0", True),
    ("'' == '0'", False),
    ("true == 1", True),
    ("true == '1'", True),
    ("true == 'true'", False),
    ("false == 'false'", False),
    ("' 0xff ' == 255", True),
    ("' 0o10 ' == 8", True),
    ("' +12.50 ' == 12.5", True),
    ("'1e3' == 1000", True),
    ("'1_000' == 1000", False),
    ("'twelve' == 12", False),
    ("'twelve' != 12", True),
    ("'twelve' < 12 || 'twelve' >= 12", False),
    # Texts among themselves are texts, whatever their case.
    ("'Mona' == 'mONA'", True),
    ("'10' == '1e1'", False),
    ("'b' > 'A'", True),
    ("'10' < '9'", True),
    ("10 < 9", False),
    ("1 < 2 == true", True),
    ("true > false", True),
    ("'it''s'", "it's"),
    # `&&` and `||` give one of their sides; null, false, 0 and '' don't hold, '0' and 'false' do.
    ("'0' && 'holds'", "holds"),
    ("'false' && 'holds'", "holds"),
    ("0 || '' || null || 'last'", "last"),
    ("0 && 'never'", 0),
    ("!''", True),
    ("!'0'", False),
    ("true || false && false", True),
    ("!(true && false)", True),
    ("inputs.first && '--new-state' || ''", "--new-state"),
    ("inputs.none && '--new-state' || ''", ""),
    # Functions.
    ("contains('Hello world', 'LLO')", True),
    ("contains('Hello world', '')", True),
    ("contains(github.event.labels, 'privacy')", True),
    ("contains(github.event.labels, 'priv')", False),
    ("contains(12, 2)", True),
    ("startsWith('Hello world', 'he')", True),
    ("startsWith(null, 'he')", False),
    ("startsWith('true story', true)", True),
    # What isn't there is null: so a step that was skipped has no exit code, and that is neither '' nor unlike '0'.
    ("steps.skipped.outputs.exit-code", None),
    ("steps.skipped.outputs.exit-code != '0'", False),
    ("steps.skipped.outputs.exit-code == '0'", True),
    ("steps.skipped.outputs.exit-code == ''", True),
    ("steps.failed.outputs.exit-code != '0'", True),
    ("steps.well.outputs.exit-code == '0'", True),
    ("steps.well.outputs.exit-code == 0", True),
    ("github.event.number == '7'", True),
    ("github.event.pull_request.head.repo.full_name == github.repository", False),
    ("github.actor == 'Mona' && vars.REGION != ''", True),
    ("vars.NONE == 'true'", False),
]


def known(*, has_failed: bool = False, is_cancelled: bool = False, **contexts: Any) -> Known:
    return Known(CONTEXTS | contexts, has_failed, is_cancelled)


@pytest.mark.parametrize(("expression", "value"), CASES)
def test_expressions_come_to_what_github_makes_of_them(expression: str, value: Any) -> None:
    """Null, numbers, truths and texts are compared as GitHub does."""
    found = evaluated(expression, known())
    assert (found, type(found) is bool) == (value, type(value) is bool)


@pytest.mark.parametrize(
    "expression",
    ["github.nonsense", "fromJSON('1')", "matrix.x", "github.actor ==", "steps.none.outcome", "'a' 'b'", "github.event == 1", "contains('a')", ", 1"],
)
def test_what_is_not_known_is_an_error(expression: str) -> None:
    """A slip in a recipe's expression fails a test, and isn't taken for null."""
    with pytest.raises(NotKnown):
        evaluated(expression, known())


CONDITIONS = (None, "github.actor == 'mona'", "${{ !cancelled() }}", "success()", "failure()", "cancelled()", "always()")


@pytest.mark.parametrize(
    ("state", "run"),
    [
        ({}, (True, True, True, True, False, False, True)),
        ({"has_failed": True}, (False, False, True, False, True, False, True)),
        ({"is_cancelled": True}, (False, False, False, False, False, True, True)),
    ],
)
def test_a_condition_without_a_status_function_means_success_too(state: Mapping[str, bool], run: tuple[bool, ...]) -> None:
    """After a failure, or once cancelled, only steps whose condition asks for that run."""
    assert tuple(holds(one, known(**state)) for one in CONDITIONS) == run


def test_holes_are_filled_with_what_their_values_spell() -> None:
    """Null spells nothing, a whole number has no point."""
    assert filled("a ${{ github.actor }} ${{ github.event.number }} ${{ inputs.none }}${{ inputs.first }} b", known()) == "a mona 7 true b"


# GitHub's own evaluator, the package @actions/expressions


def theirs(asked: list[tuple[str, Mapping[str, Any], Mapping[str, bool]]]) -> list[list[str]]:
    """Kind and text of each."""
    assert THEIRS.exists(), "run: make build/engines/.installed"
    ran = program("node", str(EVALUATE), str(THEIRS), given=json.dumps(asked))
    assert ran.returncode == 0, ran.stderr
    found: list[list[str]] = json.loads(ran.stdout)
    return found


def kind(value: Any) -> str:
    return {bool: "boolean", str: "string", float: "number", int: "number"}.get(type(value), "null")


@pytest.mark.engines
def test_githubs_own_evaluator_agrees() -> None:
    """What these tests hold for GitHub's rules is what its own evaluator says."""
    found = theirs([(expression, CONTEXTS, {}) for expression, _ in CASES])
    assert dict(zip((case[0] for case in CASES), found, strict=True)) == {
        expression: [kind(value), spelled(value)] for expression, value in CASES
    }


RECIPE = [*sorted((CHECKOUT / "examples/ci/github/.github/workflows").glob("*.yml")), CHECKOUT / "action.yml"]
OUTPUTS = [{}, {"exit-code": "0", "digest": "d1", "pull": "7"}, {"exit-code": "4", "digest": "", "pull": ""}, {"exit-code": "", "digest": ""}]


def expressions(node: Any) -> Iterator[str]:
    """Each that stands in an `if:` or a `${{ }}`."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "if" and not HOLE.search(value):
                yield value
            else:
                yield from expressions(value)
    elif isinstance(node, list):
        for one in node:
            yield from expressions(one)
    elif isinstance(node, str):
        yield from (found[1] for found in HOLE.finditer(node))


def situations() -> Iterator[Known]:
    """Contexts of all that a run of the recipe may meet, as far as its expressions ask."""
    pulls = [{}, {"pull_request": {"number": 7, "head": {"repo": None}}}, {"pull_request": {"number": 7, "head": {"repo": {"full_name": "Acme/privacy"}}}}]
    names = ("plan", "approved", "fetched", "apply", "left", "status", "run", "install")
    for number, event in enumerate(pulls):
        for outcome in ("success", "failure", "skipped"):
            for outputs in OUTPUTS if outcome != "skipped" else OUTPUTS[:1]:
                contexts = {
                    "github": {
                        "event": event, "actor": "dependabot[bot]" if number else "mona", "repository": "acme/privacy", "token": "ghs",
                        "event_name": "workflow_dispatch" if number else "push",
                        "action_path": "/action",
                    },
                    "inputs": {"first": bool(number), "digest": "", "address": "a.b.c", "args": "plan" * number, "version": "", "extras": "s3",
                               "working-directory": ".", "accept": "2"},
                    "vars": dict.fromkeys(("PRIVACY_ROLE", "AWS_REGION", "REQUESTS_BUCKET", "EXPORTS_BUCKET", "MIXPRIV_CODE_SCANNING"), "true"),
                    "secrets": dict.fromkeys(("MIXPRIV_DIGEST_KEY", "MIXPANEL_GDPR_TOKEN", "MIXPANEL_WEB_EU_TOKEN"), "a secret"),
                    "runner": {"temp": "/temp"},
                    "steps": {name: {"outcome": outcome, "outputs": outputs} for name in names},
                }  # fmt: skip
                yield Known(contexts, has_failed=outcome == "failure")
                yield Known(contexts, is_cancelled=True)


@pytest.mark.engines
@pytest.mark.parametrize("path", RECIPE, ids=lambda path: path.name)
def test_githubs_own_evaluator_agrees_on_the_recipe(path: Path) -> None:
    """Each condition and each hole of the workflows and of the action comes to the same, in whatever state its job is."""
    found = sorted(set(expressions(loaded(path.read_text("utf-8")))))
    asked = [(expression, one) for expression in found for one in situations()]
    assert asked
    answers = theirs([(expression, one.contexts, {name: evaluated(f"{name}()", one) for name in STATUS}) for expression, one in asked])
    for (expression, one), answer in zip(asked, answers, strict=True):
        value = evaluated(expression, one)
        assert [kind(value), spelled(value)] == answer, (expression, one)
