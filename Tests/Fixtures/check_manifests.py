"""Checks Kubernetes manifests against the API's schemas, unknown fields refused, and that they fit together.

    check_manifests.py FOLDER
"""

import copy
import pathlib
import sys

import kubernetes_validate
import yaml

VERSIONS = ["1.28", "1.31", "1.34"]


def valid(manifest, version):
    """What the schema of a version says against a manifest; nothing when it is fine."""
    try:
        kubernetes_validate.validate(manifest, version, strict=True)
        return None
    except kubernetes_validate.ValidationError as error:
        return str(error).splitlines()[0]


def planted(manifest):
    """A copy of a workload with an unknown field in its container, and one with a number where a text belongs."""
    unknown, wrong = copy.deepcopy(manifest), copy.deepcopy(manifest)
    unknown["spec"]["template"]["spec"]["containers"][0]["comand"] = ["x"]
    wrong["spec"]["template"]["spec"]["containers"][0]["image"] = 7
    return [unknown, wrong]


def fits(manifests):
    """Names, labels, ports and volumes that do not lead anywhere."""
    by_kind = {}
    for manifest in manifests:
        by_kind.setdefault(manifest["kind"], {})[manifest["metadata"]["name"]] = manifest
    workloads = [*by_kind["StatefulSet"].values(), *by_kind["Deployment"].values()]
    labels = [workload["spec"]["template"]["metadata"]["labels"] for workload in workloads]
    for workload in workloads:
        name, pod = workload["metadata"]["name"], workload["spec"]["template"]
        if not workload["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items():
            yield f"{name} does not select its own pods"
        volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
        for container in pod["spec"].get("initContainers", []) + pod["spec"]["containers"]:
            for mount in container["volumeMounts"]:
                if mount["name"] not in volumes:
                    yield f"{name} mounts {mount['name']}, which is no volume"
            security = container["securityContext"]
            if security["allowPrivilegeEscalation"] or security["capabilities"] != {"drop": ["ALL"]}:
                yield f"{name} may gain privileges"
        for volume in volumes.values():
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            if claim and claim not in by_kind["PersistentVolumeClaim"]:
                yield f"{name} uses the claim {claim}, which nobody makes"
        if pod["spec"]["securityContext"]["runAsNonRoot"] is not True:
            yield f"{name} may run as root"
    for kind, selector in [("Service", "selector"), ("NetworkPolicy", "podSelector")]:
        for name, manifest in by_kind[kind].items():
            chosen = manifest["spec"][selector]
            chosen = chosen.get("matchLabels", {}) if kind == "NetworkPolicy" else chosen
            if not chosen:
                yield f"{kind} {name} is for all pods"
            elif not any(chosen.items() <= label.items() for label in labels):
                yield f"{kind} {name} selects no pod"


def misfits(manifests):
    """Copies of all manifests, each with a mistake that the schemas let pass, and a word that must be said about it."""

    def changed(kind, change):
        copies = copy.deepcopy(manifests)
        change(next(manifest["spec"] for manifest in copies if manifest["kind"] == kind))
        return copies

    def pod(spec):
        return spec["template"]["spec"]

    yield "is for all pods", changed("NetworkPolicy", lambda spec: spec.update(podSelector={}))
    yield "selects no pod", changed("NetworkPolicy", lambda spec: spec["podSelector"]["matchLabels"].update(x="y"))
    yield "is for all pods", changed("Service", lambda spec: spec.update(selector={}))
    yield "does not select its own", changed("Deployment", lambda spec: spec["selector"]["matchLabels"].update(x="y"))
    yield "is no volume", changed("StatefulSet", lambda spec: pod(spec).update(volumes=[]))
    yield "may run as root", changed("Deployment", lambda spec: pod(spec)["securityContext"].update(runAsNonRoot=False))
    yield "may gain privileges", changed(
        "Deployment", lambda spec: pod(spec)["containers"][0]["securityContext"].update(allowPrivilegeEscalation=True)
    )


folder = pathlib.Path(sys.argv[1])
listed = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
files = sorted(path.name for path in folder.glob("*.yaml") if path.name != "kustomization.yaml")
defects = [] if sorted(listed) == files else [f"kustomization.yaml lists {sorted(listed)}, there are {files}"]
manifests = [
    manifest for name in files for manifest in yaml.safe_load_all((folder / name).read_text()) if manifest is not None
]
checks = 0
for manifest in manifests:
    for version in VERSIONS:
        checks += 1
        defect = valid(manifest, version)
        if defect:
            defects.append(f"{manifest['kind']} {manifest['metadata']['name']}, Kubernetes {version}: {defect}")
    if manifest["metadata"].get("namespace") != "mlestar" and manifest["kind"] != "Namespace":
        defects.append(f"{manifest['kind']} {manifest['metadata']['name']} is in another namespace")
    if manifest["kind"] in ("StatefulSet", "Deployment"):
        for broken in planted(manifest):
            if valid(broken, VERSIONS[-1]) is None:
                defects.append("a planted mistake was not found")
defects += list(fits(manifests))
for word, broken in misfits(manifests):
    if not any(word in defect for defect in fits(broken)):
        defects.append(f"a planted mistake was not found: '{word}'")
print("\n".join(defects) if defects else f"{len(manifests)} manifests, {checks} checks")
sys.exit(1 if defects else 0)
