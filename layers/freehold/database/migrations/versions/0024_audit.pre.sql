-- An audit trail that cannot be rewritten: what is personal is masked like what is secret, entries are sealed into a chain of
-- each tenant's own, and what retention drops leaves behind where the chain goes on.

-- step: mask what is personal
-- What the audit trail does not tell of a table: the arguments of its trigger.
create function app.masked(target regclass) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(string_agg(quote_literal(attname), ', ' order by attnum), '') from pg_attribute
     where attrelid = target and attnum > 0 and not attisdropped and col_description(attrelid, attnum) in ('secret', 'personal');
$$;

-- As before, and what is personal is masked as well.
create or replace procedure app.tenant_table(target regclass, key name default 'tenant_id', unaudited text default null)
language plpgsql as $$
declare
    part regclass;
begin
    for part in select target union all select inhrelid from pg_inherits where inhparent = target loop
        execute format('alter table %s enable row level security', part);
        execute format('alter table %s force row level security', part);
        execute format(
            'create policy tenant on %1$s as restrictive using (%2$I = current_setting(''app.tenant_id'')::uuid)'
            ' with check (%2$I = current_setting(''app.tenant_id'')::uuid)', part, key);
    end loop;
    execute format('create policy freehold_owner on %s to freehold_owner using (true) with check (true)', target);
    if unaudited is not null then
        execute format('comment on table %s is %L', target, 'unaudited: ' || unaudited);
        return;
    end if;
    execute format('create trigger audit after insert or update or delete on %s for each row execute function app.audit_row(%s)',
        target, app.masked(target));
end $$;

-- Renews each audit trigger that does not mask what it should: one table at a time, as requests lock them in another order.
-- Safe to repeat. Call it by itself.
create procedure app.renew_masks()
language plpgsql as $$
declare
    renewed record;
begin
    for renewed in select g.tgrelid::regclass as target, g.tgname as name, app.masked(g.tgrelid) as columns
                     from pg_trigger g
                    where g.tgfoid = 'app.audit_row'::regproc and g.tgparentid = 0
                      and exists (select from pg_attribute a where a.attrelid = g.tgrelid and a.attnum > 0
                                     and col_description(a.attrelid, a.attnum) = 'personal')
                    order by g.tgrelid loop
        call app.patiently(renewed.target, format(
            'create or replace trigger %I after insert or update or delete on %s for each row execute function app.audit_row(%s)',
            renewed.name, renewed.target, renewed.columns));
    end loop;
end $$;

-- step: renew the triggers
call app.renew_masks();

-- step: let admins read the trail
call app.permission('audit:read', 'Read the audit trail', 'restricted', 'owner', 'admin');
call app.allow('app.audit', 'freehold_api', 'select');

-- step: find what happened to a thing
create index audit_row_id on app.audit (tenant_id, row_id, id);

-- step: find what somebody did
create index audit_principal on app.audit (tenant_id, principal, id);

-- step: find what happened in a certain way
create index audit_action on app.audit (tenant_id, action, id);

-- step: find what a request did
create index audit_request on app.audit (tenant_id, request_id, id);

-- step: keep the chains
-- What is to be sealed: each entry from when it is written until it is in the chain, so that one that commits late is only
-- sealed late. An entry that is neither here nor in the chain was not written by the trigger.
create table app.audit_unsealed (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    audit_id uuid not null,
    primary key (tenant_id, audit_id)
);
call app.tenant_table('app.audit_unsealed', unaudited => 'a machine''s list of what the audit trail has to seal');
call app.allow('app.audit_unsealed', 'freehold_auditor', 'select', 'insert', 'delete');
call app.cross('app.audit_unsealed', 'select');

-- The chain of each tenant. content = sha256(salt || address and change), digest = sha256(the other columns || content),
-- hash = sha256(hash before || seq || audit_id || digest): without its content and salt an entry still shows who did what.
create table app.audit_seals (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    seq bigint not null,
    audit_id uuid not null,
    salt bytea,
    content bytea not null,
    digest bytea not null,
    hash bytea not null,
    sealed_at timestamptz not null default now(),
    erased_at timestamptz,
    primary key (tenant_id, seq),
    unique (tenant_id, audit_id),
    check ((salt is null) = (erased_at is not null))
);
call app.tenant_table('app.audit_seals', unaudited => 'the seals of the record of changes itself');
call app.allow('app.audit_seals', 'freehold_auditor', 'select', 'insert');
call app.allow('app.audit_seals', 'freehold_worker', 'select (tenant_id, seq, hash)');

