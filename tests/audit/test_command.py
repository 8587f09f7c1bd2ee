"""`freehold audit verify`: what it says, and how it ends."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from local.audit import parse, show, verify_all
from local.audit_anchors import Folder
from local.companies import Company
from local.errors import LocalError
from tests.audit.conftest import Drawer, seal


@pytest.fixture
def copied(tmp_path: Path, acme: Company, drawer: Drawer) -> Folder:
    """The bucket, copied to a folder."""
    acme.project()
    seal(drawer)
    for key, data in drawer.contents.items():
        (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / key).write_bytes(data)
    return Folder(tmp_path)


def edit(company: Company) -> None:
    company.execute("update app.audit set principal = 'nobody' where tenant_id = %(tenant_id)s")


class TestVerify:
    def test_ends_with_0_and_says_what_is_whole(self, acme: Company, copied: Folder, superuser: str, capsys):
        assert show(verify_all(superuser, copied, acme.id), as_json=False) == 0
        said = capsys.readouterr().out
        assert f"{acme.id}  3 entries whole, 0 not yet sealed, anchored up to 3" in said
        assert "1 chains verified, 0 wrong" in said

    def test_ends_with_1_and_names_the_first_bad_entry(self, acme: Company, copied: Folder, superuser: str, capsys):
        edit(acme)
        assert show(verify_all(superuser, copied, acme.id), as_json=True) == 1
        [verdict] = json.loads(capsys.readouterr().out)
        assert (verdict["finding"]["what"], verdict["finding"]["seq"]) == ("edited", 1)

    def test_looks_at_every_tenant_unless_one_is_named(
        self, acme: Company, globex: Company, copied: Folder, superuser: str
    ):
        verdicts = {each.tenant: each for each in verify_all(superuser, None, None)}
        assert {acme.id, globex.id} <= verdicts.keys()
        assert verdicts[acme.id].anchored is None

    def test_changes_nothing(self, acme: Company, copied: Folder, superuser: str):
        before = acme.execute("select xmin::text, * from app.audit where tenant_id = %(tenant_id)s")
        verify_all(superuser, copied, None)
        assert acme.execute("select xmin::text, * from app.audit where tenant_id = %(tenant_id)s") == before

    def test_a_tenant_that_is_not_there_is_said(self, superuser: str, stage: None):
        with pytest.raises(LocalError, match="no tenant"):
            verify_all(superuser, None, uuid4())


class TestParse:
    def test_takes_a_tenant(self, acme: Company):
        assert parse(["verify", "--tenant", str(acme.id), "--json"]).tenant == acme.id

    @pytest.mark.parametrize("words", [[], ["verify", "--tenant", "acme"], ["repair"]])
    def test_refuses_what_it_does_not_understand(self, words: list[str]):
        with pytest.raises(SystemExit) as ended:
            parse(words)
        assert ended.value.code == 2

    def test_help_has_examples(self, capsys):
        with pytest.raises(SystemExit):
            parse(["verify", "--help"])
        assert "freehold audit verify --tenant" in capsys.readouterr().out
