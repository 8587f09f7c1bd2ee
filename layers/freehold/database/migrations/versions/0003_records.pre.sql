-- What travels with a change: its event, and the answer that a repeated request gets.

create table app.outbox (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    type text not null,
    subject_id uuid not null,
    request_id text not null default current_setting('app.request_id'),
    occurred_at timestamptz not null default now(),
    primary key (tenant_id, id)
) partition by range (id);
create table app.outbox_default partition of app.outbox default;
call app.tenant_table('app.outbox', unaudited => 'a machine''s copy of changes that are audited where they happen');
call app.allow('app.outbox', 'freehold_api', 'insert');

-- Announces a change, from within the statement that makes it. A function keeps the plan of its insert, which for a
-- partitioned table costs more to make than to carry out.
create function app.announce(type text, subject uuid) returns void
language plpgsql as $$
begin
    insert into app.outbox (type, subject_id) values (announce.type, announce.subject);
end $$;
grant execute on function app.announce to freehold_api;

create table app.idempotency (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    principal text not null default current_setting('app.principal'),
    route text not null,
    key text not null,
    request_hash bytea not null,
    result jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, principal, route, key)
);
create index idempotency_age on app.idempotency (tenant_id, created_at);
comment on column app.idempotency.result is 'personal';
call app.tenant_table('app.idempotency', unaudited => 'a machine''s memory of answers, kept for a day');
call app.allow('app.idempotency', 'freehold_api', 'select', 'insert', 'delete');

-- Claims a key for this transaction, ahead of the statement that stores the answer with the effect: raises when another
-- transaction holds it, when it was used for another request, and when its answer is stored.
create function app.claim(route text, key text, request_hash bytea) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    caller text := current_setting('app.principal');
    stored record;
begin
    if not pg_try_advisory_xact_lock(hashtextextended(concat_ws(chr(31), tenant, caller, claim.route, claim.key), 0)) then
        raise sqlstate 'FH425' using message = 'idempotency_in_flight';
    end if;
    select i.request_hash, i.created_at < now() - interval '24 hours' as expired into stored from app.idempotency i
     where i.tenant_id = tenant and i.principal = caller and i.route = claim.route and i.key = claim.key;
    if not found then
        return;
    elsif stored.expired then
        delete from app.idempotency i
         where i.tenant_id = tenant and i.principal = caller and i.route = claim.route and i.key = claim.key;
    elsif stored.request_hash is distinct from claim.request_hash then
        raise sqlstate 'FH422' using message = 'idempotency_mismatch';
    else
        raise sqlstate 'FH208' using message = 'replay';
    end if;
end $$;
grant execute on function app.claim to freehold_api;
