"""What runs at GitHub: pinned, with the least rights, without what strangers write, and with commands that exist."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
import yaml

from infra.stage import STAGES
from local.commands import COMMANDS
from local.project import ROOT

type Workflow = dict[str, Any]

FOLDER = ROOT / ".github/workflows"
WORKFLOWS: Mapping[str, Workflow] = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*"))}
TARGETS = {line.partition(":")[0] for line in (ROOT / "Makefile").read_text().splitlines() if ": setup ##" in line}
TARGETS |= {"setup"}
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
STRANGERS = re.compile(r"\$\{\{")
"""Whatever is put into a shell's text is run by it; an `env:` is not."""


def on(workflow: Workflow) -> Any:
    """YAML 1.1 reads `on` as true."""
    return workflow[True]


def steps(workflow: Workflow) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job.get("steps", [])


def runs(workflow: Workflow) -> Iterator[str]:
    yield from (step["run"] for step in steps(workflow) if "run" in step)


def not_pinned(workflow: Workflow) -> list[str]:
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    used += [job["uses"] for job in workflow["jobs"].values() if "uses" in job]
    return [one for one in used if not one.startswith("./") and not PINNED.fullmatch(one)]


def too_free(workflow: Workflow) -> list[str]:
    """Jobs that may do more than read the code; with a token of its own, one that deploys."""
    jobs = workflow["jobs"].items()
    found = [name for name, job in jobs if not set(job.get("permissions", {"all": "write"}).items()) <= allowed(job)]
    return found if workflow.get("permissions") == {} else ["the workflow", *found]


def allowed(job: dict[str, Any]) -> set[tuple[str, str]]:
    return {("contents", "read")} | ({("id-token", "write")} if "environment" in job else set())


def written_by_strangers(workflow: Workflow) -> list[str]:
    return [text for text in runs(workflow) if STRANGERS.search(text)]


def left_behind(workflow: Workflow) -> list[dict[str, Any]]:
    """Checkouts that leave their token on the disk."""
    checkouts = [step for step in steps(workflow) if step.get("uses", "").startswith("actions/checkout@")]
    return [step for step in checkouts if step.get("with", {}).get("persist-credentials") is not False]


def unknown_targets(workflow: Workflow) -> list[str]:
    named = [target for text in runs(workflow) for target in re.findall(r"\bmake +(?:-C \S+ +)?([a-z-]+)", text)]
    matrix = [
        target
        for job in workflow["jobs"].values()
        for target in job.get("strategy", {}).get("matrix", {}).get("target", [])
    ]
    return [target for target in named + matrix if target not in TARGETS]


def unknown_words(workflow: Workflow) -> list[str]:
    named = [word for text in runs(workflow) for word in re.findall(r"bin/freehold ([a-z]+)", text)]
    return [word for word in named if word not in COMMANDS]


def deploys_unseen(workflow: Workflow) -> list[str]:
    """Jobs that deploy or become somebody in AWS, without an environment whose reviewers are asked."""
    return [
        name
        for name, job in workflow["jobs"].items()
        if "environment" not in job
        and any(
            "make deploy" in step.get("run", "") or "aws-actions/" in step.get("uses", "")
            for step in job.get("steps", [])
        )
    ]


def without_end(workflow: Workflow) -> list[str]:
    return [name for name, job in workflow["jobs"].items() if "uses" not in job and "timeout-minutes" not in job]


def of_strangers(workflow: Workflow) -> list[str]:
    """Triggers that run with our secrets what somebody else has written."""
    return sorted({"pull_request_target", "workflow_run", "issue_comment"} & set(on(workflow)))


RULES = (
    not_pinned,
    too_free,
    written_by_strangers,
    left_behind,
    unknown_targets,
    unknown_words,
    deploys_unseen,
    without_end,
    of_strangers,
)


def first_step(workflow: Workflow) -> dict[str, Any]:
    return workflow["jobs"]["deploy"]["steps"][0]


def last_step(workflow: Workflow) -> dict[str, Any]:
    return workflow["jobs"]["deploy"]["steps"][-1]


PLANTED = {
    "a tag, which can be moved": (not_pinned, lambda flow: first_step(flow).update(uses="actions/checkout@v7")),
    "a short commit": (not_pinned, lambda flow: first_step(flow).update(uses="actions/checkout@3d3c42e")),
    "somebody's workflow by its branch": (
        not_pinned,
        lambda flow: flow["jobs"]["ci"].update(uses="o/r/.github/workflows/x.yml@main"),
    ),
    "rights for all jobs": (too_free, lambda flow: flow.update(permissions={"contents": "read"})),
    "no word about rights": (too_free, lambda flow: flow["jobs"]["deploy"].pop("permissions")),
    "a right to write": (too_free, lambda flow: flow["jobs"]["ci"].update(permissions={"contents": "write"})),
    "a token for a job without environment": (
        too_free,
        lambda flow: flow["jobs"]["choose"].update(permissions={"id-token": "write"}),
    ),
    "a title in a shell": (
        written_by_strangers,
        lambda flow: last_step(flow).update(run="echo ${{ github.event.pull_request.title }}"),
    ),
    "an input in a shell": (written_by_strangers, lambda flow: last_step(flow).update(run="echo ${{inputs.stage}}")),
    "a token on the disk": (left_behind, lambda flow: first_step(flow).pop("with")),
    "a target that is none": (unknown_targets, lambda flow: last_step(flow).update(run="make deplay STAGE=launch")),
    "a word that is none": (unknown_words, lambda flow: last_step(flow).update(run=".venv/bin/freehold deplay")),
    "a deploy that nobody agrees to": (deploys_unseen, lambda flow: flow["jobs"]["deploy"].pop("environment")),
    "a job without end": (without_end, lambda flow: flow["jobs"]["deploy"].pop("timeout-minutes")),
    "our rights for a stranger's code": (of_strangers, lambda flow: on(flow).update(pull_request_target={})),
}


