"""What a runbook tells somebody to type at night is a command: each is held against what it is typed to."""

import re

import pytest

from local.commands import COMMANDS
from local.project import ROOT
from tests.local.command_help import help_of
from tests.runbooks.aws_cli import faults
from tests.runbooks.pages import Command, commands, split

PAGES = sorted((ROOT / "docs").rglob("*.md"))
WRITTEN = [command for page in PAGES if "decisions" not in page.parts for command in commands(page)]
MAKEFILE = (ROOT / "Makefile").read_text()
RUNBOOKS = {page.name for page in (ROOT / "docs/runbooks").glob("*.md")} - {"README.md"}


def named(*names):
    return [command for command in WRITTEN if command.words[0].removeprefix(".venv/bin/") in names]


def aws_faults(command):
    return faults(command.words, inline=command.inline)


def make_faults(command):
    """Targets that are none, and variables that nobody reads."""
    words = [word for word in command.words[1:] if not word.startswith("-")]
    given = [word.partition("=")[0] for word in words if "=" in word]
    targets = [word for word in words if "=" not in word and word not in {"…", "help"}]
    unread = [name for name in given if f"$({name})" not in MAKEFILE and name not in EVERYWHERE]
    return [word for word in targets if f"\n{word}: setup" not in MAKEFILE] + unread


EVERYWHERE = {"PYTHON", "API_PORT", "ISSUER_PORT", "DATABASE_PORT", "MAIL_PORT", "WEBHOOK_PORT", "STRIPE_PORT"}


def freehold_faults(command):
    """Words and options that its help does not have."""
    word, *rest = command.words[1:] or ["--help"]
    if word.startswith(("-", "…")):
        return []
    if word not in COMMANDS:
        return [word]
    path, known = [word], help_of(word)
    for part in rest:
        word = rf"(^ {{4}}|[{{,]){part}[\s,}}]"
        if re.fullmatch(r"[a-z_-]+", part) and re.search(word, help_of(*path), re.MULTILINE):
            path.append(part)
            known += help_of(*path)
    options = [part.partition("=")[0] for part in rest if part.startswith("--")]
    return [option for option in options if not re.search(rf"{re.escape(option)}\b", known)]


def module_faults(command):
    """Modules that a page runs by `python -m` and that are none."""
    words = command.words
    ours = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "-m" and "." in words[at + 1]]
    return [name for name in ours if not (ROOT / f"{name.replace('.', '/')}.py").is_file()]


def identified(written):
    return pytest.mark.parametrize("command", written, ids=[str(one)[:90] for one in written])


