"""The recipe for Kubernetes, played: hourly apply and nightly look, each pod with fresh volumes, the state in a bucket."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml
from contracts.engines import BUCKET, Engine
from journeys.workspace import Server, ago, until

from .gitlab_jobs import commands_of_the_image
from .kubernetes_pods import Cluster

RECIPE = Path(__file__).parents[2] / "examples/ci/kubernetes"
JOBS = ("mixpriv-apply", "mixpriv-nightly")
SECRETS = {"gdpr-token": "bearer-canary-9f27c1", "web-eu-token": "project-token-canary", "digest-key": "a key for recipes, long enough"}


@pytest.fixture
def cluster(tmp_path: Path, server: Server, storage: Engine) -> Cluster:
    """A namespace in which the recipe was set up as its page says."""
    (tmp_path / "work").mkdir()
    manifests = {name: (RECIPE / name).read_text("utf-8") for name in manifest_names()}
    prefix = "".join(character if character.isalnum() else "-" for character in str(tmp_path))
    place = f"bucket: {BUCKET}\n    prefix: {prefix.strip('-')}\n    endpoint: http://127.0.0.1:{storage.port}"
    manifests["workspace.yaml"] = manifests["workspace.yaml"].replace("bucket: acme-privacy-state\n    prefix: mixpriv", place)
    manifests = {name: text.replace("2026-11-02", ago(20)).replace("2026-11-20", ago(3)) for name, text in manifests.items()}
    files = {
        "mixpriv-manifests": manifests,
        "mixpriv": SECRETS,
        "mixpriv-requests": {"2026-11.csv": "distinct_id\nuser-100017\nuser-100018\n"},
    }
    environment = {
        "PATH": f"{commands_of_the_image(tmp_path / 'image')}:{os.environ['PATH']}",
        **storage.environment,
        **{f"MIXPRIV_URL_{region.upper()}": origin for region, origin in server.origins.items()},
    }
    return Cluster(RECIPE, tmp_path / "work", files, environment)


def manifest_names() -> list[str]:
    (generated,) = yaml.safe_load((RECIPE / "kustomization.yaml").read_text("utf-8"))["configMapGenerator"]
    assert generated["name"] == "mixpriv-manifests"
    files: list[str] = generated["files"]
    return files


def test_from_the_first_run_to_the_export(cluster: Cluster, server: Server) -> None:
    """The first run by hand, the night, the next hour that fetches the export; then there is nothing left, and nothing was sent twice."""
    code, printed = cluster.pod("mixpriv-apply").run()
    assert code == 1, printed  # a new state is made where a person says so, and not by itself
    assert server.tasks() == []
    code, printed = cluster.pod("mixpriv-apply").run("--new-state")
    assert code == 0, printed
    assert sorted(sorted(task["distinct_ids"]) for task in server.tasks()) == [["user-100017", "user-100018"], ["user-104711"]]

    code, printed = cluster.pod("mixpriv-nightly").run()
    assert code == 0, printed
    server.force("SUCCESS")
    assert cluster.pod("mixpriv-nightly").run()[0] == 0
    for _ in range(2):
        code, printed = cluster.pod("mixpriv-apply").run()
        assert code == 0, printed
    assert len(server.calls("POST")) == 2
    claim = cluster.work.parent / "claim-mixpriv-exports"
    assert [path.suffix for path in claim.rglob("*") if path.is_file() and not path.name.startswith(".")] == [".zip"]
    assert not any(secret in printed for secret in SECRETS.values())


def test_a_fetched_export_is_not_due_at_night(cluster: Cluster, server: Server) -> None:
    """An access request that is due in days fails the night until its export lies on the claim; a person's confirmation is made as the page says."""
    manifests = dict(cluster.files["mixpriv-manifests"])
    before, retrieval = manifests["web-eu.yaml"].split("retrievals:")
    manifests["web-eu.yaml"] = f"{before}retrievals:{retrieval.replace(ago(3), ago(27))}"
    cluster = dataclasses.replace(cluster, files=cluster.files | {"mixpriv-manifests": manifests})
    assert cluster.pod("mixpriv-apply").run("--new-state")[0] == 0
    server.force("SUCCESS")
    code, printed = cluster.pod("mixpriv-nightly").run()
    assert (code, "MP0640" in printed) == (7, True), printed
    for name in JOBS:  # the hour fetches what the night has seen
        code, printed = cluster.pod(name).run()
        assert code == 0, printed

    page = (RECIPE.parents[2] / "docs/how-to/run-in-kubernetes.md").read_text("utf-8")
    (arguments,) = re.findall(r"words='(.*)'", page)
    code, printed = cluster.pod("mixpriv-apply").run(instead=json.loads(arguments))
    assert code == 0, printed
    shutil.rmtree(cluster.work.parent / "claim-mixpriv-exports")
    code, printed = cluster.pod("mixpriv-nightly").run()
    assert code == 0, printed