-- Where the chain of each tenant ends, and up to where it was written down outside the database.
create table app.audit_heads (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    seq bigint not null default 0,
    hash bytea not null default decode(repeat('00', 32), 'hex'),
    sealed_at timestamptz not null default now(),
    anchored_seq bigint not null default 0,
    anchored_at timestamptz,
    primary key (tenant_id)
);
create index audit_heads_unanchored on app.audit_heads (tenant_id) where seq > anchored_seq;
call app.tenant_table('app.audit_heads', unaudited => 'where the seals of the record of changes end');
call app.allow('app.audit_heads', 'freehold_auditor', 'select', 'insert', 'update (seq, hash, sealed_at)');
call app.allow('app.audit_heads', 'freehold_worker', 'select', 'update (anchored_seq, anchored_at)');
call app.cross('app.audit_heads', 'select');

-- Where the chain begins since retention has dropped what came before: entries with ids before `before` are over.
create table app.audit_checkpoints (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    seq bigint not null,
    hash bytea not null,
    before uuid not null,
    made_at timestamptz not null default now(),
    primary key (tenant_id, before)
);
call app.tenant_table('app.audit_checkpoints', unaudited => 'where the record of changes begins');

-- step: seal
grant create on schema app to freehold_auditor, freehold_relay;
call app.allow('app.audit', 'freehold_auditor', 'select', 'insert');
call app.worker('audit', 'Seals the audit trail of one tenant after the other, and writes down outside where each ends');
set local role freehold_auditor;

-- As before, and what it writes is to be sealed.
create or replace function app.audit_row() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    before jsonb := to_jsonb(old);
    after jsonb := to_jsonb(new);
    entry uuid := uuidv7();
begin
    if tg_op = 'DELETE' and not exists (select from app.tenants where id = current_setting('app.tenant_id')::uuid) then
        return null;  -- the tenant itself goes, and its trail with it
    end if;
    insert into app.audit (id, action, row_id, change)
    select entry, tg_table_name || '.' || lower(tg_op), coalesce(new.id, old.id),
           jsonb_object_agg(name, case when name = any (tg_argv) then '["***", "***"]'::jsonb
                                       else jsonb_build_array(before -> name, after -> name) end)
      from jsonb_object_keys(coalesce(after, before)) name
     where coalesce(before -> name, 'null') <> coalesce(after -> name, 'null')
    having count(*) > 0;
    if found then
        insert into app.audit_unsealed (audit_id) values (entry);
    end if;
    return null;
end $$;

