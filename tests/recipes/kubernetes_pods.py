"""A pod of a CronJob as a kubelet runs it, as far as the recipe goes: volumes, environment, the init containers and then the container.

A mount path is a folder of the test's: it is replaced in commands, arguments and in what the volumes hold. ConfigMaps and Secrets are laid
out as a kubelet lays them, files that are links to a hidden folder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Cluster", "Pod"]

IMAGE_ENTRYPOINT = ["mixpriv"]


@dataclass(frozen=True)
class Cluster:
    """What pods find: the documents of the recipe, and ConfigMaps and Secrets by name. *claims* stay from pod to pod."""

    recipe: Path
    work: Path
    files: Mapping[str, Mapping[str, str]]
    environment: Mapping[str, str]

    def document(self, kind: str, name: str) -> Any:
        """The one document of that kind and name."""
        documents = yaml.safe_load_all((self.recipe / "cronjob.yaml").read_text("utf-8"))
        return next(one for one in documents if (one["kind"], one["metadata"]["name"]) == (kind, name))

    def pod(self, cron_job: str) -> Pod:
        """A pod of the CronJob, with fresh volumes."""
        spec = self.document("CronJob", cron_job)["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        folder = self.work / f"pod-{len(list(self.work.iterdir()))}"
        folder.mkdir()
        return Pod(self, spec, folder)


class Pod:
    def __init__(self, cluster: Cluster, spec: Mapping[str, Any], folder: Path) -> None:
        self.cluster, self.spec, self.folder = cluster, spec, folder
        containers = [*spec["initContainers"], *spec["containers"]]
        self.mounts = {mount["mountPath"]: mount["name"] for one in containers for mount in one["volumeMounts"]}
        self.volumes = {volume["name"]: self._volume(volume) for volume in spec["volumes"]}
        for path, name in sorted(self.mounts.items()):
            if not path.startswith("/workspace/"):
                self._mounted(path).parent.mkdir(parents=True, exist_ok=True)
                self._mounted(path).symlink_to(self.volumes[name])

    def _mounted(self, path: str) -> Path:
        return self.folder / "root" / path.lstrip("/")

    def _volume(self, volume: Mapping[str, Any]) -> Path:
        """The folder that holds the volume's files."""
        if "persistentVolumeClaim" in volume:
            path = self.cluster.work.parent / f"claim-{volume['persistentVolumeClaim']['claimName']}"
            path.mkdir(exist_ok=True)
            return path
        path = self.folder / volume["name"]
        path.mkdir()
        if "emptyDir" in volume:
            path.chmod(0o2777)
            return path
        source = volume.get("configMap", {}).get("name") or volume["secret"]["secretName"]
        is_optional = volume.get("secret", {}).get("optional", False)
        held = self.cluster.files.get(source, {}) if is_optional else self.cluster.files[source]
        wanted = {one["key"]: one["path"] for one in volume.get("secret", {}).get("items", [])} or {name: name for name in held}
        (path / "..2026_11_27").mkdir()
        (path / "..data").symlink_to("..2026_11_27")
        for key, name in wanted.items():
            (path / "..2026_11_27" / name).write_text(self.here(held[key]), "utf-8")
            (path / name).symlink_to(f"..data/{name}")
        return path

    def here(self, text: str) -> str:
        """*text* with the folders that stand for mount paths."""
        paths = "|".join(map(re.escape, sorted(self.mounts, key=len, reverse=True)))
        return re.sub(rf"(?<![\w./])({paths})(?=/)", lambda found: str(self._mounted(found[0])), text)

    # Running

    def prepare(self) -> None:
        """Run the init containers; each must end well."""
        for container in self.spec["initContainers"]:
            ran = self._start(container, container["args"])
            printed, _ = ran.communicate(timeout=300)
            assert ran.returncode == 0, printed
        for path, name in self.mounts.items():  # a mount within a volume; a kubelet makes it before, and nobody can tell
            if path.startswith("/workspace/"):
                target = self._mounted(path)
                shutil.copytree(self.volumes[name], target, symlinks=True)

    def start(self, *more: str, instead: Sequence[str] | None = None) -> subprocess.Popen[str]:
        """The container's process, after its init containers; *more* arguments go behind its own, or behind those *instead* of them."""
        self.prepare()
        (container,) = self.spec["containers"]
        return self._start(container, [*(container["args"] if instead is None else instead), *more])

    def run(self, *more: str, instead: Sequence[str] | None = None) -> tuple[int, str]:
        """The container's exit code and all that it printed."""
        running = self.start(*more, instead=instead)
        printed, _ = running.communicate(timeout=300)
        self.end()
        return running.returncode, printed

    def end(self) -> None:
        """Keep what was written to claims."""
        (container,) = self.spec["containers"]
        for mount in container["volumeMounts"]:
            if mount["mountPath"].startswith("/workspace/") and not mount.get("readOnly", False):
                shutil.copytree(self._mounted(mount["mountPath"]), self.volumes[mount["name"]], dirs_exist_ok=True)

    def _start(self, container: Mapping[str, Any], arguments: Sequence[str]) -> subprocess.Popen[str]:
        variables = {"HOME": str(self.folder / "tmp"), **self.cluster.environment}
        if "PYTHONPATH" in os.environ:
            variables["PYTHONPATH"] = os.path.abspath(os.environ["PYTHONPATH"])
        for one in container.get("env", []):
            reference = one.get("valueFrom", {}).get("secretKeyRef")
            variables[one["name"]] = self.cluster.files[reference["name"]][reference["key"]] if reference else one["value"]
        command = [*container.get("command", IMAGE_ENTRYPOINT), *map(self.here, arguments)]
        return subprocess.Popen(
            command, cwd=self._mounted(container.get("workingDir", "/workspace")), env=variables, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        )  # fmt: skip