@pytest.mark.parametrize("requests", [None, {}, {"README": "no ids here"}], ids=str)
def test_requests_that_name_no_file_need_no_secret(cluster: Cluster, server: Server, requests: dict[str, str] | None) -> None:
    """Without any CSV, or without the Secret, the pod starts: ids in manifests are sent, and a file that a manifest names is said to be missing."""
    files = {name: held for name, held in cluster.files.items() if name != "mixpriv-requests"}
    files |= {} if requests is None else {"mixpriv-requests": requests}
    code, printed = dataclasses.replace(cluster, files=files).pod("mixpriv-apply").run("--new-state")
    assert (code, "MP0401" in printed) == (1, True), printed
    manifests = dict(files["mixpriv-manifests"])
    source = "from: [{file: requests/2026-11.csv, column: distinct_id}]"
    assert source in manifests["web-eu.yaml"]
    manifests["web-eu.yaml"] = manifests["web-eu.yaml"].replace(source, "distinct_ids: [user-100017]")
    code, printed = dataclasses.replace(cluster, files=files | {"mixpriv-manifests": manifests}).pod("mixpriv-apply").run("--new-state")
    assert code == 0, printed
    assert len(server.tasks()) == 2


def test_what_is_unsent_too_late_fails_the_night(cluster: Cluster, server: Server) -> None:
    """A request that can't be done in time ends 7, for which the job doesn't try again."""
    server.fault("POST:deletions=500")
    assert cluster.pod("mixpriv-apply").run("--new-state")[0] == 3
    server.heal()
    assert cluster.pod("mixpriv-nightly").run()[0] == 7


def test_a_pod_that_is_moved_away_loses_nothing(cluster: Cluster, server: Server) -> None:
    """SIGTERM ends it with 143 within its grace, and the next pod goes on with the lock free and no batch sent twice."""
    server.fault("POST:deletions@1=hold")
    pod = cluster.pod("mixpriv-apply")
    running = pod.start("--new-state")
    until(lambda: server.struck("POST:deletions@1=hold"), running)
    running.send_signal(signal.SIGTERM)
    server.release()
    printed, _ = running.communicate(timeout=pod.spec["terminationGracePeriodSeconds"])
    assert running.returncode == 143, printed
    code, printed = cluster.pod("mixpriv-apply").run()
    assert code == 0, printed
    assert sorted(len(task["distinct_ids"]) for task in server.tasks()) == [1, 2]


def specs() -> list[tuple[str, Any]]:
    """Each job's name and template."""
    documents = yaml.safe_load_all((RECIPE / "cronjob.yaml").read_text("utf-8"))
    return [(one["metadata"]["name"], one["spec"]) for one in documents if one["kind"] == "CronJob"]


@pytest.mark.parametrize(("name", "spec"), specs(), ids=JOBS)
def test_pods_can_do_little(name: str, spec: Any) -> None:
    """No root, no written root file system, no capability, no token of Kubernetes', bounded memory; one run at a time, with time to save."""
    pod = spec["jobTemplate"]["spec"]["template"]["spec"]
    assert spec["concurrencyPolicy"] == "Forbid"
    assert pod["automountServiceAccountToken"] is False
    assert pod["terminationGracePeriodSeconds"] >= 60
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in [*pod["initContainers"], *pod["containers"]]:
        limits = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
        assert container["securityContext"] == limits
        assert container["resources"]["limits"]["memory"]
        assert all("secretKeyRef" in one.get("valueFrom", {}) or not one["name"].endswith(("TOKEN", "KEY")) for one in container.get("env", []))


def test_time_runs_out_in_order() -> None:
    """Waiting for the lock, working and saving end, in every pod that a job may try, before the job is killed for its deadline."""
    for _, spec in specs():
        job = spec["jobTemplate"]["spec"]
        (container,) = job["template"]["spec"]["containers"]
        arguments = container["args"]
        minutes = [int(value.removesuffix("m")) for value in arguments if value.removesuffix("m").isdigit()]
        pods = job["backoffLimit"] + 1
        between = sum(10 * 2**number for number in range(job["backoffLimit"]))  # seconds; kubernetes.io/docs/concepts/workloads/controllers/job
        assert pods * (60 * sum(minutes) + job["template"]["spec"]["terminationGracePeriodSeconds"]) + between < job["activeDeadlineSeconds"]


def test_the_recipe_names_its_manifests() -> None:
    """What the ConfigMap is made of are all the manifests beside it."""
    others = {"cronjob.yaml", "kustomization.yaml"}
    assert {path.name for path in RECIPE.glob("*.yaml")} == {*manifest_names(), *others}