-- Appends up to `batch` entries to the chain of the tenant that is entered, and says where it ends then. While somebody else
-- is at it, nothing, and no row. An entry that is gone before it was sealed is sealed as one that is missing.
create function app.seal_audit(batch integer)
returns table (sealed integer, seq bigint, anchored_seq bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    head app.audit_heads;
    entry record;
    salt bytea;
    content bytea;
    digest bytea;
begin
    sealed := 0;
    insert into app.audit_heads (tenant_id) values (tenant) on conflict do nothing;
    with mine as materialized (select h.* from app.audit_heads h where h.tenant_id = tenant for update skip locked)
    select m.* into head from mine m;
    if not found then
        return;
    end if;
    for entry in
        select u.audit_id, e.id is not null as is_there,
               (select string_agg(format('%s:%s,', octet_length(part), part), '' order by place)
                  from unnest(array[e.tenant_id::text, e.id::text,
                                    to_char(e.occurred_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                                    e.principal, e.request_id, e.action, e.row_id::text]) with ordinality p (part, place)) as told,
               format('%s:%s,%s:%s,', octet_length(e.address), e.address, octet_length(e.change::text), e.change) as kept
          from app.audit_unsealed u left join app.audit e on e.tenant_id = u.tenant_id and e.id = u.audit_id
         where u.tenant_id = tenant order by u.audit_id limit batch
    loop
        salt := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
        content := sha256(salt || convert_to(case when entry.is_there then entry.kept else '' end, 'UTF8'));
        digest := sha256(convert_to(case when entry.is_there then entry.told else '' end, 'UTF8') || content);
        head.seq := head.seq + 1;
        head.hash := sha256(head.hash || int8send(head.seq) || uuid_send(entry.audit_id) || digest);
        insert into app.audit_seals (tenant_id, seq, audit_id, salt, content, digest, hash)
        values (tenant, head.seq, entry.audit_id, salt, content, digest, head.hash);
        delete from app.audit_unsealed u where u.tenant_id = tenant and u.audit_id = entry.audit_id;
        sealed := sealed + 1;
    end loop;
    if sealed > 0 then
        update app.audit_heads h set seq = head.seq, hash = head.hash, sealed_at = now() where h.tenant_id = tenant;
    end if;
    seq := head.seq;
    anchored_seq := head.anchored_seq;
    return next;
end $$;
grant execute on function app.seal_audit to freehold_worker;

set local role freehold_relay;
-- Which tenants have something to seal, or a head that is not yet written down outside: who has waited longest comes first.
-- With the id of the oldest entry that waits, which tells since when. From tenant to tenant, along the index.
create function app.audit_due(batch integer) returns table (tenant_id uuid, oldest uuid)
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    return query
        with recursive waiting (id, entry) as (
            (select u.tenant_id, u.audit_id from app.audit_unsealed u order by u.tenant_id, u.audit_id limit 1)
            union all
            select n.* from waiting w cross join lateral (
                select u.tenant_id, u.audit_id from app.audit_unsealed u where u.tenant_id > w.id
                 order by u.tenant_id, u.audit_id limit 1) n
        )
        select w.id, w.entry from waiting w
        union all
        select h.tenant_id, null from app.audit_heads h
         where h.seq > h.anchored_seq and not exists (select from waiting w where w.id = h.tenant_id)
         order by 2 nulls last, 1 limit batch;
end $$;
grant execute on function app.audit_due to freehold_system;
set local role freehold_owner;
revoke create on schema app from freehold_auditor, freehold_relay;

-- step: begin the chains
-- Entries from before there were seals are to be sealed as well. Whoever was writing when audit_row was replaced has ended once
-- the lock was given. Safe to repeat. Call it by itself.
create procedure app.queue_audit()
language plpgsql as $$
declare
    tenant uuid;
begin
    call app.patiently('app.audit', 'lock table app.audit in share row exclusive mode');
    for tenant in select id from app.residents order by id loop
        perform app.enter_resident(tenant);
        insert into app.audit_unsealed (tenant_id, audit_id)
        select e.tenant_id, e.id from app.audit e
         where e.tenant_id = tenant
           and not exists (select from app.audit_seals s where s.tenant_id = tenant and s.audit_id = e.id)
        on conflict do nothing;
        commit;
    end loop;
end $$;

-- Erases what an entry of the tenant that is entered tells of persons: its address and its change, and the salt that would
-- let somebody guess them. Who did what and when stays, and stays provable. The erasure is an entry of its own.
create function app.erase_entry(entry uuid) returns void
language plpgsql as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    record_id uuid := uuidv7();
begin
    perform from app.audit_heads h where h.tenant_id = tenant for update;
    update app.audit e set address = '', change = '{}' where e.tenant_id = tenant and e.id = entry;
    if not found then
        raise exception 'tenant % has no entry %', tenant, entry;
    end if;
    update app.audit_seals s set salt = null, erased_at = now() where s.tenant_id = tenant and s.audit_id = entry;
    insert into app.audit (id, action, row_id, change) values (record_id, 'audit.erase', entry, '{}');
    insert into app.audit_unsealed (audit_id) values (record_id);
end $$;

-- Lets the chain of each tenant begin behind its entries with ids before `before`, which can then be dropped. Raises while one of
-- them is not sealed. Safe to repeat.
create procedure app.checkpoint_audit(before uuid)
language plpgsql as $$
declare
    tenant uuid;
begin
    for tenant in select id from app.residents order by id loop
        perform app.enter_resident(tenant);
        if exists (select from app.audit_unsealed u where u.tenant_id = tenant and u.audit_id < before) then
            raise exception 'tenant % has entries from before % that are not sealed', tenant, before using errcode = 'FH409';
        end if;
        insert into app.audit_checkpoints (tenant_id, seq, hash, before)
        select s.tenant_id, s.seq, s.hash, checkpoint_audit.before from app.audit_seals s
         where s.tenant_id = tenant
           and s.seq = coalesce(
               (select min(n.seq) - 1 from app.audit_seals n where n.tenant_id = tenant and n.audit_id >= before),
               (select h.seq from app.audit_heads h where h.tenant_id = tenant))
        on conflict do nothing;
    end loop;
end $$;

-- Drops up to `batch` seals of each tenant that lie before its last checkpoint, and says how many in all.
create function app.drop_seals(batch integer) returns bigint
language plpgsql as $$
declare
    tenant uuid;
    gone bigint;
    dropped bigint := 0;
begin
    for tenant in select id from app.residents order by id loop
        perform app.enter_resident(tenant);
        delete from app.audit_seals s
         where s.tenant_id = tenant
           and s.seq in (select o.seq from app.audit_seals o
                          where o.tenant_id = tenant
                            and o.seq <= (select max(c.seq) from app.audit_checkpoints c where c.tenant_id = tenant)
                          order by o.seq limit batch);
        get diagnostics gone = row_count;
        dropped := dropped + gone;
    end loop;
    return dropped;
end $$;

-- step: seal what there is already
call app.queue_audit();