class TestAws:
    @identified(named("aws"))
    def test_takes(self, command):
        assert aws_faults(command) == []

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("aws rds restore-cluster --db-cluster-identifier x", "rds has no operation restore-cluster"),
            ("aws rdz describe-db-clusters", "there is no service rdz"),
            ("aws codedeploy list-applications", "there is no service codedeploy"),
            ("aws rds describe-db-clusters --cluster x", "takes no --cluster"),
            ("aws rds delete-db-cluster --skip-final-snapshot", "lacks --db-cluster-identifier"),
            ("aws rds wait db-cluster-there --db-cluster-identifier x", "rds waits for no db-cluster-there"),
            ("aws rds wait db-cluster-available --cluster x", "takes no --cluster"),
            ("aws rds describe-db-clusters --query 'DBClusters[0'", "--query DBClusters[0"),
            ("aws rds describe-db-clusters --query 'Clusters[0]'", "answers no Clusters"),
            ("aws rds describe-db-clusters --output csv", "--output csv is no form"),
            ("aws rds describe-db-clusters --no-cli-pager yes", "--no-cli-pager takes no value"),
            ("aws rds stop-db-cluster --db-cluster-identifier a b", "takes one value, not 2"),
            ("aws rds modify-db-cluster --db-cluster-identifier a --apply-immediately now", "takes no value"),
            ("aws rds restore-db-cluster-to-point-in-time --db-cluster-identifier a --port many", "takes a number"),
            ("aws deploy stop-deployment --deployment-id d --auto-rollback-enabled yes", "takes no value"),
            ("aws ssm put-parameter --name a --value b --type Text", "--type cannot be Text"),
            ("aws cloudwatch get-metric-statistics --dimensions Nam=ProxyName,Value=x …", "knows no Nam"),
            ("aws lambda update-alias --function-name f --name live --routing-config '{\"Weights\": 1}'", "Weights"),
            ("aws lambda update-alias --function-name f --name live --routing-config '{Weights'", "is no JSON"),
            ("aws sns subscribe --topic-arn a --protocol email --endpoint x", "takes no --endpoint"),
            ("aws logs tail group --sinse 1h", "--sinse is unknown"),
            ("x=$(aws sts get-identity); echo $x", "sts has no operation get-identity"),
            ("aws rds describe-db-clusters \\\n  --cluster x", "takes no --cluster"),
            ("log() { aws logs filter-log-event --log-group-name x; }", "no operation filter-log-event"),
        ],
    )
    def test_would_not_take(self, typed, said):
        found = [fault for words in split(typed) if words[0] == "aws" for fault in faults(words)]
        assert any(said in fault for fault in found), found

    @pytest.mark.parametrize(
        "typed",
        [
            "aws sts get-caller-identity --query Account --output text",
            "aws rds wait db-cluster-available --db-cluster-identifier x",
            "aws rds modify-db-cluster --db-cluster-identifier x --no-deletion-protection --apply-immediately",
            "aws lambda invoke --function-name f --payload '{}' --cli-binary-format raw-in-base64-out /dev/stdout",
            "aws lambda update-alias --function-name f --name a --routing-config '{\"AdditionalVersionWeights\": {}}'",
        ],
    )
    def test_would_take(self, typed):
        assert [faults(words) for words in split(typed)] == [[]]


class TestMake:
    @identified(named("make"))
    def test_knows(self, command):
        assert make_faults(command) == []

    @pytest.mark.parametrize("typed", ["make deplay STAGE=launch", "make deploy STEGE=launch", "make check nothing"])
    def test_does_not_know(self, typed):
        assert make_faults(Command("page", tuple(typed.split()), inline=False)) != []


class TestFreehold:
    @identified(named("freehold"))
    def test_knows(self, command):
        assert freehold_faults(command) == []

    @pytest.mark.parametrize(
        "typed", ["freehold deplay", "freehold deploy --stege launch", "freehold billing reconcile --stege launch"]
    )
    def test_does_not_know(self, typed):
        assert freehold_faults(Command("page", tuple(typed.split()), inline=False)) != []


class TestModules:
    @identified(named("python", "python3"))
    def test_are_there(self, command):
        assert module_faults(command) == []

    def test_that_are_not_are_seen(self):
        assert module_faults(Command("page", ("python", "-m", "infra.cdk_kli"), inline=False)) == ["infra.cdk_kli"]


class TestShell:
    @pytest.mark.parametrize(
        "page", [page for page in PAGES if page.parent.name == "runbooks"], ids=lambda page: page.name
    )
    def test_is_that_of_linux_and_of_macos(self, page):
        """GNU's `date -d` is not BSD's, and `sed -i` takes another word there."""
        assert re.findall(r"date (?:-u )?-d|sed -i|readlink -f|grep -P", page.read_text()) == []


class TestPages:
    def test_have_commands_that_were_found(self):
        with_commands = {command.page for command in named("aws", "make", "freehold")}
        assert RUNBOOKS - with_commands == set()

    def test_are_named_where_somebody_looks_for_them(self):
        index = (ROOT / "docs/runbooks/README.md").read_text()
        assert [name for name in sorted(RUNBOOKS) if f"({name})" not in index] == []

    @pytest.mark.parametrize(
        "page", [page for page in PAGES if page.parent.name == "runbooks"], ids=lambda page: page.name
    )
    def test_lead_to_pages_that_exist(self, page):
        links = re.findall(r"\]\(([^)#:]+\.md)(?:#[^)]*)?\)", page.read_text())
        assert [link for link in links if not (page.parent / link).resolve().is_file()] == []
