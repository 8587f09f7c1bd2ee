"""Rows are made from what the database says, for any table that an adopter may think of."""

import psycopg
import pytest

from proof.database import shape
from proof.database.rows import Filler, NoRow

ODD = """
    create domain app.tried_slug as text check (value ~ '^[a-z0-9-]+$');
    create type app.tried_colour as enum ('red', 'green');
    create table app.tried_odd (
        tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
        id uuid not null default uuidv7(),
        parent_id uuid,
        slug app.tried_slug not null,
        email text not null check (email ~ '^[^@ ]+@[^@ ]+$'),
        stars integer not null check (stars between 1 and 5),
        currency varchar(3) not null check (currency in ('EUR', 'USD')),
        begins date not null,
        ends date not null check (ends > begins),
        tags text[] not null check (cardinality(tags) > 0),
        colours app.tried_colour[] not null,
        number bigint generated always as identity,
        doubled integer generated always as (stars * 2) stored,
        period tstzrange,
        extra jsonb not null check (jsonb_typeof(extra) = 'object'),
        "Odd ""Name" text not null,
        zip text not null check (zip ~ '^[0-9]{5}$'),
        invoice text not null check (invoice ~ '^INV-[0-9]{4}-[0-9]{5}$'),
        digest bytea not null check (octet_length(digest) = 32),
        opens time not null check (opens between '09:00' and '17:00'),
        kind text not null check (kind in ('company', 'person')),
        company text,
        check ((kind = 'company') = (company is not null)),
        area box not null,
        flags bit(8) not null,
        primary key (tenant_id, id),
        unique (tenant_id, stars),
        foreign key (tenant_id, parent_id) references app.tried_odd
    )
"""


def filled(connection, tenants):
    filler = Filler(connection, shape.read(connection))
    filler.fill(tenants)
    return filler


class TestFill:
    def test_every_table_of_tenants_has_rows_of_each(self, careless: psycopg.Connection, tenants):
        filler = filled(careless, tenants)
        tables = [relation for relation in filler.relations if relation.is_table and relation.held_by]
        assert len(tables) >= 10
        assert [t.name for t in tables for tenant in tenants if not filler.rows[t.oid, tenant.mark]] == []

    def test_odd_columns_and_checks_are_met(self, careless: psycopg.Connection, tenants):
        careless.execute(ODD)
        filler = filled(careless, tenants)
        odd = next(relation for relation in filler.relations if relation.name == "app.tried_odd")
        rows = filler.rows[odd.oid, tenants[0].mark]
        assert len(rows) == 3
        assert len({row["stars"] for row in rows}) == 3
        assert rows[-1]["parent_id"] == rows[0]["id"]
        assert all(tenants[0].mark in (row["slug"] or "") for row in rows)

    def test_a_partition_that_takes_other_values_is_filled_too(self, careless: psycopg.Connection, tenants):
        careless.execute(
            "create table app.tried_far partition of app.outbox for values"
            " from ('ffffffff-0000-7000-8000-000000000000') to ('ffffffff-ffff-7000-8000-000000000000')"
        )
        filler = filled(careless, tenants)
        far = next(relation for relation in filler.relations if relation.name == "app.tried_far")
        assert len(filler.rows[far.oid, tenants[0].mark]) == 3

    def test_tables_that_refer_to_one_another_are_filled(self, careless: psycopg.Connection, tenants):
        template = "tenant_id uuid not null references app.tenants, id uuid not null, primary key (tenant_id, id)"
        careless.execute(
            f"create table app.tried_hens ({template}, egg_id uuid);"
            f"create table app.tried_eggs ({template}, hen_id uuid)"
        )
        careless.execute(
            "alter table app.tried_hens add foreign key (tenant_id, egg_id) references app.tried_eggs;"
            "alter table app.tried_eggs add foreign key (tenant_id, hen_id) references app.tried_hens"
        )
        filler = filled(careless, tenants)
        both = [relation for relation in filler.relations if relation.name in {"app.tried_hens", "app.tried_eggs"}]
        assert all(filler.rows[relation.oid, tenants[0].mark] for relation in both)

    def test_the_side_of_a_circle_that_can_wait_comes_second(self, careless: psycopg.Connection, tenants):
        template = "tenant_id uuid not null references app.tenants, id uuid not null, primary key (tenant_id, id)"
        careless.execute(
            f"create table app.tried_first ({template}, b uuid not null);"
            f"create table app.tried_second ({template}, a uuid,"
            " foreign key (tenant_id, a) references app.tried_first);"
            "alter table app.tried_first add foreign key (tenant_id, b) references app.tried_second"
        )
        filler = filled(careless, tenants)
        first = next(relation for relation in filler.relations if relation.name == "app.tried_first")
        assert filler.rows[first.oid, tenants[0].mark]

    def test_a_check_that_nothing_meets_is_named(self, careless: psycopg.Connection, tenants):
        careless.execute(
            "create table app.tried_closed (tenant_id uuid not null references app.tenants, id uuid not null,"
            " code text not null constraint never check (md5(code) = 'c5866cd02cff5862c6fb551c8f3a26cf'),"
            " primary key (tenant_id, id))"
        )
        with pytest.raises(NoRow, match=r"app\.tried_closed.*never.*default"):
            filled(careless, tenants)
        careless.execute("alter table app.tried_closed alter code set default 'x38'")
        filled(careless, tenants)


class TestShape:
    def test_whose_rows_a_table_holds_does_not_depend_on_its_policies(self, careless: psycopg.Connection):
        careless.execute("drop policy tenant on app.projects; alter table app.projects disable row level security")
        projects = next(relation for relation in shape.read(careless) if relation.name == "app.projects")
        assert (projects.holder, projects.held_by) == ("tenant", ("tenant_id",))

    def test_a_table_of_tenants_that_says_it_is_everybodys_is_not_believed(self, careless: psycopg.Connection):
        careless.execute("comment on table app.projects is 'global: the same for all'")
        projects = next(relation for relation in shape.read(careless) if relation.name == "app.projects")
        assert projects.holder == "tenant"

    def test_a_table_in_any_schema_is_seen(self, careless: psycopg.Connection):
        careless.execute('create schema "My Own"; create table "My Own"."A table" (tenant_id uuid)')
        assert '"My Own"."A table"' in {relation.name for relation in shape.read(careless)}