class TestEveryWorkflow:
    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_keeps(self, name, rule):
        assert rule(WORKFLOWS[name]) == []

    @pytest.mark.parametrize(("rule", "plant"), PLANTED.values(), ids=PLANTED)
    def test_would_be_seen_not_to(self, rule, plant):
        broken = deepcopy(WORKFLOWS["deploy"])
        plant(broken)
        assert rule(broken) != []

    def test_is_content_with_zizmor_too(self):
        command = [str(ROOT / ".venv/bin/zizmor"), "--offline", "--no-progress", str(ROOT / ".github")]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stdout

    def test_names_the_version_beside_each_commit(self):
        used = [
            line
            for path in FOLDER.glob("*")
            for line in path.read_text().splitlines()
            if re.search(r"@[0-9a-f]{40}", line)
        ]
        assert used
        assert [line for line in used if not re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)] == []

    def test_names_one_commit_of_an_action(self):
        used = [step["uses"] for flow in WORKFLOWS.values() for step in steps(flow) if "uses" in step]
        assert len({one.partition("@")[0] for one in used}) == len(set(used))


class TestDeploy:
    def test_takes_every_stage(self):
        assert on(WORKFLOWS["deploy"])["workflow_dispatch"]["inputs"]["stage"]["options"] == [*STAGES]

    def test_asks_reviewers_of_the_stage_that_it_deploys(self):
        deploy = WORKFLOWS["deploy"]["jobs"]["deploy"]
        assert deploy["environment"] == last_step(WORKFLOWS["deploy"])["env"]["STAGE"]
        assert deploy["environment"] == "${{ needs.choose.outputs.stage }}"

    def test_deploys_nothing_that_has_not_passed(self):
        jobs = WORKFLOWS["deploy"]["jobs"]
        assert "ci" in jobs["deploy"]["needs"]
        assert jobs["ci"]["uses"] == "./.github/workflows/ci.yml"
        assert {"check", "test", "prove", "conformance", "advisories", "secrets"} <= WORKFLOWS["ci"]["jobs"].keys()
        assert [
            name for name, job in WORKFLOWS["ci"]["jobs"].items() if "if" in job or "continue-on-error" in job
        ] == []

    @pytest.mark.parametrize(
        ("ref", "asked", "stage"),
        [
            ("refs/heads/main", "", "sandbox"),
            ("refs/heads/main", "launch", "launch"),
            ("refs/tags/launch/2026-11-22", "", "launch"),
            ("refs/tags/growth/1", "", "growth"),
            ("refs/tags/scale/1", "", "scale"),
            ("refs/heads/launch/x", "", "sandbox"),
            ("refs/heads/$(touch hacked)", "", "sandbox"),
        ],
    )
    def test_chooses_the_stage(self, tmp_path, ref, asked, stage):
        """As the runner's shell would."""
        [step] = WORKFLOWS["deploy"]["jobs"]["choose"]["steps"]
        environment = {"REF": ref, "ASKED": asked, "GITHUB_OUTPUT": str(tmp_path / "output"), "PATH": "/usr/bin:/bin"}
        command = ["/bin/sh", "-e", "-c", step["run"]]
        subprocess.run(command, env=environment, cwd=tmp_path, check=True)
        assert (tmp_path / "output").read_text() == f"stage={stage}\n"
        assert [path.name for path in tmp_path.iterdir()] == ["output"]

    def test_starts_by_tags_of_the_stages_that_somebody_has_to_agree_to(self):
        assert on(WORKFLOWS["deploy"])["push"] == {
            "branches": ["main"],
            "tags": [f"{name}/*" for name in STAGES if name != "sandbox"],
        }


class TestDifference:
    def test_compares_every_stage(self):
        assert WORKFLOWS["difference"]["jobs"]["difference"]["env"]["STAGES"].split() == [*STAGES]

    def test_passes_only_with_the_label(self):
        [step] = [step for step in steps(WORKFLOWS["difference"]) if "freehold difference" in step.get("run", "")]
        assert step["env"] == {
            "ALLOW": "${{ contains(github.event.pull_request.labels.*.name, 'replaces-data') && '*' || '' }}"
        }

    @pytest.mark.parametrize(("allow", "said"), [("*", "--allow *"), ("", "")])
    def test_hands_that_on(self, allow, said):
        """The words that the shell makes of it."""
        command = ["/bin/sh", "-c", 'echo ${ALLOW:+--allow "$ALLOW"}']
        answered = subprocess.run(command, env={"ALLOW": allow}, capture_output=True, text=True, check=True, cwd=ROOT)
        assert answered.stdout.strip() == said


class TestShell:
    def test_of_every_step_is_one(self):
        """Each script is read by the shell that would run it, without running it."""
        for name, workflow in WORKFLOWS.items():
            for text in runs(workflow):
                command = ["/bin/bash", "-n", "-c", text]
                read = subprocess.run(command, capture_output=True, text=True, check=False)
                assert read.returncode == 0, f"{name}: {read.stderr}"
