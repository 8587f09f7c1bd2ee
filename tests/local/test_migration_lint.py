"""The lint of migrations: every one of ours passes, and every rule catches what it is for."""

import subprocess
import sys

import pytest

from local.migration_lint import EXCEPTIONS, FOLDERS, exceptions, lint
from local.migration_rules import RULES
from local.project import ROOT

OURS = {path.name: path.read_text() for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.sql"))}
EXAMPLES = {path.name: path.read_text() for path in sorted((ROOT / "tests/database/examples").glob("*.sql"))}
PROJECTS = "create table app.projects (id uuid);\ncall app.tenant_table('app.projects');"
PERSONS = "create table app.persons (id uuid);\ncall app.identity_table('app.persons', 'why');"
BAD = {
    "declared": "create table app.new (id uuid);",
    "index": "create index new on app.projects (tenant_id, name);",
    "rows": "update app.projects set name = 'x' where true;",
    "expand": "alter table app.projects drop column name;",
    "validate": (
        "alter table app.projects add constraint a check (true) not valid;\n"
        "alter table app.projects validate constraint a;"
    ),
    "role": "set local role freehold_door;",
    "setting": "set lock_timeout = '1h';",
    "transaction": "commit;",
    "public": "grant select on app.projects to public;",
    "definer": "create function app.f() returns int language sql security definer as $$ select 1 $$;",
    "exempt": "alter table app.projects no force row level security;",
    "tables": "alter table app.projects add column x int;\nlock table app.members;",
    "step": "create index concurrently a on app.projects (tenant_id);",
}
"""By rule, what breaks it."""
ALSO_BAD = [
    ("rows", "delete from only app.projects;"),
    ("rows", "truncate app.projects;"),
    ("rows", "do $$ begin\n update app.projects set name = 'x'; end $$;"),
    ("expand", "drop table app.projects;"),
    ("expand", "alter table app.projects rename column name to title;"),
    ("index", "drop index app.projects_created_by;"),
    ("exempt", "alter table app.projects disable trigger audit;"),
    ("setting", "set local app.tenant_id = '1';"),
    (
        "validate",
        (
            "-- step: a\nalter table app.projects add constraint f foreign key (a) references app.b not valid;\n"
            "-- step: b\nalter table app.projects validate constraint f;"
        ),
    ),
    (
        "validate",
        (
            "-- step: a\nalter table app.persons add constraint f foreign key (a) references app.b not valid;\n"
            "-- step: b\nalter table app.persons validate constraint f;"
        ),
    ),
    ("tables", "create policy p on app.projects;\ncreate policy p on app.members;"),
    ("tables", "lock table app.projects, app.members;"),
    (
        "validate",
        (
            "-- step: a\nalter table app.projects add constraint f foreign key (a) references app.projects not valid;\n"
            "-- step: b\nalter table app.projects validate constraint f;"
        ),
    ),
    ("tables", "alter table app.projects add column x int;\ndrop trigger t on app.members;"),
    ("step", "-- step: a\nselect 1;\nCREATE INDEX\nCONCURRENTLY a on app.projects (tenant_id);"),
    ("step", "-- step: a\ncall app.validate_reference('app.projects', 'f');\nselect 1;"),
    ("step", "-- step: a\nselect 1;\ncreate index concurrently a on app.projects (tenant_id);"),
    ("step", "-- step: a\nselect 1;\ncall app.backfill('app.projects', 'a = 1', 'a is null');"),
    ("adding-required-field", "alter table app.projects add column x int not null;"),
    ("constraint-missing-not-valid", "alter table app.projects add constraint c check (name <> '');"),
    ("adding-foreign-key-constraint", "alter table app.projects add foreign key (tenant_id) references app.tenants;"),
    ("disallowed-unique-constraint", "alter table app.projects add constraint u unique (tenant_id, name);"),
    ("adding-not-nullable-field", "alter table app.projects alter column name set not null;"),
    ("changing-column-type", "alter table app.projects alter column name type integer using 1;"),
    ("syntax-error", "alter tabel app.projects add column x int;"),
]
ONE = "-- step: one\nalter table app.projects add column x int;\n\n"
GOOD = [
    "create table app.new (id uuid);\ncall app.tenant_table('app.new');\ncreate index new on app.new (id);",
    "create table app.new (id uuid);\ncomment on table app.new is 'global: the same for everybody';",
    "create table app.projects_1 partition of app.projects default;",
    "-- step: a\ncreate index concurrently new on app.projects (tenant_id, name);",
    "update app.builtin_roles set permissions = '{}' where name = 'viewer';",
    "comment on table app.projects is 'update app.projects set x; commit; drop table x';",
    "create function app.f() returns int language sql as $$ update app.projects set x = 1 $$;",
    "alter table app.projects add column x int;",
    (
        "-- step: a\nalter table app.projects add constraint n not null x not valid;\n"
        "-- step: b\nalter table app.projects validate constraint n;"
    ),
    "grant select on app.projects to freehold_api; -- not to public",
    (
        "-- step: a\nalter table app.plain add constraint f foreign key (a) references app.other not valid;\n"
        "-- step: b\nalter table app.plain validate constraint f;"
    ),
    "-- step: a\nalter table app.projects add column x int;\n-- step: b\nalter table app.members add column x int;",
    (
        "alter table app.projects add column x int;\n"
        "create table app.new (id uuid);\ncall app.tenant_table('app.new');\n"
        "create policy p on app.new to freehold_api using (true);"
    ),
    "-- step: a\nCreate Index Concurrently new on app.projects (tenant_id, name); -- for the list",
]


def rules(sql: str, name: str = "0009_new.pre.sql") -> set[str]:
    return {
        finding.rule
        for finding in lint({"0008_projects.pre.sql": PROJECTS, "0008_persons.pre.sql": PERSONS, name: sql}, {})
        if finding.file == name
    }


class TestOurs:
    def test_pass_but_for_exceptions_that_have_a_reason(self):
        assert list(lint(OURS, exceptions())) == []
        assert all(len(reason) > 20 for reason in exceptions().values())

    def test_the_control_without_exceptions_they_do_not(self):
        assert {finding.rule for finding in lint(OURS, {})} == {rule for _, rule in exceptions()}

    def test_so_do_the_examples_that_are_killed(self):
        assert list(lint(EXAMPLES, {})) == []

    def test_by_command(self):
        command = [sys.executable, "-m", "local.migration_lint"]
        assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0


class TestRule:
    def test_each_is_tried(self):
        assert BAD.keys() == RULES.keys() | {"step"}

    @pytest.mark.parametrize("rule", BAD)
    def test_catches_what_it_is_for(self, rule: str):
        assert rule in rules(BAD[rule])

    @pytest.mark.parametrize(("rule", "sql"), ALSO_BAD)
    def test_catches_its_other_forms(self, rule: str, sql: str):
        assert rule in rules(sql)

    @pytest.mark.parametrize("sql", GOOD)
    def test_lets_good_ones_pass(self, sql: str):
        assert rules(sql) == set()

    def test_lets_a_post_migration_remove(self):
        assert rules(BAD["expand"], name="0009_new.post.sql") == set()


class TestFinding:
    def test_names_file_line_rule_and_what_to_do(self):
        sql = f"{ONE}-- step: two\n\nupdate app.projects\n set x = 1;"
        [finding] = [
            found for found in lint({"0008.pre.sql": PROJECTS, "0009_new.pre.sql": sql}, {}) if found.rule == "rows"
        ]
        assert str(finding) == (
            "0009_new.pre.sql:6: app.projects shows its owner one tenant at most: call app.backfill('app.projects',"
            " 'column = …', 'column is null') in a step of its own. [rows]"
        )

    def test_of_squawk_has_the_line_of_the_file(self):
        sql = f"{ONE}-- step: two\n\nalter table app.projects add column y int not null;"
        assert [found.line for found in lint({"0009_new.pre.sql": sql}, {})] == [6]

    def test_an_exception_that_excuses_nothing_is_one(self):
        [finding] = lint({"0009_new.pre.sql": "select 1;"}, {("0009_new.pre.sql", "role"): "for the control"})
        assert EXCEPTIONS.name in finding.sentence
