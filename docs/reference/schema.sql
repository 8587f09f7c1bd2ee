-- Written by `make docs` from the migrations, which add up to it: write a migration instead.

CREATE SCHEMA app;

ALTER SCHEMA app OWNER TO freehold_owner;

CREATE SCHEMA directory;

ALTER SCHEMA directory OWNER TO freehold_owner;

CREATE SCHEMA migrations;

ALTER SCHEMA migrations OWNER TO freehold_owner;

CREATE TYPE app.access AS ENUM (
    'suspended',
    'restricted',
    'full'
);

ALTER TYPE app.access OWNER TO freehold_owner;

CREATE FUNCTION app.accept_invitation(tenant uuid, token_hash bytea, issuer text, subject text, issued_at timestamp with time zone, email text, person text, request_id text, address text) RETURNS TABLE(member_id uuid, tenant_id uuid, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    invited record;
    known record;
    inviter record;
    another text;  -- the status of somebody else with this address
    done boolean := app.open(tenant, request_id, address);
begin
    perform set_config('app.issuer', issuer, true), set_config('app.subject', subject, true);
    if starts_with(issuer, 'sso:') and not starts_with(issuer, 'sso:' || tenant || ':') then
        raise sqlstate 'FH403' using message = 'invitation_for_another';
    end if;
    select i.* into invited from app.invitation_tokens k
      join app.invitations i on i.tenant_id = k.tenant_id and i.id = k.invitation_id
     where k.tenant_id = tenant and k.token_hash = accept_invitation.token_hash for update of i;
    if not found or invited.status = 'revoked' or invited.status = 'pending' and invited.expires_at <= now() then
        raise sqlstate 'FH404' using message = 'invitation_gone';
    end if;
    select m.* into known from app.members m
     where m.tenant_id = tenant and m.issuer = accept_invitation.issuer and m.subject = accept_invitation.subject for update;
    if known.id is null and invited.status = 'pending' and lower(email) = lower(invited.email) then
        select m.* into known from app.members m
         where m.tenant_id = tenant and m.issuer is null and lower(m.email) = lower(invited.email) and m.status <> 'removed'
         order by m.id limit 1 for update;
    end if;
    select m.status into another from app.members m
     where m.tenant_id = tenant and lower(m.email) = lower(invited.email) and m.status <> 'removed'
       and m.id is distinct from known.id
     order by m.status = 'active' limit 1;
    if (issued_at > coalesce(known.sessions_ended_at, '-infinity')) is not true then
        raise sqlstate 'FH401' using message = 'session_ended';
    end if;
    if invited.status = 'accepted' then
        if known.id is distinct from invited.accepted_by or known.status <> 'active' then
            raise sqlstate 'FH404' using message = 'invitation_gone';
        end if;
        return query select known.id, tenant, true;
        return;
    elsif lower(email) is distinct from lower(invited.email) then
        raise sqlstate 'FH403' using message = 'invitation_for_another';
    elsif not starts_with(issuer, 'sso:') and exists (
        select from app.tenants t where t.id = tenant and t.sso_required) then
        raise sqlstate 'FH403' using message = 'sso_required';
    elsif known.status = 'active' and known.issuer is not null or known.id is null and another = 'active' then
        raise sqlstate 'FH409' using message = 'already_a_member';
    elsif known.status not in ('active', 'removed') or another is not null then
        raise sqlstate 'FH403' using message = 'not_a_member';
    elsif known.status = 'removed' and invited.created_at <= known.updated_at then
        raise sqlstate 'FH404' using message = 'invitation_gone';
    end if;
    select m.id, app.permissions_of(m.role, m.custom_role) as held into inviter from app.members m
     where m.tenant_id = tenant and m.id = invited.invited_by and m.status = 'active';
    if not found or not 'members:invite' = any (inviter.held) then
        raise sqlstate 'FH404' using message = 'invitation_gone';
    end if;
    perform set_config('app.principal', 'member:' || coalesce(known.id, invited.id), true),
            set_config('app.member_id', coalesce(known.id, invited.id)::text, true),
            set_config('app.permissions', array_to_string(inviter.held, ' '), true);
    if known.id is null or known.issuer is null then
        insert into directory.memberships (issuer, subject, tenant_id) values (issuer, subject, tenant) on conflict do nothing;
    end if;
    if known.id is null then  -- the member has the invitation's id: two acceptances would be one row
        insert into app.members (id, issuer, subject, email, name, role, custom_role)
        values (invited.id, issuer, subject, invited.email, person, invited.role, invited.custom_role);
    elsif known.issuer is null then
        update app.members m set issuer = accept_invitation.issuer, subject = accept_invitation.subject, version = version + 1,
               updated_at = now()
         where m.tenant_id = tenant and m.id = known.id;
    else
        update app.members m set status = 'active', role = invited.role, custom_role = invited.custom_role,
               email = invited.email, break_glass = false, version = version + 1, updated_at = now()
         where m.tenant_id = tenant and m.id = known.id;
    end if;
    update app.invitations i set status = 'accepted', accepted_by = coalesce(known.id, invited.id), version = version + 1,
           updated_at = now()
     where i.tenant_id = tenant and i.id = invited.id;
    perform app.announce(case when known.status = 'active' then 'member.linked' else 'member.joined' end, made.id, 1, to_jsonb(made)) from (
        select m.id, m.email, m.name, coalesce(m.role, m.custom_role::text) as role, m.status, m.version, m.created_at,
               m.updated_at
          from app.members m where m.tenant_id = tenant and m.id = coalesce(known.id, invited.id)) made;
    return query select coalesce(known.id, invited.id), tenant, false;
end $$;

ALTER FUNCTION app.accept_invitation(tenant uuid, token_hash bytea, issuer text, subject text, issued_at timestamp with time zone, email text, person text, request_id text, address text) OWNER TO freehold_registrar;

CREATE FUNCTION app.act_as(member uuid, token_hash bytea, minutes integer) RETURNS TABLE(id uuid, expires_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    visit app.operator_visits := app.this_visit();
    ends timestamptz := visit.at + make_interval(mins => minutes);
begin
    if visit.permission <> 'operators:act' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'operators:act';
    elsif not (select t.support_access from app.tenants t where t.id = visit.tenant_id) then
        raise sqlstate 'FH403' using message = 'support_refused';
    elsif not exists (select from app.members m
                       where m.tenant_id = visit.tenant_id and m.id = act_as.member and m.status = 'active') then
        raise sqlstate 'FH404' using message = 'no_such_member';
    end if;
    insert into app.impersonations (id, operator, member_id, reason, token_hash, expires_at)
    values (visit.id, visit.operator, act_as.member, visit.reason, act_as.token_hash, ends);
    perform app.announce('operator_acting.started', visit.id, 1, to_jsonb(made)) from (
        select visit.id, visit.operator, act_as.member as member_id, visit.reason, visit.at as created_at, ends as expires_at,
               null::timestamptz as ended_at) made;
    return query select visit.id, ends;
end $$;

ALTER FUNCTION app.act_as(member uuid, token_hash bytea, minutes integer) OWNER TO freehold_registrar;

CREATE PROCEDURE app.add_part(IN target regclass, IN part name, IN bounds text)
    LANGUAGE plpgsql
    AS $$
declare
    made text;
    rule record;
    referred regclass;
begin
    select format('%I.%I', n.nspname, part) into made
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = target;
    execute format('create table %s (like %s including all excluding indexes excluding identity excluding comments'
                   ' excluding statistics)', made, target);
    if exists (select from app.retention r where r.table_name = target::text) then
        execute format('alter table %s set (autovacuum_vacuum_scale_factor = 0.02)', made);
    end if;
    execute format('alter table %s enable row level security, force row level security', made);
    for rule in
        select p.polname, pg_get_expr(p.polqual, target) as visible, pg_get_expr(p.polwithcheck, target) as checked,
               coalesce((select string_agg(quote_ident(r.rolname), ', ') from pg_roles r where r.oid = any (p.polroles)),
                        'public') as roles
          from pg_policy p where p.polrelid = target and not p.polpermissive
    loop
        execute format('create policy %I on %s as restrictive to %s using (%s)', rule.polname, made, rule.roles, rule.visible)
            || coalesce(' with check (' || rule.checked || ')', '');
    end loop;
    for referred in select distinct k.confrelid from pg_constraint k where k.conrelid = target and k.contype = 'f' order by 1 loop
        execute format('lock table %s in share row exclusive mode', referred);
    end loop;
    -- The part is empty; the look at its foreign keys asks for a tenant all the same.
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    execute format('alter table %s attach partition %s %s', target, made, bounds);
end $$;

ALTER PROCEDURE app.add_part(IN target regclass, IN part name, IN bounds text) OWNER TO freehold_owner;

CREATE FUNCTION app.admit(principal text, member uuid, held text[], within text[], permission text, granted boolean, resource text, epoch integer, access app.access, moved_to integer, needs app.access) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
declare
    ids text;
begin
    if num_nulls(principal, member, held, permission, granted, epoch) > 0 then
        raise sqlstate 'FH500' using message = 'missing_argument';
    elsif moved_to <> epoch then
        raise sqlstate 'FH409' using message = 'tenant_moved', detail = moved_to;
    elsif needs is null then
        raise sqlstate 'FH500' using message = 'unknown_permission', detail = permission;
    elsif not permission = any (held) then
        if granted and resource is not null and (within is null or permission = any (within)) then
            select string_agg(g.resource_id::text, ' ') into ids
              from app.grants g
              left join app.builtin_roles r on r.name = g.role
              left join app.roles c on c.tenant_id = g.tenant_id and c.id = g.custom_role
             where g.tenant_id = current_setting('app.tenant_id')::uuid and g.member_id = admit.member
               and g.resource = admit.resource and admit.permission = any (coalesce(r.permissions, c.permissions));
        end if;
        if ids is null then
            raise sqlstate 'FH403' using message = 'permission_denied', detail = permission;
        end if;
        granted := set_config('app.scope', 'granted', true) is not null and set_config('app.granted', ids, true) is not null;
    end if;
    if access < needs then
        raise sqlstate 'FH402' using message = 'tenant_' || access;
    end if;
    return set_config('app.principal', principal, true) is not null
       and set_config('app.member_id', member::text, true) is not null
       and set_config('app.permissions', array_to_string(held, ' '), true) is not null;
end $$;

ALTER FUNCTION app.admit(principal text, member uuid, held text[], within text[], permission text, granted boolean, resource text, epoch integer, access app.access, moved_to integer, needs app.access) OWNER TO freehold_door;

CREATE PROCEDURE app.adopt_default(IN target regclass, IN part name, IN bounds text)
    LANGUAGE plpgsql
    AS $$
declare
    before regclass;
    before_name name;
    referred regclass;
begin
    select c.oid, c.relname into before, before_name
      from pg_partitioned_table p join pg_class c on c.oid = p.partdefid where p.partrelid = target;
    for referred in select distinct k.confrelid from pg_constraint k where k.conrelid = target and k.contype = 'f' order by 1 loop
        execute format('lock table %s in access exclusive mode', referred);
    end loop;
    execute format('alter table %s detach partition %s', target, before);
    execute format('alter table %s rename to %I', before, part);
    execute format('alter table %s attach partition %s %s', target, before, bounds);
    execute format('alter table %s drop constraint in_time', before);
    call app.add_part(target, before_name, 'default');
end $$;

ALTER PROCEDURE app.adopt_default(IN target regclass, IN part name, IN bounds text) OWNER TO freehold_owner;

CREATE PROCEDURE app.allow(IN target regclass, IN role name, VARIADIC verbs text[])
    LANGUAGE plpgsql
    AS $_$
declare
    verb text;
    columns text;
begin
    select string_agg(quote_ident(attname), ', ' order by attnum) into columns from pg_attribute
     where attrelid = target and attnum > 0 and not attisdropped and attgenerated = ''
       and attname not in ('tenant_id', 'id', 'created_at');
    foreach verb in array verbs loop
        execute format('grant %s on %s to %I',
            case verb when 'update' then format('update (%s)', columns) else verb end, target, role);
    end loop;
    if not exists (select from pg_policy where polrelid = target and polname = role) then
        execute format('create policy %1$I on %2$s to %1$I using (true) with check (true)', role, target);
    end if;
end $_$;

ALTER PROCEDURE app.allow(IN target regclass, IN role name, VARIADIC verbs text[]) OWNER TO freehold_owner;

CREATE FUNCTION app.announce(type text, subject uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    insert into app.outbox (type, subject_id) values (announce.type, announce.subject);
end $$;

ALTER FUNCTION app.announce(type text, subject uuid) OWNER TO freehold_owner;

CREATE FUNCTION app.announce(type text, subject uuid, version integer, data jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    insert into app.outbox (type, subject_id, version, data)
    values (announce.type, announce.subject, announce.version, announce.data);
end $$;

ALTER FUNCTION app.announce(type text, subject uuid, version integer, data jsonb) OWNER TO freehold_owner;

CREATE FUNCTION app.audit_due(batch integer) RETURNS TABLE(tenant_id uuid, oldest uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
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

ALTER FUNCTION app.audit_due(batch integer) OWNER TO freehold_relay;

CREATE FUNCTION app.audit_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION app.audit_row() OWNER TO freehold_auditor;

CREATE PROCEDURE app.backfill(IN target regclass, IN assignment text, IN condition text, IN batch integer DEFAULT 1000)
    LANGUAGE plpgsql
    AS $_$
declare
    key name := app.tenant_key(target);
    tenant uuid;
    tenants bigint;
    entered bigint;
    found bigint;
    changed bigint;
    still bigint;
    idle integer;
    total bigint := 0;
    told timestamptz := clock_timestamp();
    proved boolean;
    resident boolean;
begin
    if batch < 1 then
        raise exception 'a batch has at least one row';
    end if;
    -- What no constraint can say could not be proved in the end: that is refused before any row is changed.
    call app.forget_proof(target);
    execute 'create schema backfill_trial';
    execute format('create table backfill_trial.%I (like %s)', (select relname from pg_class where oid = target), target);
    execute format('alter table backfill_trial.%I add check ((%s) is not true)',
        (select relname from pg_class where oid = target), condition);
    execute format('drop table backfill_trial.%I', (select relname from pg_class where oid = target));
    execute 'drop schema backfill_trial';
    commit;
    for pass in 1..3 loop
        select count(*) into tenants from app.residents;
        entered := 0;
        for tenant in select id from app.residents order by id loop
            idle := 0;
            loop
                perform app.enter_resident(tenant);
                execute format(
                    'with found as materialized (select ctid as place from %1$s where %2$I = $1 and (%4$s) limit $2 for no key update),'
                    ' changed as (update %1$s set %3$s where %2$I = $1 and ctid = any (array(select place from found)) and (%4$s)'
                    ' returning (%4$s) as still)'
                    ' select (select count(*) from found), count(*), count(*) filter (where still) from changed',
                    target, key, assignment, condition) into found, changed, still using tenant, batch;
                if still > 0 then
                    raise exception 'the backfill of % would never end: after set %, % still holds for % rows',
                        target, btrim(assignment), btrim(condition), still;
                end if;
                exit when found = 0;
                total := total + changed;
                idle := case changed when 0 then idle + 1 else 0 end;
                if idle = 10 then
                    raise exception 'the backfill of % would never end: % rows of tenant % stay as they are: does a trigger keep them?',
                        target, found, tenant;
                end if;
                commit;
            end loop;
            entered := entered + 1;
            if clock_timestamp() > told + interval '3 seconds' then
                raise notice '%: % of % tenants, % rows changed', target, entered, tenants, total;
                told := clock_timestamp();
            end if;
        end loop;
        commit;
        call app.prove(target, format('(%s) is not true', condition), proved);
        exit when proved;
    end loop;
    if not proved then
        call app.prove(target, format('app.resides(%I)', key), resident);
        if not resident then
            raise exception '% has rows of tenants that are not in app.residents, and nobody can enter those: put them on the list',
                target;
        end if;
        raise exception '% keeps getting rows for which % holds: let a default or a trigger make new ones right, then backfill',
            target, btrim(condition);
    end if;
    raise notice '%: all % tenants, % rows changed, none left', target, tenants, total;
end $_$;

ALTER PROCEDURE app.backfill(IN target regclass, IN assignment text, IN condition text, IN batch integer) OWNER TO freehold_owner;

CREATE FUNCTION app.billing_tenants(after uuid, batch integer) RETURNS TABLE(tenant_id uuid, customer_id text, synced_from timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    return query
        select s.tenant_id, s.customer_id, s.synced_from from app.billing_syncs s
         where s.tenant_id > coalesce(
                   billing_tenants.after,
                   (select t.holder::uuid from app.turns t where t.name = 'billing_reached' and t.period = ''),
                   '00000000-0000-0000-0000-000000000000')
         order by s.tenant_id limit batch;
end $$;

ALTER FUNCTION app.billing_tenants(after uuid, batch integer) OWNER TO freehold_relay;

CREATE FUNCTION app.can_grant(wanted text[], also text[] DEFAULT '{}'::text[]) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
begin
    return wanted = '{}' or coalesce(wanted <@ (string_to_array(current_setting('app.permissions', true), ' ') || also), false);
end $$;

ALTER FUNCTION app.can_grant(wanted text[], also text[]) OWNER TO freehold_door;

CREATE FUNCTION app.change_flag(operator text, reason text, key text, definition jsonb, expected integer, request_id text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    held app.flags;
begin
    if num_nulls(operator, key, definition, expected, request_id) > 0 or definition ->> 'key' is distinct from key then
        raise sqlstate 'FH500' using message = 'missing_argument';
    elsif operator !~ '^[A-Za-z0-9][A-Za-z0-9._@+=,-]{0,99}$' then
        raise sqlstate 'FH422' using message = 'operator_unfit';
    elsif (length(btrim(reason)) >= 10) is not true then
        raise sqlstate 'FH422' using message = 'reason_required';
    elsif not app.names_nobody(definition) then
        raise sqlstate 'FH422' using message = 'flag_names_somebody';
    elsif length(definition::text) > 65536 then
        raise sqlstate 'FH422' using message = 'flag_too_long';
    elsif exists (select from app.snapshot s
                   where s.catalog -> 'features' ? change_flag.key or s.catalog -> 'limits' ? change_flag.key) then
        raise sqlstate 'FH422' using message = 'flag_key_taken';
    end if;
    select f.* into held from app.flags f where f.key = change_flag.key for update;
    if coalesce(held.version, 0) <> expected then
        raise sqlstate 'FH409' using message = 'flag_changed';
    elsif held.definition = change_flag.definition then
        return held.version;
    elsif held.key is null then
        insert into app.flags (key, definition) values (change_flag.key, change_flag.definition) on conflict do nothing;
        if not found then
            raise sqlstate 'FH409' using message = 'flag_changed';
        end if;
    else
        update app.flags f set definition = change_flag.definition, version = f.version + 1, updated_at = now()
         where f.key = change_flag.key;
    end if;
    insert into app.flag_changes (key, operator, reason, request_id, before, after)
    values (change_flag.key, change_flag.operator, btrim(change_flag.reason), change_flag.request_id, held.definition,
            change_flag.definition);
    update app.snapshot s set version = s.version + 1;
    return expected + 1;
end $_$;

ALTER FUNCTION app.change_flag(operator text, reason text, key text, definition jsonb, expected integer, request_id text) OWNER TO freehold_registrar;

CREATE PROCEDURE app.checkpoint_audit(IN before uuid)
    LANGUAGE plpgsql
    AS $$
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

ALTER PROCEDURE app.checkpoint_audit(IN before uuid) OWNER TO freehold_owner;

CREATE FUNCTION app.claim(route text, key text, request_hash bytea) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION app.claim(route text, key text, request_hash bytea) OWNER TO freehold_owner;

CREATE FUNCTION app.claim_domain() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform set_config('app.issuer', 'dns', true), set_config('app.subject', coalesce(new.name, old.name), true);
    if tg_op = 'DELETE' then
        delete from directory.domains d where d.issuer = 'dns' and d.subject = old.name and d.tenant_id = old.tenant_id;
    elsif new.verified_at is not null then
        insert into directory.domains (subject, tenant_id) values (new.name, new.tenant_id) on conflict do nothing;
    end if;
    if exists (select from directory.domains d
                where d.issuer = 'dns' and d.subject = new.name and d.tenant_id <> new.tenant_id) then
        raise sqlstate 'FH409' using message = 'domain_taken';
    end if;
    return null;
end $$;

ALTER FUNCTION app.claim_domain() OWNER TO freehold_registrar;

CREATE FUNCTION app.claim_issuer() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform set_config('app.issuer', coalesce(new.issuer, old.issuer), true), set_config('app.subject', '', true);
    if tg_op <> 'INSERT' then
        delete from directory.issuers i
         where i.issuer = old.issuer and i.subject = '' and i.audience = old.audience and i.connection_id = old.id;
    end if;
    if tg_op <> 'DELETE' then
        insert into directory.issuers (issuer, audience, tenant_id, connection_id, enabled)
        values (new.issuer, new.audience, new.tenant_id, new.id, new.status = 'enabled') on conflict do nothing;
        if not found then
            raise sqlstate 'FH409' using message = 'issuer_taken';
        end if;
    end if;
    return null;
end $$;

ALTER FUNCTION app.claim_issuer() OWNER TO freehold_registrar;

CREATE FUNCTION app.confirm(facts bigint, snapshot bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if coalesce((select v.version from app.decision_versions v where v.tenant_id = current_setting('app.tenant_id')::uuid), 0)
           is distinct from facts
       or (select s.version from app.snapshot s) is distinct from snapshot then
        raise sqlstate 'FH409' using message = 'decisions_stale', detail = app.facts();
    end if;
end $$;

ALTER FUNCTION app.confirm(facts bigint, snapshot bigint) OWNER TO freehold_door;

CREATE FUNCTION app.counted(key text, most bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
begin
    return (select count(*) from (
        select from app.limited_rows r
         where r.key = counted.key and r.tenant_id = current_setting('app.tenant_id')::uuid limit counted.most) there);
end $$;

ALTER FUNCTION app.counted(key text, most bigint) OWNER TO freehold_door;

CREATE PROCEDURE app."cross"(IN target regclass, VARIADIC verbs text[])
    LANGUAGE plpgsql
    AS $_$
declare
    part regclass;
begin
    for part in select target union all select inhrelid from pg_inherits where inhparent = target loop
        execute format(
            'alter policy tenant on %1$s'
            ' using (current_user = ''freehold_relay'' or tenant_id = current_setting(''app.tenant_id'')::uuid)'
            ' with check (current_user = ''freehold_relay'' or tenant_id = current_setting(''app.tenant_id'')::uuid)', part);
        continue when exists (select from pg_policy where polrelid = part and polname = 'tenant_entered');
        execute format(
            'create policy tenant_entered on %1$s as restrictive to freehold_owner, freehold_door, freehold_registrar,'
            ' freehold_auditor, freehold_api, freehold_worker, freehold_report, freehold_system, freehold_operator'
            ' using (tenant_id = current_setting(''app.tenant_id'')::uuid)', part);
    end loop;
    call app.allow(target, 'freehold_relay', variadic verbs);
end $_$;

ALTER PROCEDURE app."cross"(IN target regclass, VARIADIC verbs text[]) OWNER TO freehold_owner;

CREATE FUNCTION app.decide_anew() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform from app.billing_syncs s where s.tenant_id = current_setting('app.tenant_id')::uuid for update;
    insert into app.decision_versions as v (tenant_id)
    select t.id from app.tenants t where t.id = current_setting('app.tenant_id')::uuid
    on conflict (tenant_id) do update set version = v.version + 1;
    return null;
end $$;

ALTER FUNCTION app.decide_anew() OWNER TO freehold_registrar;

CREATE FUNCTION app.draw(bucket text, asked integer, most integer, period integer, at timestamp with time zone, OUT granted integer, OUT remaining integer, OUT full_in double precision, OUT wait double precision) RETURNS record
    LANGUAGE plpgsql
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    gain double precision := most::float / period;
    holds double precision := least(most, greatest(gain * 60, 10));
    held record;
    there double precision;
begin
    select a.tokens, a.refilled_at into held from app.allowances a
     where a.tenant_id = tenant and a.bucket = draw.bucket for update;
    if not found then
        insert into app.allowances as a (bucket, tokens, refilled_at) values (draw.bucket, holds, at)
        on conflict on constraint allowances_pkey do update set tokens = a.tokens  -- of two at once, the second sees what the first left
        returning a.tokens, a.refilled_at into held;
    end if;
    there := least(holds, held.tokens + gain * greatest(0, extract(epoch from at - held.refilled_at)::float));
    if there < 1 then
        wait := (1 - there) / gain;
        full_in := (holds - there) / gain;
        return;
    end if;
    granted := least(asked, floor(there), greatest(1, floor(there / 20), floor(gain / 20)));
    there := there - granted;
    remaining := floor(there);
    full_in := (holds - there) / gain;
    update app.allowances a set tokens = there, refilled_at = greatest(at, held.refilled_at)
     where a.tenant_id = tenant and a.bucket = draw.bucket;
end $$;

ALTER FUNCTION app.draw(bucket text, asked integer, most integer, period integer, at timestamp with time zone, OUT granted integer, OUT remaining integer, OUT full_in double precision, OUT wait double precision) OWNER TO freehold_door;

CREATE FUNCTION app.drop_seals(batch integer) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION app.drop_seals(batch integer) OWNER TO freehold_owner;

CREATE FUNCTION app.end_access() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    update app.api_keys k set revoked_at = now(), version = version + 1, updated_at = now()
     where k.tenant_id = new.tenant_id and k.created_by = new.id and k.revoked_at is null;
    update app.invitations i set status = 'revoked', version = version + 1, updated_at = now()
     where i.tenant_id = new.tenant_id and lower(i.email) = lower(new.email) and i.status = 'pending';
    if new.status = 'removed' then
        delete from app.grants g where g.tenant_id = new.tenant_id and g.member_id = new.id;
    end if;
    return null;
end $$;

ALTER FUNCTION app.end_access() OWNER TO freehold_registrar;

CREATE FUNCTION app.end_acting(acting uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    visit app.operator_visits := app.this_visit();
    ended app.impersonations;
begin
    if visit.permission <> 'operators:act' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'operators:act';
    end if;
    update app.impersonations i set ended_at = now()
     where i.tenant_id = visit.tenant_id and i.id = end_acting.acting and i.ended_at is null returning i.* into ended;
    if ended.id is null then
        return false;
    end if;
    perform app.announce('operator_acting.ended', ended.id, 1, to_jsonb(made)) from (
        select ended.id, ended.operator, ended.member_id, ended.reason, ended.created_at, ended.expires_at, ended.ended_at) made;
    return true;
end $$;

ALTER FUNCTION app.end_acting(acting uuid) OWNER TO freehold_registrar;

CREATE FUNCTION app.end_grant(given uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    visit app.operator_visits := app.this_visit();
    ended uuid;
begin
    if visit.permission <> 'access:grant' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'access:grant';
    end if;
    update app.access_grants g set ended_at = now()
     where g.tenant_id = visit.tenant_id and g.id = end_grant.given and g.ended_at is null and g.until > now()
    returning g.id into ended;
    if ended is null then
        return false;
    end if;
    perform app.want_sync('grant');
    return true;
end $$;

ALTER FUNCTION app.end_grant(given uuid) OWNER TO freehold_registrar;

CREATE FUNCTION app.end_grants() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    delete from app.grants g where g.tenant_id = old.tenant_id and g.resource = tg_argv[0] and g.resource_id = old.id;
    return null;
end $$;

ALTER FUNCTION app.end_grants() OWNER TO freehold_registrar;

CREATE FUNCTION app.end_override(agreed uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    visit app.operator_visits := app.this_visit();
begin
    if visit.permission <> 'decisions:change' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'decisions:change';
    end if;
    update app.overrides o set ended_at = now()
     where o.tenant_id = visit.tenant_id and o.id = end_override.agreed and o.source = 'operator' and o.ended_at is null
       and coalesce(o.until, 'infinity') > now();
    return found;
end $$;

ALTER FUNCTION app.end_override(agreed uuid) OWNER TO freehold_registrar;

CREATE FUNCTION app.end_role() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    update app.members m set role = 'guest', custom_role = null, version = version + 1, updated_at = now()
     where m.tenant_id = old.tenant_id and m.custom_role = old.id and m.status = 'removed';
    update app.invitations i set role = 'guest', custom_role = null, version = version + 1, updated_at = now()
     where i.tenant_id = old.tenant_id and i.custom_role = old.id and i.status <> 'pending';
    update app.scim_tokens k set role = 'guest', custom_role = null, version = version + 1, updated_at = now()
     where k.tenant_id = old.tenant_id and k.custom_role = old.id and k.revoked_at is not null;
    return old;
end $$;

ALTER FUNCTION app.end_role() OWNER TO freehold_registrar;

CREATE FUNCTION app.end_support() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    update app.impersonations i set ended_at = now() where i.tenant_id = new.id and i.ended_at is null;
    return null;
end $$;

ALTER FUNCTION app.end_support() OWNER TO freehold_owner;

CREATE FUNCTION app.end_target(flag text, member uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    visit app.operator_visits := app.this_visit();
begin
    if visit.permission <> 'decisions:change' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'decisions:change';
    end if;
    delete from app.flag_targets t
     where t.tenant_id = visit.tenant_id and t.flag = end_target.flag and t.member_id is not distinct from end_target.member;
    return found;
end $$;

ALTER FUNCTION app.end_target(flag text, member uuid) OWNER TO freehold_registrar;

CREATE FUNCTION app.end_turn(name text, period text, holder text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    update app.turns t set done_at = now()
     where t.name = end_turn.name and t.period = end_turn.period and t.holder = end_turn.holder;
end $$;

ALTER FUNCTION app.end_turn(name text, period text, holder text) OWNER TO freehold_relay;

CREATE FUNCTION app.enqueue_delivery() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    due timestamptz;
    lane uuid := case when new.event_type <> 'webhook_endpoint.tested' then new.endpoint_id end;
begin
    select f.paused_until + interval '1 minute' into due from app.webhook_failures f
     where f.tenant_id = new.tenant_id and f.endpoint_id = lane and f.paused_until > now();
    insert into app.jobs (kind, job_class, state, lane, input, attempts, due_at)
    values ('webhooks.deliver', 'deliveries', case when due is null then 'waiting' else 'scheduled' end, lane,
            jsonb_build_object('delivery_id', new.id), 20, coalesce(due, now()));
    return null;
end $$;

ALTER FUNCTION app.enqueue_delivery() OWNER TO freehold_owner;

CREATE FUNCTION app.enter(tenant uuid, epoch integer, issuer text, subject text, issued_at timestamp with time zone, mfa boolean, permission text, granted boolean, request_id text, address text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    caller record;
    done boolean := app.open(tenant, request_id, address);
begin
    select m.id, m.sessions_ended_at, r.permissions as held, m.custom_role, t.access, t.epoch, p.needs, p.resource,
           case when t.sso_required and not m.break_glass and not starts_with(m.issuer, 'sso:') then 'sso_required'
                when t.mfa_required and mfa is not true then 'mfa_required' end as barred
      into caller
      from app.members m
      join app.tenants t on t.id = m.tenant_id
      left join app.builtin_roles r on r.name = m.role
      left join app.permissions p on p.name = enter.permission
     where m.tenant_id = tenant and m.issuer = enter.issuer and m.subject = enter.subject and m.status = 'active';
    if not found then
        raise sqlstate 'FH403' using message = 'not_a_member';
    elsif (issued_at > coalesce(caller.sessions_ended_at, '-infinity')) is not true then
        raise sqlstate 'FH401' using message = 'session_ended';
    elsif caller.barred is not null then
        raise sqlstate 'FH403' using message = caller.barred;
    elsif caller.custom_role is not null then  -- asked for by itself: a join would cost those who have none
        caller.held := app.permissions_of(null, caller.custom_role);
    end if;
    done := app.admit('member:' || caller.id, caller.id, caller.held, null, permission, granted, caller.resource, epoch,
                      caller.access, caller.epoch, caller.needs);
end $$;

ALTER FUNCTION app.enter(tenant uuid, epoch integer, issuer text, subject text, issued_at timestamp with time zone, mfa boolean, permission text, granted boolean, request_id text, address text) OWNER TO freehold_door;

CREATE FUNCTION app.enter_acting(tenant uuid, epoch integer, token_hash bytea, permission text, granted boolean, request_id text, address text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    caller record;
    kept text := '^(tenant|members|roles|api_keys|webhooks|sso|scim|operators|billing|usage):(own|write|invite)$|:share$';
    done boolean := app.open(tenant, request_id, address);
begin
    select m.id as member, 'operator:' || i.operator || '/member:' || m.id as principal, t.access, t.epoch, p.needs, p.resource,
           array(select h from unnest(coalesce(r.permissions, c.permissions)) h where h !~ kept) as held
      into caller
      from app.impersonations i
      join app.members m on m.tenant_id = i.tenant_id and m.id = i.member_id and m.status = 'active'
      join app.tenants t on t.id = i.tenant_id and t.support_access
      left join app.builtin_roles r on r.name = m.role
      left join app.roles c on c.tenant_id = m.tenant_id and c.id = m.custom_role
      left join app.permissions p on p.name = enter_acting.permission
     where i.tenant_id = tenant and i.token_hash = enter_acting.token_hash and i.ended_at is null and i.expires_at > now();
    if not found then
        raise sqlstate 'FH401' using message = 'acting_ended';
    end if;
    done := app.admit(caller.principal, caller.member, caller.held, case when permission ~ kept then '{}'::text[] end,
                      permission, granted, caller.resource, epoch, caller.access, caller.epoch, caller.needs);
end $_$;

ALTER FUNCTION app.enter_acting(tenant uuid, epoch integer, token_hash bytea, permission text, granted boolean, request_id text, address text) OWNER TO freehold_door;

CREATE FUNCTION app.enter_key(tenant uuid, epoch integer, secret_hash bytea, permission text, granted boolean, request_id text, address text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    caller record;
    done boolean := app.open(tenant, request_id, address);
begin
    select k.id, m.id as member, k.scopes,
           array(select unnest(k.scopes) intersect select unnest(r.permissions)) as held, m.custom_role,
           t.access, t.epoch, p.needs, p.resource into caller
      from app.api_keys k
      join app.members m on m.tenant_id = k.tenant_id and m.id = k.created_by and m.status = 'active'
      join app.tenants t on t.id = k.tenant_id
      left join app.builtin_roles r on r.name = m.role
      left join app.permissions p on p.name = enter_key.permission
     where k.tenant_id = tenant
       and (k.secret_hash = enter_key.secret_hash or k.previous_hash = enter_key.secret_hash and k.previous_until > now())
       and k.revoked_at is null and (k.expires_at is null or k.expires_at > now());
    if not found then
        raise sqlstate 'FH401' using message = 'api_key_refused';
    elsif caller.custom_role is not null then
        caller.held := array(
            select unnest(caller.scopes) intersect select unnest(app.permissions_of(null, caller.custom_role)));
    end if;
    done := app.admit('api_key:' || caller.id, caller.member, caller.held, caller.scopes, permission, granted,
                      caller.resource, epoch, caller.access, caller.epoch, caller.needs);
end $$;

ALTER FUNCTION app.enter_key(tenant uuid, epoch integer, secret_hash bytea, permission text, granted boolean, request_id text, address text) OWNER TO freehold_door;

CREATE FUNCTION app.enter_operator(tenant uuid, epoch integer, operator text, reason text, permission text, request_id text, address text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    held text[] := '{tenant:read,members:read,jobs:read,webhooks:read,audit:read,operators:act,access:grant,decisions:read,'
        'decisions:change}';
    moved_to integer;
    visit uuid := uuidv7();
    done boolean := app.open(tenant, request_id, address);
begin
    select t.epoch into moved_to from app.tenants t where t.id = tenant;
    if not found then
        raise sqlstate 'FH404' using message = 'tenant_gone';
    elsif (moved_to = epoch) is not true then
        raise sqlstate 'FH409' using message = 'tenant_moved', detail = moved_to;
    elsif (length(btrim(reason)) >= 10) is not true then
        raise sqlstate 'FH422' using message = 'reason_required';
    elsif (permission = any (held)) is not true then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = coalesce(permission, 'none');
    end if;
    insert into app.operator_visits (id, operator, reason, permission)
    values (visit, enter_operator.operator, btrim(enter_operator.reason), enter_operator.permission);
    done := set_config('app.principal', 'operator:' || enter_operator.operator, true) is not null
        and set_config('app.permissions', array_to_string(held, ' '), true) is not null
        and set_config('app.visit_id', visit::text, true) is not null;
end $$;

ALTER FUNCTION app.enter_operator(tenant uuid, epoch integer, operator text, reason text, permission text, request_id text, address text) OWNER TO freehold_registrar;

CREATE FUNCTION app.enter_report(tenant uuid, epoch integer, worker text, request_id text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    caller record;
    done boolean := app.open(tenant, request_id, '');
begin
    select w.name as worker, t.epoch into caller
      from app.tenants t left join app.workers w on w.name = enter_report.worker where t.id = tenant;
    if not found then
        raise sqlstate 'FH404' using message = 'tenant_gone';
    elsif caller.worker is null then
        raise sqlstate 'FH500' using message = 'unknown_worker', detail = enter_report.worker;
    elsif caller.epoch is distinct from enter_report.epoch then
        raise sqlstate 'FH409' using message = 'tenant_moved', detail = caller.epoch;
    end if;
    done := set_config('app.principal', 'worker:' || caller.worker, true) is not null;
end $$;

ALTER FUNCTION app.enter_report(tenant uuid, epoch integer, worker text, request_id text) OWNER TO freehold_door;

CREATE FUNCTION app.enter_resident(tenant uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    migration text := coalesce(nullif(current_setting('app.migration', true), ''), 'by hand');
begin
    perform set_config('app.tenant_id', tenant::text, true), set_config('app.principal', 'migration:' || migration, true),
            set_config('app.request_id', 'migration:' || migration, true), set_config('app.address', '', true);
end $$;

ALTER FUNCTION app.enter_resident(tenant uuid) OWNER TO freehold_owner;

CREATE FUNCTION app.enter_scim(tenant uuid, epoch integer, token_hash bytea, permission text, request_id text, address text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    caller record;
    done boolean := app.open(tenant, request_id, address);
begin
    select k.id, t.access, t.epoch, p.needs, array(
               ((select unnest(app.permissions_of(k.role, k.custom_role))
                 union select unnest(app.permissions_of(g.role, g.custom_role)) from app.groups g
                  where g.tenant_id = tenant and num_nonnulls(g.role, g.custom_role) = 1)
                intersect select unnest(app.power_of_directory(k.id)))
               union select 'scim:provision') as held into caller
      from app.scim_tokens k
      join app.tenants t on t.id = k.tenant_id
      left join app.permissions p on p.name = enter_scim.permission
     where k.tenant_id = tenant and k.token_hash = enter_scim.token_hash
       and k.revoked_at is null and (k.expires_at is null or k.expires_at > now());
    if not found then
        raise sqlstate 'FH401' using message = 'scim_token_refused';
    elsif permission <> 'scim:provision' then  -- what else it holds is there to be given, not to be used
        raise sqlstate 'FH403' using message = 'permission_denied', detail = permission;
    end if;
    done := app.admit('scim:' || caller.id, caller.id, caller.held, null, permission, false, null, epoch,
                      caller.access, caller.epoch, caller.needs);
end $$;

ALTER FUNCTION app.enter_scim(tenant uuid, epoch integer, token_hash bytea, permission text, request_id text, address text) OWNER TO freehold_door;

CREATE FUNCTION app.enter_worker(tenant uuid, epoch integer, worker text, behalf text, permission text, request_id text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    caller record;
    kind text := split_part(behalf, ':', 1);
    done boolean := app.open(tenant, request_id, '');
begin
    select w.name as worker, t.access, t.epoch, p.needs, m.id as member, coalesce(r.permissions, c.permissions) as permissions,
           k.id as api_key, k.scopes into caller
      from app.tenants t
      left join app.workers w on w.name = enter_worker.worker
      left join app.permissions p on p.name = enter_worker.permission
      left join app.api_keys k on kind = 'api_key' and k.tenant_id = t.id and 'api_key:' || k.id = behalf
           and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
      left join app.members m on m.tenant_id = t.id and m.status = 'active'
           and (kind = 'member' and 'member:' || m.id = behalf or m.id = k.created_by)
      left join app.builtin_roles r on r.name = m.role
      left join app.roles c on c.tenant_id = m.tenant_id and c.id = m.custom_role
     where t.id = tenant;
    if not found then
        raise sqlstate 'FH404' using message = 'tenant_gone';
    elsif caller.worker is null then
        raise sqlstate 'FH500' using message = 'unknown_worker', detail = enter_worker.worker;
    elsif caller.epoch is distinct from enter_worker.epoch then
        raise sqlstate 'FH409' using message = 'tenant_moved', detail = caller.epoch;
    elsif behalf is null then
        done := set_config('app.principal', 'worker:' || caller.worker, true) is not null;
        return;
    elsif caller.member is null then
        raise sqlstate 'FH403' using message = 'not_a_member';
    elsif kind = 'api_key' then
        caller.permissions := array(select unnest(caller.permissions) intersect select unnest(caller.scopes));
    end if;
    done := app.admit(format('worker:%s/%s', caller.worker, behalf), caller.member, caller.permissions, null, permission, false,
                      null, epoch, caller.access, caller.epoch, caller.needs);
end $$;

ALTER FUNCTION app.enter_worker(tenant uuid, epoch integer, worker text, behalf text, permission text, request_id text) OWNER TO freehold_door;

CREATE FUNCTION app.erase_entry(entry uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION app.erase_entry(entry uuid) OWNER TO freehold_owner;

CREATE FUNCTION app.facts() RETURNS jsonb
    LANGUAGE plpgsql STABLE
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    principal text := coalesce(current_setting('app.principal', true), '');
    member uuid := case when principal ~ '(^|/)member:' then nullif(current_setting('app.member_id', true), '')::uuid end;
begin
    return (
        select jsonb_build_object(
            'version', coalesce((select v.version from app.decision_versions v where v.tenant_id = tenant), 0),
            'snapshot', (select s.version from app.snapshot s),
            'tenant', jsonb_build_object(
                'id', t.id, 'created_at', t.created_at, 'access', t.access, 'plan', a.plan,
                'add_ons', coalesce(a.add_ons, '{}'), 'status', a.status, 'interval', a."interval",
                'past_due_since', a.past_due_since, 'trial_end', a.trial_end, 'period_start', a.current_period_start,
                'period_end', a.current_period_end, 'subscribed_at', b.started_at,
                'grants', (
                    select coalesce(jsonb_agg(jsonb_build_object(
                               'id', g.id, 'access', g.access, 'until', g.until, 'plan', g.plan) order by g.id), '[]')
                      from app.access_grants g where g.tenant_id = tenant and g.ended_at is null and g.until > now()),
                'overrides', (
                    select coalesce(jsonb_agg(jsonb_build_object(
                               'id', o.id, 'plan', o.plan, 'features', o.features, 'limits', o.limits, 'rates', o.rates,
                               'until', o.until, 'source', o.source) order by o.id), '[]')
                      from app.overrides o
                     where o.tenant_id = tenant and o.ended_at is null and coalesce(o.until, 'infinity') > now()),
                'targets', (
                    select coalesce(jsonb_agg(jsonb_build_object(
                               'flag', f.flag, 'member_id', f.member_id, 'variant', f.variant, 'until', f.until)), '[]')
                      from app.flag_targets f
                     where f.tenant_id = tenant and (f.member_id is null or f.member_id = member)
                       and coalesce(f.until, 'infinity') > now())),
            'who', jsonb_build_object(
                'principal', principal, 'member_id', member,
                'role', (select coalesce(m.role, m.custom_role::text) from app.members m
                          where m.tenant_id = tenant and m.id = member)))
          from app.tenants t
          left join app.billing_accounts a on a.tenant_id = t.id
          left join app.subscriptions b on b.tenant_id = t.id and b.stripe_id = a.subscription_id
         where t.id = tenant);
end $$;

ALTER FUNCTION app.facts() OWNER TO freehold_door;

CREATE FUNCTION app.find_tenants(operator text, reason text, words text, request_id text) RETURNS TABLE(id uuid, name text, access app.access, created_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    tenant uuid;
    wanted text := lower(btrim(words));
    shown integer := 0;
begin
    if current_setting('app.tenant_id', true) <> '' then
        raise sqlstate 'FH500' using message = 'already_entered';
    elsif (length(btrim(reason)) >= 10) is not true then
        raise sqlstate 'FH422' using message = 'reason_required';
    elsif (length(wanted) >= 3) is not true or request_id is null then
        raise sqlstate 'FH500' using message = 'missing_argument';
    end if;
    perform set_config('app.request_id', find_tenants.request_id, true);
    for tenant in select r.id from app.residents r order by r.id loop
        perform set_config('app.tenant_id', tenant::text, true);
        for id, name, access, created_at in
            select t.id, t.name, t.access, t.created_at from app.tenants t
             where t.id = tenant and (position(wanted in lower(t.name)) > 0 or t.id::text = wanted or exists (
                       select from app.members m where m.tenant_id = tenant and m.role = 'owner' and m.status = 'active'
                          and lower(m.email) = wanted))
        loop
            insert into app.operator_visits (operator, reason, permission)
            values (find_tenants.operator, btrim(find_tenants.reason), 'operators:find');
            shown := shown + 1;
            return next;
        end loop;
        exit when shown = 20;
    end loop;
    perform set_config('app.tenant_id', '', true);
end $$;

ALTER FUNCTION app.find_tenants(operator text, reason text, words text, request_id text) OWNER TO freehold_registrar;

CREATE FUNCTION app.flag_exposures(named text) RETURNS TABLE(variant text, units bigint, tenants bigint, first_at timestamp with time zone, last_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    tenant uuid;
    here record;
    counted jsonb := '{}';
    before jsonb;
begin
    if current_setting('app.tenant_id', true) <> '' then
        raise sqlstate 'FH500' using message = 'already_entered';
    elsif not exists (select from app.flags f where f.key = named) then
        return;
    end if;
    for tenant in select r.id from app.residents r order by r.id loop
        perform set_config('app.tenant_id', tenant::text, true);
        for here in
            select e.variant, count(*) as units, min(e.exposed_at) as first_at, max(e.exposed_at) as last_at
              from app.exposures e where e.tenant_id = tenant and e.flag = named group by e.variant
        loop
            before := counted -> here.variant;
            counted := counted || jsonb_build_object(here.variant, jsonb_build_object(
                'units', coalesce((before ->> 'units')::bigint, 0) + here.units,
                'tenants', coalesce((before ->> 'tenants')::bigint, 0) + 1,
                'first_at', least((before ->> 'first_at')::timestamptz, here.first_at),
                'last_at', greatest((before ->> 'last_at')::timestamptz, here.last_at)));
        end loop;
    end loop;
    perform set_config('app.tenant_id', '', true);
    return query
        select c.key, (c.value ->> 'units')::bigint, (c.value ->> 'tenants')::bigint, (c.value ->> 'first_at')::timestamptz,
               (c.value ->> 'last_at')::timestamptz
          from jsonb_each(counted) c order by c.key;
end $$;

ALTER FUNCTION app.flag_exposures(named text) OWNER TO freehold_registrar;

CREATE FUNCTION app.flag_history(named text) RETURNS SETOF jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select to_jsonb(c) from app.flag_changes c where c.key = named order by c.id desc limit 200;
$$;

ALTER FUNCTION app.flag_history(named text) OWNER TO freehold_registrar;

CREATE FUNCTION app.forget_answers() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
declare
    forgotten integer;
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    with recursive tenants (id) as (
        (select i.tenant_id from app.idempotency i order by i.tenant_id limit 1)
        union all
        select (select i.tenant_id from app.idempotency i where i.tenant_id > t.id order by i.tenant_id limit 1)
          from tenants t where t.id is not null
    ), old as materialized (
        select o.* from tenants t cross join lateral (
            select i.tenant_id, i.principal, i.route, i.key from app.idempotency i
             where i.tenant_id = t.id and i.created_at < now() - interval '24 hours' limit 1000) o limit 1000
    )
    delete from app.idempotency i using old o
     where i.tenant_id = o.tenant_id and i.principal = o.principal and i.route = o.route and i.key = o.key
       and i.created_at < now() - interval '24 hours';
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;

ALTER FUNCTION app.forget_answers() OWNER TO freehold_relay;

CREATE FUNCTION app.forget_jobs() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
declare
    forgotten integer;
    month_ago timestamptz := now() - interval '30 days';
    then_made uuid := rpad(lpad(to_hex((extract(epoch from month_ago) * 1000)::bigint), 12, '0'), 32, '0');
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    with recursive tenants (id) as (
        (select j.tenant_id from app.jobs j order by j.tenant_id limit 1)
        union all
        select (select j.tenant_id from app.jobs j where j.tenant_id > t.id order by j.tenant_id limit 1)
          from tenants t where t.id is not null
    ), old as materialized (
        select o.* from tenants t cross join lateral (
            select j.tenant_id, j.id from app.jobs j
             where j.tenant_id = t.id and j.id < then_made and j.finished_at < month_ago limit 1000) o limit 1000
    )
    delete from app.jobs j using old o where j.tenant_id = o.tenant_id and j.id = o.id and j.finished_at < month_ago;
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;

ALTER FUNCTION app.forget_jobs() OWNER TO freehold_relay;

CREATE FUNCTION app.forget_mails() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
declare
    forgotten integer;
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    with recursive tenants (id) as (
        (select e.tenant_id from app.emails e order by e.tenant_id limit 1)
        union all
        select (select e.tenant_id from app.emails e where e.tenant_id > t.id order by e.tenant_id limit 1)
          from tenants t where t.id is not null
    ), old as materialized (
        select o.* from tenants t cross join lateral (
            select e.tenant_id, e.id from app.emails e
             where e.tenant_id = t.id and e.created_at < now() - interval '90 days' limit 1000) o limit 1000
    )
    delete from app.emails e using old o
     where e.tenant_id = o.tenant_id and e.id = o.id and e.created_at < now() - interval '90 days';
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;

ALTER FUNCTION app.forget_mails() OWNER TO freehold_relay;

CREATE PROCEDURE app.forget_proof(IN target regclass)
    LANGUAGE plpgsql
    AS $$
begin
    if exists (select from pg_constraint where conrelid = target and conname = 'backfill_proof') then
        call app.patiently(target, format('alter table %s drop constraint backfill_proof', target));
    end if;
end $$;

ALTER PROCEDURE app.forget_proof(IN target regclass) OWNER TO freehold_owner;

CREATE FUNCTION app.forget_sign_ups() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    forgotten integer := 0;
    gone integer;
    month_ago timestamptz := now() - interval '30 days';
    then_made uuid := rpad(lpad(to_hex((extract(epoch from month_ago) * 1000)::bigint), 12, '0'), 32, '0');
    tenant uuid;
    founder record;
begin
    for tenant in select r.id from app.residents r where r.id > then_made order by r.id loop
        perform set_config('app.tenant_id', tenant::text, true);
        for founder in select m.issuer, m.subject from app.members m where m.tenant_id = tenant order by m.id limit 1 loop
            perform set_config('app.issuer', founder.issuer, true), set_config('app.subject', founder.subject, true);
            delete from directory.sign_ups s
             where s.issuer = founder.issuer and s.subject = founder.subject and s.created_at < now() - interval '24 hours';
            get diagnostics gone = row_count;
            forgotten := forgotten + gone;
        end loop;
    end loop;
    return forgotten;
end $$;

ALTER FUNCTION app.forget_sign_ups() OWNER TO freehold_registrar;

CREATE FUNCTION app.forget_turns() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    forgotten integer;
begin
    delete from app.turns t where t.until < now() - interval '7 days';
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;

ALTER FUNCTION app.forget_turns() OWNER TO freehold_relay;

CREATE FUNCTION app.forget_usage_keys() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
declare
    forgotten integer;
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    with recursive tenants (id) as (
        (select k.tenant_id from app.usage_keys k order by k.tenant_id limit 1)
        union all
        select (select k.tenant_id from app.usage_keys k where k.tenant_id > t.id order by k.tenant_id limit 1)
          from tenants t where t.id is not null
    ), old as materialized (
        select o.* from tenants t cross join lateral (
            select k.tenant_id, k.digest from app.usage_keys k
             where k.tenant_id = t.id and k.created_at < now() - interval '36 days' limit 10000) o limit 10000
    )
    delete from app.usage_keys k using old o
     where k.tenant_id = o.tenant_id and k.digest = o.digest and k.created_at < now() - interval '36 days';
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;

ALTER FUNCTION app.forget_usage_keys() OWNER TO freehold_relay;

CREATE FUNCTION app.grant_access(given app.access, plan text, until timestamp with time zone) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    visit app.operator_visits := app.this_visit();
begin
    if visit.permission <> 'access:grant' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'access:grant';
    elsif (until > visit.at and until <= visit.at + interval '400 days') is not true then
        raise sqlstate 'FH422' using message = 'until_unfit';
    end if;
    insert into app.access_grants (id, access, plan, reason, granted_by, until)
    values (visit.id, given, grant_access.plan, visit.reason, visit.operator, grant_access.until);
    insert into app.billing_syncs default values on conflict do nothing;
    perform app.want_sync('grant');
    return visit.id;
end $$;

ALTER FUNCTION app.grant_access(given app.access, plan text, until timestamp with time zone) OWNER TO freehold_registrar;

CREATE PROCEDURE app.grantable(IN target regclass, IN key name, VARIADIC permissions text[])
    LANGUAGE plpgsql
    AS $$
declare
    named text := (select relname from pg_class where oid = target);
begin
    execute format(
        'create policy tenant_granted on %s as restrictive to freehold_api using (current_setting(''app.scope'') = ''tenant'''
        ' or position(%I::text in current_setting(''app.granted'')) > 0)', target, key);
    if key = 'id' then
        update app.permissions p set resource = named where p.name = any (grantable.permissions);
        execute format('create trigger end_grants after delete on %s for each row execute function app.end_grants(%L)',
            target, named);
    end if;
end $$;

ALTER PROCEDURE app.grantable(IN target regclass, IN key name, VARIADIC permissions text[]) OWNER TO freehold_owner;

CREATE FUNCTION app.guard_power() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    principal text := coalesce(current_setting('app.principal', true), '');
    actor uuid := nullif(current_setting('app.member_id', true), '')::uuid;
    before text[];
    after text[];
    also text[] := '{}';
begin
    if tg_op = 'DELETE' and pg_trigger_depth() > 1 then
        return null;  -- what it belonged to goes
    end if;
    case tg_table_name
        when 'members' then  -- to end somebody's sessions, or to let them past single sign-on, is to change what they can do
            if tg_op = 'UPDATE' and (old.role, old.custom_role, old.status, old.sessions_ended_at, old.break_glass)
               is not distinct from (new.role, new.custom_role, new.status, new.sessions_ended_at, new.break_glass) then
                return null;
            elsif tg_op = 'UPDATE' and new.status in ('deprovisioned', 'removed') and (old.role, old.custom_role)
               is not distinct from (new.role, new.custom_role) and starts_with(principal, 'scim:')
               and app.permissions_of(old.role, old.custom_role) <@ app.power_of_directory(substring(principal from 6)::uuid) then
                return null;  -- a directory takes out whom whoever connected it could
            end if;
            if tg_op <> 'INSERT' and old.status <> 'removed' then
                before := app.permissions_of(old.role, old.custom_role);
            end if;
            if new.status <> 'removed' then
                after := app.permissions_of(new.role, new.custom_role);
            end if;
        when 'invitations' then
            if tg_op = 'UPDATE' and new.status = 'pending' then
                if to_jsonb(old) - '{locale,sent_at,version,updated_at}'::text[]
                   = to_jsonb(new) - '{locale,sent_at,version,updated_at}'::text[] then
                    return null;
                elsif new.invited_by is distinct from actor then  -- whoever is named answers for it when it is accepted
                    raise sqlstate 'FH403' using message = 'exceeds_yours';
                elsif old.status = 'pending' then
                    before := app.permissions_of(old.role, old.custom_role);
                end if;
            end if;
            if new.status = 'pending' then
                after := app.permissions_of(new.role, new.custom_role);
            end if;
        when 'grants' then
            if starts_with(principal, 'member:') or starts_with(principal, 'api_key:') then
                also := array(
                    select unnest(app.permissions_of(g.role, g.custom_role)) from app.grants g
                     where g.tenant_id = current_setting('app.tenant_id')::uuid and g.id <> coalesce(new.id, old.id)
                       and g.resource = coalesce(new.resource, old.resource)
                       and g.resource_id = coalesce(new.resource_id, old.resource_id) and g.member_id = actor);
            end if;
            if starts_with(principal, 'member:') and old.member_id = actor and (
                tg_op = 'DELETE' or (old.member_id, old.resource, old.resource_id) = (new.member_id, new.resource, new.resource_id)) then
                also := also || app.permissions_of(old.role, old.custom_role);  -- anybody can let go of what they were given
            elsif starts_with(principal, 'api_key:') then
                also := array(
                    select unnest(also) intersect
                    select unnest(k.scopes) from app.api_keys k
                     where k.tenant_id = current_setting('app.tenant_id')::uuid and 'api_key:' || k.id = principal);
            end if;
            if tg_op <> 'INSERT' then
                before := app.permissions_of(old.role, old.custom_role);
            end if;
            if tg_op <> 'DELETE' then
                after := app.permissions_of(new.role, new.custom_role);
            end if;
        when 'roles' then
            if tg_op <> 'INSERT' then
                before := old.permissions;
            end if;
            if tg_op <> 'DELETE' then
                after := new.permissions;
            end if;
        when 'api_keys' then
            if tg_op = 'UPDATE' and (new.revoked_at is not null
               or to_jsonb(old) - '{name,last_used_at,version,updated_at}'::text[]
                  = to_jsonb(new) - '{name,last_used_at,version,updated_at}'::text[]) then
                return null;
            elsif tg_op = 'UPDATE' and new.created_by <> old.created_by and new.created_by is distinct from actor then
                raise sqlstate 'FH403' using message = 'exceeds_yours';  -- a key acts with the power of whoever is named
            end if;
            after := new.scopes;
        else  -- whatever confers a role
            if tg_table_name = 'sso_connections' and tg_op <> 'DELETE' and starts_with(principal, 'api_key:') then
                raise sqlstate 'FH403' using message = 'exceeds_yours';  -- a person answers for it, with all that they hold
            elsif tg_op = 'UPDATE' and to_jsonb(new) ->> 'revoked_at' is not null then
                return null;  -- it was ended, and confers nothing
            end if;
            if tg_op <> 'INSERT' then
                before := app.permissions_of(to_jsonb(old) ->> 'role', (to_jsonb(old) ->> 'custom_role')::uuid);
            end if;
            if tg_op <> 'DELETE' then
                after := app.permissions_of(to_jsonb(new) ->> 'role', (to_jsonb(new) ->> 'custom_role')::uuid);
            end if;
    end case;
    if not app.can_grant(coalesce(before, '{}') || coalesce(after, '{}'), also) then
        raise sqlstate 'FH403' using message = 'exceeds_yours';
    end if;
    return null;
end $$;

ALTER FUNCTION app.guard_power() OWNER TO freehold_door;

CREATE FUNCTION app.hand_over(job_class text, room integer) RETURNS TABLE(tenant_id uuid, id uuid, token uuid, request_id text, waited double precision)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
declare
    turn record;
    next record;
    free integer;
    tenants uuid[] := '{}';
    weights integer[] := '{}';
    rooms integer[] := '{}';
    takes integer[] := '{}';
    more boolean[] := '{}';
    claims integer;
    share integer;
    given integer;
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    if not pg_try_advisory_xact_lock(hashtextextended('dispatch ' || hand_over.job_class, 0)) then
        return;
    end if;
    select room - count(*) into free from app.jobs j
     where j.job_class = hand_over.job_class and j.state in ('queued', 'running');
    select r.tenant, r.credit, c.weight, c.concurrency, c.handover into turn
      from app.job_rings r join app.job_classes c on c.name = r.job_class where r.job_class = hand_over.job_class;
    if free <= 0 or turn.tenant is null then
        return;
    end if;
    for next in
        with recursive ahead (tenant) as (
            select turn.tenant
            union all
            select (select j.tenant_id from app.jobs j
                     where j.job_class = hand_over.job_class and j.state = 'waiting' and j.tenant_id > a.tenant
                     order by j.tenant_id limit 1)
              from ahead a where a.tenant is not null
        ), behind (tenant) as (
            select '00000000-0000-0000-0000-000000000000'::uuid
            union all
            select (select j.tenant_id from app.jobs j
                     where j.job_class = hand_over.job_class and j.state = 'waiting' and j.tenant_id > b.tenant
                       and j.tenant_id < turn.tenant
                     order by j.tenant_id limit 1)
              from behind b where b.tenant is not null
        ), ring (tenant, credit) as (
            select turn.tenant, turn.credit where turn.credit > 0
            union all select a.tenant, null from ahead a where a.tenant <> turn.tenant
            union all select b.tenant, null from behind b where b.tenant is not null
            union all select turn.tenant, null where turn.credit = 0
        )
        select r.tenant, q.weight, f.room, coalesce(r.credit, q.weight) as share, w.waiting from ring r
         cross join lateral (
            select coalesce(max(q.weight), turn.weight) as weight, coalesce(max(q.concurrency), turn.concurrency) as concurrency
              from app.job_quotas q where q.tenant_id = r.tenant and q.job_class = hand_over.job_class) q
         cross join lateral (
            select q.concurrency - count(*) as room from app.jobs j
             where j.job_class = hand_over.job_class and j.tenant_id = r.tenant and j.state in ('queued', 'running')) f
         cross join lateral (
            select count(*) as waiting from (
                select from app.jobs j
                 where j.job_class = hand_over.job_class and j.tenant_id = r.tenant and j.state = 'waiting'
                 limit greatest(0, least(f.room, coalesce(r.credit, q.weight)))) j) w
         where w.waiting > 0
    loop
        given := least(next.waiting, free);
        tenants := tenants || next.tenant;
        weights := weights || next.weight;
        rooms := rooms || next.room::integer;
        takes := takes || given;
        more := more || (next.waiting = next.share);
        free := free - given;
        turn.tenant := next.tenant;
        turn.credit := next.waiting - given;
        exit when free = 0;
    end loop;
    while free > 0 loop
        select sum(s.weight) into claims from unnest(weights, more) s (weight, more) where s.more;
        exit when claims is null;
        claims := free / claims;
        for place in 1 .. cardinality(tenants) loop
            continue when not more[place];
            share := weights[place] * greatest(claims, 1);
            select count(*) - takes[place] into given from (
                select from app.jobs j
                 where j.job_class = hand_over.job_class and j.tenant_id = tenants[place] and j.state = 'waiting'
                 limit least(rooms[place], takes[place] + share)) j;
            more[place] := given = share;
            takes[place] := takes[place] + least(given, free);
            if claims = 0 then
                turn.tenant := tenants[place];
                turn.credit := given - least(given, free);
            end if;
            free := free - least(given, free);
            exit when free = 0;
        end loop;
    end loop;
    update app.job_rings r set tenant = turn.tenant, credit = turn.credit
     where r.job_class = hand_over.job_class and (r.tenant, r.credit) <> (turn.tenant, turn.credit);
    return query
        with picked as materialized (
            select p.tenant_id, p.id, s.take < s.room or turn.concurrency = 1 or p.updated_at >= p.due_at + turn.handover as is_ours
              from unnest(tenants, takes, rooms) s (tenant, take, room)
             cross join lateral (
                select j.tenant_id, j.id, j.due_at, j.updated_at from app.jobs j
                 where j.job_class = hand_over.job_class and j.tenant_id = s.tenant and j.state = 'waiting'
                 order by j.due_at, j.id limit s.take for update skip locked) p)
        update app.jobs j
           set state = 'queued', token = gen_random_uuid(), lease_until = now() + turn.handover, updated_at = now()
          from picked p where j.tenant_id = p.tenant_id and j.id = p.id
        returning j.tenant_id, j.id, j.token, j.request_id,
                  case when p.is_ours and j.checkpoint is null then extract(epoch from now() - j.due_at)::double precision end;
end $$;

ALTER FUNCTION app.hand_over(job_class text, room integer) OWNER TO freehold_relay;

CREATE FUNCTION app.hard_limits() RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    held record;
begin
    select v.version, s.version as snapshot, v.hard, v.hard_until,
           v.hard_version = v.version and v.hard_snapshot = s.version and v.hard_until > now() as lasts
      into held from app.snapshot s left join app.decision_versions v on v.tenant_id = tenant;
    if held.lasts then
        return held.hard;
    end if;
    select coalesce(jsonb_object_agg(l.key, jsonb_build_object('most', l.most, 'meter', l.meter))
                    filter (where l.hard and l.most is not null), '{}'),
           coalesce(min(l.until), 'infinity')
      into held.hard, held.hard_until from app.limits() l;
    if held.version is null or current_setting('transaction_read_only')::boolean then
        return held.hard;
    end if;
    with free as materialized (
        select v.tenant_id from app.decision_versions v
         where v.tenant_id = tenant and v.version = held.version for update skip locked)
    update app.decision_versions v set hard = held.hard, hard_version = held.version, hard_snapshot = held.snapshot,
           hard_until = held.hard_until
      from free where v.tenant_id = free.tenant_id;
    return held.hard;
end $$;

ALTER FUNCTION app.hard_limits() OWNER TO freehold_door;

CREATE FUNCTION app.hold_lease(kept bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if kept = 0 then
        raise sqlstate 'FH410' using message = 'lease_lost';
    end if;
end $$;

ALTER FUNCTION app.hold_lease(kept bigint) OWNER TO freehold_owner;

CREATE PROCEDURE app.identity_table(IN target regclass, IN reason text)
    LANGUAGE plpgsql
    AS $_$
begin
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format(
        'create policy identity on %1$s as restrictive'
        ' using (issuer = current_setting(''app.issuer'') and subject = current_setting(''app.subject''))'
        ' with check (issuer = current_setting(''app.issuer'') and subject = current_setting(''app.subject''))', target);
    execute format('comment on table %s is %L', target, 'identity: ' || reason);
end $_$;

ALTER PROCEDURE app.identity_table(IN target regclass, IN reason text) OWNER TO freehold_owner;

CREATE FUNCTION app.issuers_of(issuer text) RETURNS TABLE(audience text, tenant_id uuid, connection_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if current_setting('app.tenant_id', true) <> '' then
        raise sqlstate 'FH500' using message = 'already_entered';
    end if;
    perform set_config('app.issuer', issuers_of.issuer, true), set_config('app.subject', '', true);
    return query
        select i.audience, i.tenant_id, i.connection_id from directory.issuers i
         where i.issuer = issuers_of.issuer and i.subject = '' and i.enabled;
end $$;

ALTER FUNCTION app.issuers_of(issuer text) OWNER TO freehold_door;

CREATE FUNCTION app.keep_break_glass() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if new.role is not distinct from 'owner' and new.status = 'active' and not starts_with(new.issuer, 'sso:') then
        return new;
    elsif not old.break_glass then
        raise sqlstate 'FH409' using message = 'break_glass_unfit';
    end if;
    new.break_glass := false;
    return new;
end $$;

ALTER FUNCTION app.keep_break_glass() OWNER TO freehold_owner;

CREATE FUNCTION app.keep_ended() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    new.ended_at := coalesce(old.ended_at, now());
    return new;
end $$;

ALTER FUNCTION app.keep_ended() OWNER TO freehold_owner;

CREATE FUNCTION app.keep_owner() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if not exists (select from app.tenants t where t.id = old.tenant_id) then
        return null;  -- the tenant itself goes
    end if;
    perform pg_advisory_xact_lock(hashtextextended('owners' || chr(31) || old.tenant_id, 0));
    if not exists (select from app.members m where m.tenant_id = old.tenant_id and m.role = 'owner' and m.status = 'active') then
        raise sqlstate 'FH409' using message = 'last_owner';
    end if;
    return null;
end $$;

ALTER FUNCTION app.keep_owner() OWNER TO freehold_door;

CREATE FUNCTION app.keep_sso() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
begin
    perform pg_advisory_xact_lock(hashtextextended('sso' || chr(31) || tenant, 0));
    if exists (select from app.tenants t where t.id = tenant and t.sso_required) and not (
        exists (select from app.domains d where d.tenant_id = tenant and d.verified_at is not null)
        and exists (select from app.sso_connections s where s.tenant_id = tenant and s.status = 'enabled')
        and exists (select from app.members m where m.tenant_id = tenant and m.break_glass and m.status = 'active')) then
        raise sqlstate 'FH409' using message = 'sso_not_ready';
    end if;
    return null;
end $$;

ALTER FUNCTION app.keep_sso() OWNER TO freehold_door;

CREATE FUNCTION app.lease(tenant uuid, rate_class text, kind text, issuer text, subject text, issued_at timestamp with time zone, secret_hash bytea, of_tenant integer, of_caller integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    done boolean := app.open(tenant, '', '') and set_config('synchronous_commit', 'off', true) is not null;
    who text := app.who_asks(kind, issuer, subject, issued_at, secret_hash);
    rate record;
    drawn record;
    own integer;
    answer jsonb;
begin
    if who is not null then
        rate := app.rate_of(rate_class);
        if rate.most is null then
            answer := '{"unlimited": true}';
        else
            answer := jsonb_build_object('rule', rate.rule);
            if of_tenant > 0 then
                drawn := app.draw(rate_class, of_tenant, rate.most, rate.period, clock_timestamp());
                if drawn.wait is not null then
                    raise sqlstate 'FH429' using message = 'rate_limited', detail = jsonb_build_object(
                        'of', 'tenant', 'rule', rate.rule, 'most', rate.most, 'period', rate.period,
                        'wait', drawn.wait, 'full_in', drawn.full_in);
                end if;
                answer := answer || jsonb_build_object('tenant', to_jsonb(drawn) || jsonb_build_object(
                    'most', rate.most, 'period', rate.period));
            end if;
            if rate.share >= 1 then
                answer := answer || '{"caller": "as the tenant"}';
            elsif of_caller > 0 then
                own := greatest(1, floor(rate.most * rate.share));
                drawn := app.draw(rate_class || ' ' || who, of_caller, own, rate.period, clock_timestamp());
                if drawn.wait is not null then
                    raise sqlstate 'FH429' using message = 'rate_limited', detail = jsonb_build_object(
                        'of', 'caller', 'rule', rate.rule || '/key', 'most', own, 'period', rate.period,
                        'wait', drawn.wait, 'full_in', drawn.full_in);
                end if;
                answer := answer || jsonb_build_object('caller', to_jsonb(drawn) || jsonb_build_object(
                    'most', own, 'period', rate.period));
            end if;
        end if;
    end if;
    perform set_config('app.tenant_id', '', true);
    return answer;
end $$;

ALTER FUNCTION app.lease(tenant uuid, rate_class text, kind text, issuer text, subject text, issued_at timestamp with time zone, secret_hash bytea, of_tenant integer, of_caller integer) OWNER TO freehold_door;

CREATE FUNCTION app.lifts(key text, has bigint) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    catalog jsonb := (select s.catalog from app.snapshot s);
    base record := app.plan_of(catalog);
    paid record;
    plans text[];
    others text[];
    at_once text[];
begin
    if exists (select from app.overrides o
                where o.tenant_id = tenant and o.ended_at is null and coalesce(o.until, 'infinity') > now()
                  and o.limits ? lifts.key) then
        return '[]';
    end if;
    select a.plan, coalesce(a.add_ons, '{}') as add_ons into paid
      from (select) nothing left join app.billing_accounts a on a.tenant_id = tenant;
    select coalesce(array_agg(p.key order by (p.value -> 'rank')::integer), '{}') into plans
      from jsonb_each(catalog -> 'plans') p
     where not base.given and p.value -> 'sold' = 'true'
       and coalesce((p.value #>> array['limits', lifts.key])::bigint + (
               select coalesce(sum((a.value #>> array['limits', lifts.key])::bigint), 0) from jsonb_each(catalog -> 'add_ons') a
                where a.key = any (paid.add_ons) and a.value -> 'plans' ? p.key), 9223372036854775807) > has;
    select coalesce(array_agg(a.key order by a.place), '{}'),
           coalesce(array_agg(a.key order by a.place) filter (where a.value -> 'plans' ? paid.plan), '{}')
      into others, at_once
      from jsonb_each(catalog -> 'add_ons') with ordinality a (key, value, place)
     where a.value -> 'limits' ? lifts.key and a.key <> all (paid.add_ons);
    return to_jsonb(plans || case when cardinality(plans || at_once) > 0 then at_once else others end);
end $$;

ALTER FUNCTION app.lifts(key text, has bigint) OWNER TO freehold_door;

CREATE FUNCTION app.limit_deliveries() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if exists (select from app.deliveries d where d.tenant_id = new.tenant_id and d.state = 'pending' offset 99999) then
        raise sqlstate 'FH409' using message = 'backlog_full';
    end if;
    return new;
end $$;

ALTER FUNCTION app.limit_deliveries() OWNER TO freehold_owner;

CREATE FUNCTION app.limit_grants() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform pg_advisory_xact_lock(hashtextextended(concat_ws(chr(31), 'grants', new.tenant_id, new.member_id), 0));
    if (select count(*) from app.grants g where g.tenant_id = new.tenant_id and g.member_id = new.member_id) > 1000 then
        raise sqlstate 'FH409' using message = 'too_many_grants';
    end if;
    return null;
end $$;

ALTER FUNCTION app.limit_grants() OWNER TO freehold_door;

CREATE FUNCTION app.limit_of(key text) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
    select l.most from app.limits() l where l.key = limit_of.key;
$$;

ALTER FUNCTION app.limit_of(key text) OWNER TO freehold_door;

CREATE FUNCTION app.limit_replays() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform pg_advisory_xact_lock(hashtextextended('webhook replays ' || new.tenant_id, 0));
    if exists (select from app.jobs j
                where j.tenant_id = new.tenant_id and j.kind = new.kind and j.job_class in ('interactive', 'standard', 'bulk')
                  and j.state in ('scheduled', 'waiting', 'queued', 'running')
                  and j.input ->> 'endpoint_id' = new.input ->> 'endpoint_id')
       or (select count(*) from app.jobs j
            where j.tenant_id = new.tenant_id and j.job_class = new.job_class and j.state in ('scheduled', 'waiting'))
          >= (select coalesce(max(q.backlog), max(c.backlog)) from app.job_classes c
                left join app.job_quotas q on q.tenant_id = new.tenant_id and q.job_class = c.name
               where c.name = new.job_class) then
        raise sqlstate 'FH409' using message = 'backlog_full';
    end if;
    return new;
end $$;

ALTER FUNCTION app.limit_replays() OWNER TO freehold_owner;

CREATE FUNCTION app.limit_roles() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform pg_advisory_xact_lock(hashtextextended('roles ' || new.tenant_id, 0));
    if (select count(*) from app.roles r where r.tenant_id = new.tenant_id) >= 100 then
        raise sqlstate 'FH409' using message = 'too_many_roles';
    end if;
    return new;
end $$;

ALTER FUNCTION app.limit_roles() OWNER TO freehold_owner;

CREATE FUNCTION app.limit_webhook_endpoints() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform pg_advisory_xact_lock(hashtextextended('webhook_endpoints ' || new.tenant_id, 0));
    if (select count(*) from app.webhook_endpoints e where e.tenant_id = new.tenant_id)
       >= coalesce((select q.endpoints from app.webhook_quotas q where q.tenant_id = new.tenant_id), 20) then
        raise sqlstate 'FH409' using message = 'too_many_endpoints';
    end if;
    return new;
end $$;

ALTER FUNCTION app.limit_webhook_endpoints() OWNER TO freehold_owner;

CREATE PROCEDURE app.limited(IN target regclass, IN key name, IN condition text DEFAULT 'true'::text)
    LANGUAGE plpgsql
    AS $$
declare
    columns text := (
        select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
         where attrelid = target and attnum > 0 and not attisdropped
           and (attname = 'tenant_id' or condition ~ ('\m' || attname || '\M')));
begin
    call app.allow(target, 'freehold_door', format('select (%s)', columns));
    insert into app.limited_tables (key, target, condition) values (limited.key, target::text, limited.condition);
    execute 'create or replace view app.limited_rows with (security_invoker = true) as ' || (
        select string_agg(format('select %L::text as key, tenant_id from %s where %s', t.key, t.target, t.condition), ' union all ')
          from app.limited_tables t);
    execute format('create trigger limited after insert on %s referencing new table as made'
                   ' for each statement execute function app.refuse_more(%L, %L)', target, key, condition);
    if condition <> 'true' then
        execute format('create trigger limited_again after update on %s referencing old table as was new table as made'
                       ' for each statement execute function app.refuse_more(%L, %L)', target, key, condition);
    end if;
end $$;

ALTER PROCEDURE app.limited(IN target regclass, IN key name, IN condition text) OWNER TO freehold_owner;

CREATE FUNCTION app.limits() RETURNS TABLE(key text, most bigint, rule text, hard boolean, meter text, until timestamp with time zone)
    LANGUAGE plpgsql STABLE
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    plans jsonb := (select s.catalog from app.snapshot s);
    base record := app.plan_of(plans);
    paid record;
    another timestamptz;
begin
    select coalesce(a.add_ons, '{}') as add_ons, b.started_at as since into paid
      from (select) nothing
      left join app.billing_accounts a on a.tenant_id = tenant
      left join app.subscriptions b on b.tenant_id = tenant and b.stripe_id = a.subscription_id;
    another := least(
        (select min(o.until) from app.overrides o where o.tenant_id = tenant and o.ended_at is null and o.until > now()),
        (select min(g.until) from app.access_grants g where g.tenant_id = tenant and g.ended_at is null and g.until > now()),
        (select min((k ->> 'until')::timestamptz) from jsonb_array_elements(plans -> 'grandfathered') k
          where (k ->> 'until')::timestamptz > now()));
    return query
        select l.key, case when agreed.rule is null then sold.most + coalesce(added.more, 0) else agreed.most end,
               case when agreed.rule is not null then agreed.rule
                    when sold.most is not null and added.rule is not null then added.rule else sold.rule end,
               coalesce(l.value -> 'soft', 'false') <> 'true', l.value ->> 'meter', another
          from jsonb_each(plans -> 'limits') l
         cross join lateral (
            select each.most, each.rule from (
                select 1 as place, 0::bigint as entry, base.rule as rule,
                       (plans #>> array['plans', base.plan, 'limits', l.key])::bigint as most
                union all
                select 2, k.entry, 'grandfathered:' || (k.value ->> 'id'), (k.value #>> array['limits', l.key])::bigint
                  from jsonb_array_elements(plans -> 'grandfathered') with ordinality k (value, entry)
                 where k.value ->> 'plan' = base.plan and k.value -> 'limits' ? l.key
                   and paid.since < (k.value ->> 'before')::timestamptz
                   and coalesce((k.value ->> 'until')::timestamptz, 'infinity') > now()) each
             order by coalesce(each.most, 9223372036854775807) desc, each.place, each.entry limit 1) sold
         cross join lateral (
            select sum((a.value #>> array['limits', l.key])::bigint)::bigint as more,
                   'add_on:' || (array_agg(b.id order by b.place desc))[1] as rule
              from unnest(paid.add_ons) with ordinality b (id, place) join jsonb_each(plans -> 'add_ons') a on a.key = b.id
             where a.value -> 'limits' ? l.key) added
          left join lateral (
            select 'override:' || o.id as rule, (o.limits ->> l.key)::bigint as most from app.overrides o
             where o.tenant_id = tenant and o.ended_at is null and coalesce(o.until, 'infinity') > now() and o.limits ? l.key
             order by o.id desc limit 1) agreed on true;
end $$;

ALTER FUNCTION app.limits() OWNER TO freehold_door;

CREATE FUNCTION app.link_customer(customer text, clock text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    former_issuer text := current_setting('app.issuer', true);
    former_subject text := current_setting('app.subject', true);
    former text := (select s.customer_id from app.billing_syncs s where s.tenant_id = current_setting('app.tenant_id')::uuid);
    is_gone boolean;
    linked text;
begin
    if customer !~ '^cus_' or clock !~ '^clock_' or customer is null then
        raise sqlstate 'FH422' using message = 'no_customer';
    end if;
    perform set_config('app.issuer', 'stripe', true);
    foreach linked in array array_remove(array[customer, clock], null) loop
        perform pg_advisory_xact_lock(hashtextextended('stripe ' || linked, 0));
        perform set_config('app.subject', linked, true);
        if linked = customer and exists (select from directory.stripe_links l where l.issuer = 'stripe' and l.subject = linked
                                            and l.tenant_id <> tenant) then
            raise sqlstate 'FH409' using message = 'customer_taken';
        end if;
        insert into directory.stripe_links (subject, tenant_id) values (linked, tenant) on conflict do nothing;
        update directory.stripe_events e set state = 'taken'
         where e.issuer = 'stripe' and e.subject = linked and e.state = 'waiting';
    end loop;
    perform set_config('app.subject', coalesce(former, ''), true);
    is_gone := exists (select from directory.stripe_events e
                        where e.issuer = 'stripe' and e.subject = former and e.type = 'customer.deleted' and e.state = 'taken')
               or exists (select from app.billing_syncs s where s.tenant_id = tenant and s.gone_id = former);
    perform set_config('app.issuer', coalesce(former_issuer, ''), true),
            set_config('app.subject', coalesce(former_subject, ''), true);
    insert into app.billing_syncs as s (customer_id, clock_id) values (customer, clock)
    on conflict on constraint billing_syncs_pkey do update set customer_id = excluded.customer_id, clock_id = excluded.clock_id
     where s.customer_id is null or s.customer_id = excluded.customer_id or is_gone and s.customer_id = former;
    if not found then
        raise sqlstate 'FH409' using message = 'customer_taken';
    end if;
    perform app.want_sync('linked');
end $$;

ALTER FUNCTION app.link_customer(customer text, clock text) OWNER TO freehold_registrar;

CREATE FUNCTION app.made_as() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    select m.role, m.custom_role into new.made_as, new.made_as_custom from app.members m
     where m.tenant_id = new.tenant_id and m.id = new.created_by;
    return new;
end $$;

ALTER FUNCTION app.made_as() OWNER TO freehold_owner;

CREATE FUNCTION app.masked(target regclass) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select coalesce(string_agg(quote_literal(attname), ', ' order by attnum), '') from pg_attribute
     where attrelid = target and attnum > 0 and not attisdropped and col_description(attrelid, attnum) in ('secret', 'personal');
$$;

ALTER FUNCTION app.masked(target regclass) OWNER TO freehold_owner;

CREATE FUNCTION app.mend_endpoint() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    update app.webhook_failures f
       set failures = 0, timeouts = 0, pauses = 0, paused_since = null, paused_until = null, recovers = true
     where f.tenant_id = new.tenant_id and f.endpoint_id = new.id;
    if found then
        with held as materialized (
            select h.id from app.jobs h where h.tenant_id = new.tenant_id and h.lane = new.id and h.state = 'scheduled'
             order by h.id limit 100 for update skip locked)
        update app.jobs j set state = 'waiting', due_at = now(), updated_at = now()
          from held where j.tenant_id = new.tenant_id and j.id = held.id;
    end if;
    return null;
end $$;

ALTER FUNCTION app.mend_endpoint() OWNER TO freehold_owner;

CREATE FUNCTION app.metered(meter text) RETURNS numeric
    LANGUAGE plpgsql STABLE
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    span tstzrange := app.period();
begin
    return (select coalesce(sum(h.quantity), 0) from app.usage_hours h
             where h.tenant_id = tenant and h.meter = metered.meter and h.hour >= lower(span) and h.hour < upper(span));
end $$;

ALTER FUNCTION app.metered(meter text) OWNER TO freehold_door;

CREATE FUNCTION app.names_nobody(document jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    select document::text !~* '\y[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\y';
$$;

ALTER FUNCTION app.names_nobody(document jsonb) OWNER TO freehold_owner;

CREATE FUNCTION app.open(tenant uuid, request_id text, address text) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
begin
    if current_setting('app.tenant_id', true) <> '' then
        raise sqlstate 'FH500' using message = 'already_entered';
    elsif num_nulls(tenant, request_id, address) > 0 then
        raise sqlstate 'FH500' using message = 'missing_argument';
    end if;
    return set_config('app.tenant_id', tenant::text, true) is not null
       and set_config('app.request_id', open.request_id, true) is not null
       and set_config('app.address', open.address, true) is not null
       and set_config('app.scope', 'tenant', true) is not null
       and set_config('app.granted', '', true) is not null;
end $$;

ALTER FUNCTION app.open(tenant uuid, request_id text, address text) OWNER TO freehold_door;

CREATE FUNCTION app.override_plan(plan text, features text[], limits jsonb, rates jsonb, until timestamp with time zone) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    visit app.operator_visits := app.this_visit();
begin
    if visit.permission <> 'decisions:change' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'decisions:change';
    elsif num_nulls(features, limits, rates) > 0 then
        raise sqlstate 'FH500' using message = 'missing_argument';
    elsif until <= visit.at then
        raise sqlstate 'FH422' using message = 'until_over';
    elsif plan is null and features = '{}' and limits = '{}' and rates = '{}'
          or jsonb_path_exists(limits, 'strict $.* ? (@.type() != "null"'
              ' && !(@.type() == "number" && @ >= 0 && @ <= 9007199254740992 && @.floor() == @))')
          or jsonb_path_exists(rates, 'strict $.* ? (@.type() != "null" && !(@.type() == "array" && @.size() == 2'
              ' && @[0].type() == "number" && @[0] >= 1 && @[0] <= 999999999 && @[0].floor() == @[0]'
              ' && (@[1] == 1 || @[1] == 60 || @[1] == 3600)))') then
        raise sqlstate 'FH422' using message = 'override_unfit';
    end if;
    insert into app.overrides (id, source, plan, features, limits, rates, reason, agreed_by, until)
    values (visit.id, 'operator', override_plan.plan, override_plan.features, override_plan.limits, override_plan.rates,
            visit.reason, visit.operator, override_plan.until);
    return visit.id;
end $_$;

ALTER FUNCTION app.override_plan(plan text, features text[], limits jsonb, rates jsonb, until timestamp with time zone) OWNER TO freehold_registrar;

CREATE PROCEDURE app.patiently(IN target regclass, IN statement text)
    LANGUAGE plpgsql
    AS $$
declare
    done boolean;
begin
    for try in 1..30 loop
        done := true;
        begin
            execute statement;
        exception when lock_not_available then
            if try = 30 then
                raise;
            end if;
            done := false;
        end;
        commit;
        exit when done;
        perform pg_sleep(least(try, 8) * (0.25 + random() / 4));
        begin
            perform set_config('lock_timeout', '3s', true);
            execute format('lock table %s in share update exclusive mode', target);
        exception when lock_not_available then
            null;
        end;
        commit;
    end loop;
end $$;

ALTER PROCEDURE app.patiently(IN target regclass, IN statement text) OWNER TO freehold_owner;

CREATE FUNCTION app.period() RETURNS tstzrange
    LANGUAGE plpgsql STABLE
    AS $$
declare
    month timestamptz := date_trunc('month', now(), 'UTC');
    live record;
begin
    select a.current_period_start as first, a.current_period_end as last into live from app.billing_accounts a
     where a.tenant_id = current_setting('app.tenant_id')::uuid
       and a.status in ('trialing', 'active', 'past_due', 'unpaid', 'paused');
    return tstzrange(date_trunc('hour', coalesce(live.first, month), 'UTC'), coalesce(live.last, month + interval '1 month'));
end $$;

ALTER FUNCTION app.period() OWNER TO freehold_door;

CREATE PROCEDURE app.permission(IN name text, IN description text, IN needs app.access, VARIADIC held_by text[])
    LANGUAGE sql
    AS $$
    insert into app.permissions (name, description, needs) values (permission.name, permission.description, permission.needs);
    update app.builtin_roles r set permissions = r.permissions || permission.name where r.name = any (permission.held_by);
$$;

ALTER PROCEDURE app.permission(IN name text, IN description text, IN needs app.access, VARIADIC held_by text[]) OWNER TO freehold_owner;

CREATE FUNCTION app.permissions_of(role text, custom_role uuid) RETURNS text[]
    LANGUAGE plpgsql STABLE
    AS $$
begin
    if custom_role is null then
        return (select r.permissions from app.builtin_roles r where r.name = permissions_of.role);
    end if;
    return (select r.permissions from app.roles r
             where r.tenant_id = current_setting('app.tenant_id')::uuid and r.id = permissions_of.custom_role);
end $$;

ALTER FUNCTION app.permissions_of(role text, custom_role uuid) OWNER TO freehold_door;

CREATE FUNCTION app.plan_of(catalog jsonb, OUT plan text, OUT rule text, OUT given boolean) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
begin
    select found.plan, found.rule, found.place < 3 into plan, rule, given from (
        select 1 as place, o.id, o.plan, 'override:' || o.id as rule from app.overrides o
         where o.tenant_id = tenant and o.ended_at is null and coalesce(o.until, 'infinity') > now()
        union all
        (select 2, g.id, g.plan, 'grant:' || g.id from app.access_grants g
          where g.tenant_id = tenant and g.ended_at is null and g.until > now() order by g.id desc limit 1)
        union all
        select 3, tenant, a.plan, 'plan:' || a.plan from app.billing_accounts a where a.tenant_id = tenant
        union all
        select 4, tenant, catalog ->> 'fallback', 'fallback:' || (catalog ->> 'fallback')) found
     where catalog -> 'plans' ? found.plan order by found.place, found.id desc limit 1;
end $$;

ALTER FUNCTION app.plan_of(catalog jsonb, OUT plan text, OUT rule text, OUT given boolean) OWNER TO freehold_door;

CREATE TABLE app.scim_tokens (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    role text,
    custom_role uuid,
    token_hash bytea NOT NULL,
    hint text NOT NULL,
    made_as text,
    made_as_custom uuid,
    created_by uuid DEFAULT (current_setting('app.member_id'::text))::uuid NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT scim_tokens_expires_at_check CHECK ((expires_at < '10000-01-01 00:00:00+00'::timestamp with time zone)),
    CONSTRAINT scim_tokens_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT scim_tokens_one_role CHECK ((num_nonnulls(role, custom_role) = 1)),
    CONSTRAINT scim_tokens_role_check CHECK ((role <> 'owner'::text))
);

ALTER TABLE ONLY app.scim_tokens FORCE ROW LEVEL SECURITY;

ALTER TABLE app.scim_tokens OWNER TO freehold_owner;

COMMENT ON COLUMN app.scim_tokens.token_hash IS 'secret';

CREATE FUNCTION app.power_of_directory(directory uuid) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN COALESCE((SELECT app.permissions_of(k.made_as, k.made_as_custom) AS permissions_of FROM app.scim_tokens k WHERE ((k.tenant_id = (current_setting('app.tenant_id'::text))::uuid) AND (k.id = power_of_directory.directory))), '{}'::text[]);

ALTER FUNCTION app.power_of_directory(directory uuid) OWNER TO freehold_door;

CREATE PROCEDURE app.prove(IN target regclass, IN condition text, INOUT proved boolean DEFAULT false)
    LANGUAGE plpgsql
    AS $$
begin
    call app.state_proof(target, condition);
    begin
        perform set_config('app.proof', 'on', true), set_config('lock_timeout', '300s', true);
        execute format('alter table %s validate constraint backfill_proof', target);
        proved := true;
    exception when check_violation then
        proved := false;
    end;
    commit;
    call app.forget_proof(target);
end $$;

ALTER PROCEDURE app.prove(IN target regclass, IN condition text, INOUT proved boolean) OWNER TO freehold_owner;

CREATE FUNCTION app.publish_catalog(document jsonb, digest text, overrides jsonb) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    held app.snapshot;
    named uuid[];
    tenant uuid;
    agreed jsonb;
begin
    if num_nulls(document, digest, overrides) > 0 then
        raise sqlstate 'FH500' using message = 'missing_argument';
    end if;
    select s.* into held from app.snapshot s for update;
    if held.digest = publish_catalog.digest then
        return false;
    end if;
    select coalesce(array_agg((o ->> 'tenant')::uuid), '{}') into named from jsonb_array_elements(overrides) o;
    for tenant in select r.id from app.residents r where r.id = any (named || held.overridden) order by r.id loop
        perform app.open(tenant, 'publish ' || publish_catalog.digest, ''), set_config('app.principal', 'system:plans', true);
        select o into agreed from jsonb_array_elements(overrides) o where (o ->> 'tenant')::uuid = tenant;
        update app.overrides v set ended_at = now()
         where v.tenant_id = tenant and v.source = 'file' and v.ended_at is null
           and (v.plan, v.features, v.limits, v.rates, v.until) is distinct from (
               agreed ->> 'plan', array(select jsonb_array_elements_text(agreed -> 'features')), agreed -> 'limits',
               agreed -> 'rates', (agreed ->> 'until')::timestamptz);
        if agreed is not null then
            insert into app.overrides (source, plan, features, limits, rates, until, reason, agreed_by)
            values ('file', agreed ->> 'plan', array(select jsonb_array_elements_text(agreed -> 'features')),
                    agreed -> 'limits', agreed -> 'rates', (agreed ->> 'until')::timestamptz, 'As plans.toml says', 'plans.toml')
            on conflict (tenant_id) where source = 'file' and ended_at is null do nothing;
        end if;
        perform set_config('app.tenant_id', '', true), set_config('app.principal', '', true);
    end loop;
    update app.snapshot s set catalog = document, digest = publish_catalog.digest, overridden = named,
           version = s.version + 1, published_at = now();
    return true;
end $$;

ALTER FUNCTION app.publish_catalog(document jsonb, digest text, overrides jsonb) OWNER TO freehold_registrar;

CREATE PROCEDURE app.queue_audit()
    LANGUAGE plpgsql
    AS $$
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

ALTER PROCEDURE app.queue_audit() OWNER TO freehold_owner;

CREATE FUNCTION app.rate_of(rate_class text, OUT most integer, OUT period integer, OUT share double precision, OUT rule text) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    catalog jsonb := (select s.catalog from app.snapshot s);
    plan text;
    rate jsonb;
    older record;
begin
    if not coalesce(catalog -> 'rates' ? rate_class, false) then
        return;
    end if;
    select o.rates -> rate_class, 'override:' || o.id into rate, rule from app.overrides o
     where o.tenant_id = tenant and o.ended_at is null and coalesce(o.until, 'infinity') > now() and o.rates ? rate_class
     order by o.id desc limit 1;
    if not found then
        select p.plan, p.rule into plan, rule from app.plan_of(catalog) p;
        rate := catalog #> array['plans', plan, 'rates', rate_class];
        select g.value -> 'rates' -> rate_class as rate, 'grandfathered:' || (g.value ->> 'id') as rule into older
          from jsonb_array_elements(catalog -> 'grandfathered') with ordinality g (value, entry)
         where g.value ->> 'plan' = plan and g.value -> 'rates' ? rate_class
           and coalesce((g.value ->> 'until')::timestamptz, 'infinity') > now()
           and (g.value ->> 'before')::timestamptz > (
                   select b.started_at from app.billing_accounts a
                     join app.subscriptions b on b.tenant_id = a.tenant_id and b.stripe_id = a.subscription_id
                    where a.tenant_id = tenant)
         order by coalesce((g.value #>> array['rates', rate_class, '0'])::float
                           / (g.value #>> array['rates', rate_class, '1'])::float, 'infinity') desc, g.entry
         limit 1;
        if found and (rate ->> 0)::float / (rate ->> 1)::float
                     < coalesce((older.rate ->> 0)::float / (older.rate ->> 1)::float, 'infinity') then
            rate := older.rate;
            rule := older.rule;
        end if;
    end if;
    most := (rate ->> 0)::integer;
    period := (rate ->> 1)::integer;
    share := coalesce((catalog #>> array['rates', rate_class, 'key_share'])::float, 1);
    rule := rule || '/rate:' || rate_class;
end $$;

ALTER FUNCTION app.rate_of(rate_class text, OUT most integer, OUT period integer, OUT share double precision, OUT rule text) OWNER TO freehold_door;

CREATE FUNCTION app.receive(consumer text, event uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    insert into app.inbox (consumer, event_id) values (receive.consumer, receive.event) on conflict do nothing;
    if not found then
        raise sqlstate 'FH208' using message = 'replay';
    end if;
end $$;

ALTER FUNCTION app.receive(consumer text, event uuid) OWNER TO freehold_owner;

CREATE FUNCTION app.receive_stripe(event_id text, subject text, type text, created timestamp with time zone, api_version text, livemode boolean, object_id text, idempotency_key text, quarantined boolean, payload jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    digest text := encode(sha256(convert_to(event_id, 'UTF8')), 'hex');
    made uuid := lpad(to_hex((extract(epoch from created) * 1000)::bigint), 12, '0') || '8' || substr(digest, 1, 3) || '8'
                 || substr(digest, 4, 15);
    known text;
    tenant uuid;
begin
    if current_setting('app.tenant_id', true) <> '' then
        raise sqlstate 'FH500' using message = 'already_entered';
    elsif num_nulls(event_id, subject, type, created, livemode, quarantined, payload) > 0 then
        raise sqlstate 'FH500' using message = 'missing_argument';
    end if;
    perform set_config('app.issuer', 'stripe', true), set_config('app.subject', subject, true),
            set_config('app.request_id', 'stripe:' || event_id, true), set_config('app.principal', 'worker:billing', true);
    perform pg_advisory_xact_lock(hashtextextended('stripe ' || subject, 0));
    insert into directory.stripe_events (subject, id, event_id, type, api_version, livemode, object_id, idempotency_key, state,
                                         payload, created_at)
    values (receive_stripe.subject, made, receive_stripe.event_id, receive_stripe.type, receive_stripe.api_version,
            receive_stripe.livemode, receive_stripe.object_id, receive_stripe.idempotency_key,
            case when quarantined then 'quarantined' else 'waiting' end, receive_stripe.payload, created)
    on conflict do nothing;
    if not found then
        select e.state into known from directory.stripe_events e
         where e.issuer = 'stripe' and e.subject = receive_stripe.subject and e.id = made;
        if known = 'taken' or known = 'quarantined' and quarantined then
            return 'duplicate';
        end if;
    elsif quarantined then
        return 'quarantined';
    end if;
    for tenant in select l.tenant_id from directory.stripe_links l
                   where l.issuer = 'stripe' and l.subject = receive_stripe.subject order by l.tenant_id loop
        perform set_config('app.tenant_id', tenant::text, true);
        if not exists (
            select from app.billing_operations o join app.billing_syncs s on s.tenant_id = o.tenant_id
             where o.tenant_id = tenant and o.finished_at < s.synced_from
               and o.id = substring(receive_stripe.idempotency_key from
                                    '^fh-' || tenant || '-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})')::uuid) then
            perform app.want_sync(receive_stripe.type);
        end if;
    end loop;
    perform set_config('app.tenant_id', '', true);
    known := case when tenant is null then 'waiting' else 'taken' end;
    update directory.stripe_events e set state = known
     where e.issuer = 'stripe' and e.subject = receive_stripe.subject and e.id = made and e.state <> known;
    return known;
end $$;

ALTER FUNCTION app.receive_stripe(event_id text, subject text, type text, created timestamp with time zone, api_version text, livemode boolean, object_id text, idempotency_key text, quarantined boolean, payload jsonb) OWNER TO freehold_registrar;

CREATE FUNCTION app.refuse(key text, most bigint, used numeric) RETURNS void
    LANGUAGE plpgsql STABLE
    AS $$
begin
    raise sqlstate 'FH402' using message = 'limit_reached', detail = jsonb_build_object(
        'limit', key, 'most', most, 'used', used, 'rule', (select l.rule from app.limits() l where l.key = refuse.key),
        'lifts', app.lifts(key, most));
end $$;

ALTER FUNCTION app.refuse(key text, most bigint, used numeric) OWNER TO freehold_door;

CREATE FUNCTION app.refuse_more() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    most bigint;
    same boolean;
    more bigint;
    less bigint := 0;
    there bigint;
begin
    select bool_and(m.tenant_id = current_setting('app.tenant_id')::uuid), count(*) into same, more from made m;
    if more = 0 then
        return null;
    elsif same is not true then
        raise sqlstate 'FH500' using message = 'another_tenant';
    end if;
    most := app.hard_limits() #> array[tg_argv[0], 'most'];
    if most is null then
        return null;
    end if;
    if tg_argv[1] <> 'true' then
        execute format('select count(*) from made where %s', tg_argv[1]) into more;
    end if;
    if tg_op = 'UPDATE' then
        execute format('select count(*) from was where %s', tg_argv[1]) into less;
    end if;
    if more <= less then
        return null;
    end if;
    perform pg_advisory_xact_lock(hashtextextended(concat_ws(chr(31), 'limit', current_setting('app.tenant_id'), tg_argv[0]), 0));
    most := app.hard_limits() #> array[tg_argv[0], 'most'];  -- it may be another by now
    if most is null then
        return null;
    end if;
    there := app.counted(tg_argv[0], most + more - less);
    if there > most then
        perform app.refuse(tg_argv[0], most, there - more + less);
    end if;
    return null;
end $$;

ALTER FUNCTION app.refuse_more() OWNER TO freehold_door;

CREATE FUNCTION app.refuse_more_usage() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    same boolean;
    span tstzrange;
    of_meter record;
    more numeric;
    less numeric := 0;
    used numeric;
begin
    select bool_and(m.tenant_id = current_setting('app.tenant_id')::uuid) into same from made m;
    if same is null then
        return null;
    elsif not same then
        raise sqlstate 'FH500' using message = 'another_tenant';
    end if;
    for of_meter in
        select l.key, (l.value -> 'most')::bigint as most, l.value ->> 'meter' as meter
          from jsonb_each(app.hard_limits()) l where l.value ->> 'meter' is not null order by l.key
    loop
        span := coalesce(span, app.period());
        more := (select coalesce(sum(m.quantity), 0) from made m where m.meter = of_meter.meter and span @> m.hour);
        if tg_op = 'UPDATE' then
            less := (select coalesce(sum(w.quantity), 0) from was w where w.meter = of_meter.meter and span @> w.hour);
        end if;
        continue when more <= less;
        perform pg_advisory_xact_lock(
            hashtextextended(concat_ws(chr(31), 'limit', current_setting('app.tenant_id'), of_meter.key), 0));
        used := app.metered(of_meter.meter);
        if used > of_meter.most then
            perform app.refuse(of_meter.key, of_meter.most, used - more + less);
        end if;
    end loop;
    return null;
end $$;

ALTER FUNCTION app.refuse_more_usage() OWNER TO freehold_door;

CREATE FUNCTION app.relay(holder text, hold interval, published uuid[], published_of uuid[], refused uuid[], refused_of uuid[], batch integer) RETURNS TABLE(id uuid, type text, tenant_id uuid, envelope text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    update app.outbox o set published_at = now()
      from unnest(published_of, published) p (tenant_id, id)
     where o.tenant_id = p.tenant_id and o.id = p.id;
    update app.outbox o
       set failures = o.failures + 1,
           due_at = now() + least(interval '1 second' * 2 ^ least(o.failures, 12), interval '1 hour') * (0.5 + random() / 2)
      from unnest(refused_of, refused) p (tenant_id, id)
     where o.tenant_id = p.tenant_id and o.id = p.id;
    if not app.take_turn('relay', '', holder, hold) then
        return;
    end if;
    return query
        select o.id, o.type, o.tenant_id, format(  -- a tenth faster than json_build_object
                   '{"id": "%s", "type": %s, "version": %s, "tenant_id": "%s", "subject_id": "%s", "occurred_at": %s,'
                   ' "request_id": %s, "data": %s}',
                   o.id, to_json(o.type), o.version, o.tenant_id, o.subject_id, to_json(o.occurred_at),
                   to_json(o.request_id), o.data)
          from app.outbox o where o.published_at is null and o.due_at <= now() order by o.due_at, o.id limit batch;
end $$;

ALTER FUNCTION app.relay(holder text, hold interval, published uuid[], published_of uuid[], refused uuid[], refused_of uuid[], batch integer) OWNER TO freehold_relay;

CREATE PROCEDURE app.renew_masks()
    LANGUAGE plpgsql
    AS $$
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

ALTER PROCEDURE app.renew_masks() OWNER TO freehold_owner;

CREATE FUNCTION app.reside() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    insert into app.residents (id) values (new.id);
    return null;
end $$;

ALTER FUNCTION app.reside() OWNER TO freehold_owner;

CREATE FUNCTION app.resides(tenant uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if current_setting('app.proof', true) is distinct from 'on' then
        return true;  -- in a statement of its own: one that names the list takes the right to read it
    end if;
    return exists (select from app.residents where id = tenant);
end $$;

ALTER FUNCTION app.resides(tenant uuid) OWNER TO freehold_owner;

CREATE PROCEDURE app.retain(IN target regclass, IN keep interval)
    LANGUAGE plpgsql
    AS $$
begin
    if not exists (select from pg_partitioned_table where partrelid = target) then
        raise exception '% is not partitioned: its rows cannot go with their time', target;
    end if;
    insert into app.retention (table_name, keep) values (target::text, retain.keep);
end $$;

ALTER PROCEDURE app.retain(IN target regclass, IN keep interval) OWNER TO freehold_owner;

CREATE FUNCTION app.return_jobs(tenants uuid[], ids uuid[], tokens uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    update app.jobs j set state = 'waiting', token = null, lease_until = null, updated_at = now()
      from unnest(tenants, ids, tokens) r (tenant_id, id, token)
     where j.tenant_id = r.tenant_id and j.id = r.id and j.token = r.token and j.state = 'queued';
end $$;

ALTER FUNCTION app.return_jobs(tenants uuid[], ids uuid[], tokens uuid[]) OWNER TO freehold_relay;

CREATE FUNCTION app.seal_audit(batch integer) RETURNS TABLE(sealed integer, seq bigint, anchored_seq bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION app.seal_audit(batch integer) OWNER TO freehold_auditor;

CREATE FUNCTION app.seats_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if exists (select from app.tenants t where t.id = current_setting('app.tenant_id')::uuid) then
        perform app.want_sync('seats');
    end if;
    return null;
end $$;

ALTER FUNCTION app.seats_changed() OWNER TO freehold_registrar;

CREATE FUNCTION app.show_decisions(member uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    visit app.operator_visits := app.this_visit();
    facts jsonb := app.facts();
    somebody record;
begin
    if visit.permission <> 'decisions:read' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'decisions:read';
    end if;
    if member is not null then
        select m.id, coalesce(m.role, m.custom_role::text) as role into somebody
          from app.members m where m.tenant_id = visit.tenant_id and m.id = show_decisions.member and m.status <> 'removed';
        if not found then
            raise sqlstate 'FH404' using message = 'no_such_member';
        end if;
        facts := jsonb_set(facts, '{who}', jsonb_build_object(
            'principal', 'member:' || somebody.id, 'member_id', somebody.id, 'role', somebody.role));
    end if;
    return jsonb_build_object(
        'facts', jsonb_set(facts, '{tenant,targets}', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'flag', f.flag, 'member_id', f.member_id, 'variant', f.variant, 'until', f.until) order by f.id), '[]')
              from app.flag_targets f
             where f.tenant_id = visit.tenant_id and (f.member_id is null or f.member_id = show_decisions.member))),
        'used', (
            select coalesce(jsonb_object_agg(l.key, app.usage_of(l.key, null)), '{}')
              from app.snapshot s, jsonb_object_keys(s.catalog -> 'limits') l (key)),
        'overrides', (
            select coalesce(jsonb_agg(to_jsonb(o) - 'tenant_id' order by o.id desc), '[]')
              from (select v.* from app.overrides v where v.tenant_id = visit.tenant_id order by v.id desc limit 50) o),
        'targets', (
            select coalesce(jsonb_agg(to_jsonb(f) - 'tenant_id' order by f.id desc), '[]')
              from (select v.* from app.flag_targets v where v.tenant_id = visit.tenant_id order by v.id desc limit 200) f),
        'exposures', (
            select coalesce(jsonb_agg(to_jsonb(e) order by e.flag, e.variant), '[]')
              from (select x.flag, x.variant, count(*) as units, min(x.exposed_at) as first_at, max(x.exposed_at) as last_at
                      from app.exposures x where x.tenant_id = visit.tenant_id group by x.flag, x.variant) e));
end $$;

ALTER FUNCTION app.show_decisions(member uuid) OWNER TO freehold_registrar;

CREATE FUNCTION app.show_flags(named text) RETURNS SETOF jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select to_jsonb(f) from app.flags f where named is null or f.key = named order by f.key;
$$;

ALTER FUNCTION app.show_flags(named text) OWNER TO freehold_registrar;

CREATE FUNCTION app.show_snapshot() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select jsonb_build_object(
               'version', s.version, 'catalog', s.catalog, 'published_at', s.published_at,
               'flags', (select coalesce(jsonb_agg(to_jsonb(f) order by f.key), '[]') from app.flags f))
      from app.snapshot s;
$$;

ALTER FUNCTION app.show_snapshot() OWNER TO freehold_registrar;

CREATE PROCEDURE app.show_tables_to_the_owner()
    LANGUAGE plpgsql
    AS $$
declare
    target regclass;
begin
    for target in select t.polrelid from pg_policy t join pg_class c on c.oid = t.polrelid
                   where t.polname = 'tenant' and not c.relispartition
                     and not exists (select from pg_policy o where o.polrelid = t.polrelid and o.polname = 'freehold_owner')
                   order by t.polrelid loop
        call app.patiently(target,
            format('create policy freehold_owner on %s to freehold_owner using (true) with check (true)', target));
    end loop;
end $$;

ALTER PROCEDURE app.show_tables_to_the_owner() OWNER TO freehold_owner;

CREATE FUNCTION app.show_tenant() RETURNS SETOF jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    tenant uuid := (app.this_visit()).tenant_id;
begin
    case (app.this_visit()).permission
        when 'tenant:read' then
            return query select to_jsonb(s) from (
                select t.id, t.name, t.access, t.sso_required, t.mfa_required, t.support_access, t.created_at, t.updated_at
                  from app.tenants t where t.id = tenant) s;
        when 'members:read' then
            return query select to_jsonb(s) from (
                select m.id, m.name, coalesce(m.role, m.custom_role::text) as role, m.status, m.created_at
                  from app.members m where m.tenant_id = tenant order by m.id limit 200) s;
        when 'jobs:read' then
            return query select to_jsonb(s) from (
                select j.id, j.kind, j.job_class as class, j.state, j.cause, j.reason, j.attempt, j.attempts, j.due_at,
                       j.created_at, j.started_at, j.finished_at
                  from app.jobs j where j.tenant_id = tenant and j.job_class <> 'payments' order by j.id desc limit 50) s;
        when 'webhooks:read' then
            return query select to_jsonb(s) from (
                select e.id as endpoint_id, e.state, e.disabled_reason, e.disabled_at, f.failures, f.timeouts, f.paused_until
                  from app.webhook_endpoints e
                  left join app.webhook_failures f on f.tenant_id = e.tenant_id and f.endpoint_id = e.id
                 where e.tenant_id = tenant order by e.id limit 50) s;
            return query select to_jsonb(s) from (
                select d.id as delivery_id, d.endpoint_id, d.event_type, d.state, d.attempts, d.last_status, d.next_attempt_at,
                       d.created_at, d.finished_at
                  from app.deliveries d where d.tenant_id = tenant order by d.id desc limit 50) s;
        when 'audit:read' then
            return query select to_jsonb(s) from (
                select a.id, a.occurred_at, a.principal, a.action, a.row_id, a.request_id
                  from app.audit a where a.tenant_id = tenant order by a.id desc limit 50) s;
        else
            raise sqlstate 'FH403' using message = 'permission_denied', detail = (app.this_visit()).permission;
    end case;
end $$;

ALTER FUNCTION app.show_tenant() OWNER TO freehold_registrar;

CREATE FUNCTION app.sign_in(tenant uuid, connection uuid, issuer text, subject text, issued_at timestamp with time zone, mfa boolean, email text, person text, request_id text, address text) RETURNS TABLE(tenant_id uuid, member_id uuid, role text, outcome text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    way record;
    found_by text := 'known';
    who record;
    within boolean;  -- whether the address is of a domain that the tenant has verified
    new_member uuid := uuidv7();
    done boolean := app.open(tenant, request_id, address);
begin
    select s.role, s.custom_role, s.jit, t.mfa_required and mfa is not true as needs_mfa,
           coalesce(app.permissions_of(a.role, a.custom_role), '{}') as power into way
      from app.sso_connections s
      join app.tenants t on t.id = s.tenant_id
      left join app.members a on a.tenant_id = s.tenant_id and a.id = s.answered_by and a.status = 'active'
     where s.tenant_id = tenant and s.id = connection and s.status = 'enabled'
       and sign_in.issuer = 'sso:' || tenant || ':' || s.issuer;
    if not found then
        raise sqlstate 'FH403' using message = 'not_a_member';
    elsif way.needs_mfa then
        raise sqlstate 'FH403' using message = 'mfa_required';
    end if;
    perform pg_advisory_xact_lock(hashtextextended(concat_ws(chr(31), 'sign_in', tenant, lower(coalesce(email, subject))), 0));
    select m.* into who from app.members m
     where m.tenant_id = tenant and m.issuer = sign_in.issuer and m.subject = sign_in.subject;
    within := exists (
        select from app.domains d where d.tenant_id = tenant and d.verified_at is not null
           and d.name = lower(substring(sign_in.email from '.@([^@]+)$')));
    if who.status = 'removed' and within and exists (
        select from app.members m where m.tenant_id = tenant and lower(m.email) = lower(sign_in.email) and m.issuer is null
           and m.status = 'active') then
        perform set_config('app.principal', 'member:' || who.id, true), set_config('app.member_id', who.id::text, true);
        update app.members m set issuer = null, subject = null, version = version + 1, updated_at = now()
         where m.tenant_id = tenant and m.id = who.id;
        select m.* into who from app.members m where m.tenant_id = tenant and m.id is null;  -- nobody, as yet
    end if;
    if who.id is null and within then
        found_by := 'linked';
        select m.* into who from app.members m
         where m.tenant_id = tenant and lower(m.email) = lower(sign_in.email)
           and starts_with(m.issuer, 'sso:') is not true
           and m.status = 'active' order by m.id limit 1 for update;
        if who.id is null and way.jit and not exists (
            select from app.members m where m.tenant_id = tenant and lower(m.email) = lower(sign_in.email)) then
            found_by := 'joined';
        elsif who.id is not null and (who.break_glass or not app.permissions_of(who.role, who.custom_role) || array(
                select unnest(app.permissions_of(g.role, g.custom_role)) from app.grants g
                 where g.tenant_id = tenant and g.member_id = who.id) <@ way.power) then
            raise sqlstate 'FH403' using message = 'not_linked';
        end if;
    end if;
    if found_by = 'joined' and not app.permissions_of(way.role, way.custom_role) <@ way.power then
        raise sqlstate 'FH403' using message = 'not_linked';
    elsif found_by <> 'joined' and (who.id is null or who.status <> 'active') then
        raise sqlstate 'FH403' using message = 'not_a_member';
    elsif found_by <> 'joined' and (issued_at > coalesce(who.sessions_ended_at, '-infinity')) is not true then
        raise sqlstate 'FH401' using message = 'session_ended';
    elsif found_by = 'known' then
        return query select tenant, who.id, coalesce(who.role, who.custom_role::text), found_by;
        return;
    end if;
    who.id := coalesce(who.id, new_member);
    perform set_config('app.principal', 'member:' || who.id, true), set_config('app.member_id', who.id::text, true);
    if found_by = 'linked' then
        perform set_config('app.permissions', array_to_string(app.permissions_of(who.role, who.custom_role), ' '), true),
                set_config('app.issuer', who.issuer, true), set_config('app.subject', who.subject, true);
        delete from directory.memberships d
         where d.issuer = who.issuer and d.subject = who.subject and d.tenant_id = tenant;
        update app.members m set issuer = sign_in.issuer, subject = sign_in.subject, version = version + 1, updated_at = now()
         where m.tenant_id = tenant and m.id = who.id;
    else
        perform set_config('app.permissions', array_to_string(app.permissions_of(way.role, way.custom_role), ' '), true);
        insert into app.members (id, issuer, subject, email, name, role, custom_role)
        values (who.id, issuer, subject, email, person, way.role, way.custom_role);
    end if;
    perform set_config('app.issuer', issuer, true), set_config('app.subject', subject, true);
    insert into directory.memberships (issuer, subject, tenant_id) values (issuer, subject, tenant) on conflict do nothing;
    perform app.announce(case found_by when 'linked' then 'member.linked' else 'member.joined' end, who.id, 1, to_jsonb(made))
       from (select m.id, m.email, m.name, coalesce(m.role, m.custom_role::text) as role, m.status, m.version,
                    m.created_at, m.updated_at
               from app.members m where m.tenant_id = tenant and m.id = who.id) made;
    return query select tenant, m.id, coalesce(m.role, m.custom_role::text), found_by
                   from app.members m where m.tenant_id = tenant and m.id = who.id;
end $_$;

ALTER FUNCTION app.sign_in(tenant uuid, connection uuid, issuer text, subject text, issued_at timestamp with time zone, mfa boolean, email text, person text, request_id text, address text) OWNER TO freehold_registrar;

CREATE TABLE app.tenants (
    id uuid NOT NULL,
    name text NOT NULL,
    access app.access DEFAULT 'full'::app.access NOT NULL,
    epoch integer DEFAULT 1 NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    locale text DEFAULT 'en'::text NOT NULL,
    logo_url text,
    color text,
    sso_required boolean DEFAULT false NOT NULL,
    mfa_required boolean DEFAULT false NOT NULL,
    support_access boolean DEFAULT true NOT NULL,
    CONSTRAINT tenants_color_check CHECK ((color ~ '^#[0-9a-f]{6}$'::text)),
    CONSTRAINT tenants_locale_check CHECK (((locale ~ '^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$'::text) AND (length(locale) <= 35))),
    CONSTRAINT tenants_logo_url_check CHECK (((logo_url ~ '^https://[A-Za-z0-9.-]+(:[0-9]+)?/[!#-;=?-~]*$'::text) AND (length(logo_url) <= 500))),
    CONSTRAINT tenants_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE ONLY app.tenants FORCE ROW LEVEL SECURITY;

ALTER TABLE app.tenants OWNER TO freehold_owner;

CREATE FUNCTION app.sign_up(issuer text, subject text, issued_at timestamp with time zone, email text, person text, tenant_name text, request_id text, address text, key text, request_hash bytea) RETURNS TABLE(tenant app.tenants, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    new_tenant uuid := uuidv7();
    new_member uuid := uuidv7();
    stored record;
begin
    perform set_config('app.issuer', issuer, true), set_config('app.subject', subject, true);
    if key is not null then
        if not pg_try_advisory_xact_lock(hashtextextended(concat_ws(chr(31), 'sign_up', issuer, subject, key), 0)) then
            raise sqlstate 'FH425' using message = 'idempotency_in_flight';
        end if;
        delete from directory.sign_ups s
         where s.issuer = sign_up.issuer and s.subject = sign_up.subject and s.key = sign_up.key
           and s.created_at < now() - interval '24 hours';
        select s.tenant_id, s.request_hash into stored from directory.sign_ups s
         where s.issuer = sign_up.issuer and s.subject = sign_up.subject and s.key = sign_up.key;
        if found and stored.request_hash is distinct from sign_up.request_hash then
            raise sqlstate 'FH422' using message = 'idempotency_mismatch';
        elsif found then
            perform app.open(stored.tenant_id, request_id, address);
            return query
                select t, true from app.tenants t join app.members m on m.tenant_id = t.id
                 where t.id = stored.tenant_id and m.status = 'active'
                   and m.issuer = sign_up.issuer and m.subject = sign_up.subject
                   and issued_at > coalesce(m.sessions_ended_at, '-infinity');
            if found then
                return;
            elsif exists (select from app.members m where m.tenant_id = stored.tenant_id and m.status = 'active'
                             and m.issuer = sign_up.issuer and m.subject = sign_up.subject) then
                raise sqlstate 'FH401' using message = 'session_ended';
            end if;
            raise sqlstate 'FH403' using message = 'not_a_member';
        end if;
    end if;
    perform app.open(new_tenant, request_id, address);
    perform set_config('app.principal', 'member:' || new_member, true),
            set_config('app.permissions', array_to_string(app.permissions_of('owner', null), ' '), true);
    insert into directory.tenants (id) values (new_tenant);
    insert into directory.memberships (issuer, subject, tenant_id) values (issuer, subject, new_tenant);
    insert into app.tenants (id, name) values (new_tenant, tenant_name);
    insert into app.members (id, issuer, subject, email, name, role)
    values (new_member, issuer, subject, email, person, 'owner');
    perform app.announce('tenant.created', new_tenant, 1, to_jsonb(made)) from (
        select t.id, t.name, t.access, t.version, t.created_at, t.updated_at from app.tenants t where t.id = new_tenant) made;
    if key is not null then
        insert into directory.sign_ups (issuer, subject, key, request_hash, tenant_id)
        values (issuer, subject, key, request_hash, new_tenant);
    end if;
    return query select t, false from app.tenants t where t.id = new_tenant;
end $$;

ALTER FUNCTION app.sign_up(issuer text, subject text, issued_at timestamp with time zone, email text, person text, tenant_name text, request_id text, address text, key text, request_hash bytea) OWNER TO freehold_registrar;

CREATE PROCEDURE app.state_proof(IN target regclass, IN condition text)
    LANGUAGE plpgsql
    AS $$
begin
    call app.forget_proof(target);
    call app.patiently(target, format(
        'alter table %s add constraint backfill_proof check (current_setting(''app.proof'', true) is distinct from ''on'''
        ' or (%s)) not valid', target, condition));
end $$;

ALTER PROCEDURE app.state_proof(IN target regclass, IN condition text) OWNER TO freehold_owner;

CREATE FUNCTION app.sync_done(upto bigint, review timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    sync app.billing_syncs;
    due timestamptz;
begin
    update app.billing_syncs s set done = greatest(s.done, upto) where s.tenant_id = tenant returning s.* into sync;
    due := case when sync.wanted > sync.done then now() when review is not null then greatest(now() + interval '1 minute', review) end;
    update app.jobs j set state = case when due > now() then 'scheduled' else 'waiting' end, due_at = due, updated_at = now()
     where j.tenant_id = tenant and j.id = sync.job_id and j.state = 'scheduled' and j.attempt = 0 and due is not null;
    if exists (select from app.jobs j where j.tenant_id = tenant and j.id = sync.job_id
                  and j.state in ('scheduled', 'waiting', 'queued', 'running')) then
        return;
    end if;
    update app.billing_syncs s set job_id = case when due is not null then uuidv7() end
     where s.tenant_id = tenant returning s.* into sync;
    if due is not null then
        insert into app.jobs (tenant_id, id, kind, job_class, state, due_at, input, attempts, created_by, request_id)
        values (tenant, sync.job_id, 'billing.sync', 'billing', case when due > now() then 'scheduled' else 'waiting' end, due,
                '{}', 12, 'worker:billing', current_setting('app.request_id'));
    end if;
end $$;

ALTER FUNCTION app.sync_done(upto bigint, review timestamp with time zone) OWNER TO freehold_registrar;

CREATE FUNCTION app.take_trial(marks text[], look boolean DEFAULT false) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    former_issuer text := current_setting('app.issuer', true);
    former_subject text := current_setting('app.subject', true);
    mark text;
    free boolean := true;
begin
    perform set_config('app.issuer', 'trial', true);
    for mark in select distinct encode(sha256(convert_to(m, 'UTF8')), 'hex') from unnest(marks) m order by 1 loop
        perform pg_advisory_xact_lock(hashtextextended('trial ' || mark, 0));
        perform set_config('app.subject', mark, true);
        free := free and not exists (select from directory.trials t
                                      where t.issuer = 'trial' and t.subject = mark and t.tenant_id <> tenant);
    end loop;
    if free and not look then
        for mark in select distinct encode(sha256(convert_to(m, 'UTF8')), 'hex') from unnest(marks) m order by 1 loop
            perform set_config('app.subject', mark, true);
            insert into directory.trials (subject, tenant_id) values (mark, tenant) on conflict do nothing;
        end loop;
    end if;
    perform set_config('app.issuer', coalesce(former_issuer, ''), true),
            set_config('app.subject', coalesce(former_subject, ''), true);
    return free;
end $$;

ALTER FUNCTION app.take_trial(marks text[], look boolean) OWNER TO freehold_registrar;

CREATE FUNCTION app.take_turn(name text, period text, holder text, hold interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    insert into app.turns as t (name, period, holder, until)
    values (take_turn.name, take_turn.period, take_turn.holder, now() + hold)
    on conflict on constraint turns_pkey do update set holder = excluded.holder, until = excluded.until
     where t.done_at is null and (t.holder = excluded.holder or t.until < now());
    return found;
end $$;

ALTER FUNCTION app.take_turn(name text, period text, holder text, hold interval) OWNER TO freehold_relay;

CREATE FUNCTION app.target_flag(flag text, member uuid, variant text, until timestamp with time zone) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    visit app.operator_visits := app.this_visit();
    aimed jsonb;
begin
    if visit.permission <> 'decisions:change' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'decisions:change';
    end if;
    select f.definition into aimed from app.flags f where f.key = target_flag.flag;
    if not found then
        raise sqlstate 'FH404' using message = 'unknown_flag';
    elsif aimed ->> 'state' = 'archived' then
        raise sqlstate 'FH409' using message = 'flag_archived';
    elsif not coalesce(aimed -> 'variants' ? variant, false) then
        raise sqlstate 'FH422' using message = 'no_such_variant';
    elsif until <= visit.at then
        raise sqlstate 'FH422' using message = 'until_over';
    elsif member is not null and not exists (
        select from app.members m where m.tenant_id = visit.tenant_id and m.id = target_flag.member and m.status <> 'removed') then
        raise sqlstate 'FH404' using message = 'no_such_member';
    end if;
    delete from app.flag_targets t
     where t.tenant_id = visit.tenant_id and t.flag = target_flag.flag and t.member_id is not distinct from target_flag.member;
    insert into app.flag_targets (id, flag, member_id, variant, reason, targeted_by, until)
    values (visit.id, target_flag.flag, target_flag.member, target_flag.variant, visit.reason, visit.operator,
            target_flag.until);
    return visit.id;
end $$;

ALTER FUNCTION app.target_flag(flag text, member uuid, variant text, until timestamp with time zone) OWNER TO freehold_registrar;

CREATE FUNCTION app.tenant_is_there() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if not exists (select from app.tenants t where t.id = current_setting('app.tenant_id')::uuid) then
        raise foreign_key_violation using message = 'insert or update on table "usage_keys" refers to a tenant that is not there';
    end if;
    return null;
end $$;

ALTER FUNCTION app.tenant_is_there() OWNER TO freehold_owner;

CREATE FUNCTION app.tenant_key(target regclass) RETURNS name
    LANGUAGE plpgsql STABLE
    AS $$
begin
    if not exists (select from pg_policy where polrelid = target and polname = 'tenant' and not polpermissive) then
        raise exception '% is no tenant table: change it with a plain statement', target;
    elsif not exists (select from pg_policy where polrelid = target and polpermissive and polcmd = '*'
                         and current_user::regrole = any (polroles)) then
        raise exception '% shows its owner no row: create policy freehold_owner on % to freehold_owner using (true) with check (true)',
            target, target;
    end if;
    return coalesce((select attname from pg_attribute where attrelid = target and attname = 'tenant_id'), 'id');
end $$;

ALTER FUNCTION app.tenant_key(target regclass) OWNER TO freehold_owner;

CREATE PROCEDURE app.tenant_table(IN target regclass, IN key name DEFAULT 'tenant_id'::name, IN unaudited text DEFAULT NULL::text)
    LANGUAGE plpgsql
    AS $_$
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
end $_$;

ALTER PROCEDURE app.tenant_table(IN target regclass, IN key name, IN unaudited text) OWNER TO freehold_owner;

CREATE FUNCTION app.tenants_of(issuer text, subject text, issued_at timestamp with time zone) RETURNS TABLE(id uuid, name text, access app.access, role text, member_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    tenant uuid;
    over boolean;
    ended boolean := false;
    shown integer := 0;
begin
    if current_setting('app.tenant_id', true) <> '' then
        raise sqlstate 'FH500' using message = 'already_entered';
    end if;
    perform set_config('app.issuer', issuer, true), set_config('app.subject', subject, true);
    for tenant in
        select d.tenant_id from directory.memberships d
         where d.issuer = tenants_of.issuer and d.subject = tenants_of.subject order by d.tenant_id
    loop
        perform set_config('app.tenant_id', tenant::text, true);
        for id, name, access, role, member_id, over in
            select t.id, t.name, t.access, coalesce(m.role, m.custom_role::text), m.id,
                   (issued_at > coalesce(m.sessions_ended_at, '-infinity')) is not true
              from app.tenants t join app.members m on m.tenant_id = t.id
             where t.id = tenant and m.issuer = tenants_of.issuer and m.subject = tenants_of.subject and m.status = 'active'
        loop
            ended := ended or over;
            continue when over;
            shown := shown + 1;
            return next;
        end loop;
    end loop;
    if ended and shown = 0 then
        raise sqlstate 'FH401' using message = 'session_ended';
    end if;
    perform set_config('app.tenant_id', '', true);
end $$;

ALTER FUNCTION app.tenants_of(issuer text, subject text, issued_at timestamp with time zone) OWNER TO freehold_door;

CREATE TABLE app.operator_visits (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    operator text NOT NULL,
    reason text NOT NULL,
    permission text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    request_id text DEFAULT current_setting('app.request_id'::text) NOT NULL,
    CONSTRAINT operator_visits_operator_check CHECK ((operator ~ '^[A-Za-z0-9][A-Za-z0-9._@+=,-]{0,99}$'::text)),
    CONSTRAINT operator_visits_reason_check CHECK (((length(reason) >= 10) AND (length(reason) <= 500)))
);

ALTER TABLE ONLY app.operator_visits FORCE ROW LEVEL SECURITY;

ALTER TABLE app.operator_visits OWNER TO freehold_owner;

COMMENT ON TABLE app.operator_visits IS 'unaudited: it is a record itself: entrances write it, and nobody can change it';

CREATE FUNCTION app.this_visit() RETURNS app.operator_visits
    LANGUAGE plpgsql STABLE
    AS $$
declare
    visit app.operator_visits;
begin
    select v.* into visit from app.operator_visits v
     where v.tenant_id = current_setting('app.tenant_id')::uuid and v.id = current_setting('app.visit_id')::uuid and v.at = now();
    if not found then
        raise sqlstate 'FH500' using message = 'not_entered';
    end if;
    return visit;
end $$;

ALTER FUNCTION app.this_visit() OWNER TO freehold_registrar;

CREATE FUNCTION app.touch_key(tenant uuid, secret_hash bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    done boolean := app.open(tenant, '', '') and set_config('lock_timeout', '50ms', true) is not null
                    and set_config('synchronous_commit', 'off', true) is not null;
begin
    with used as materialized (
        select k.id from app.api_keys k
         where k.tenant_id = tenant
           and (k.secret_hash = touch_key.secret_hash or k.previous_hash = touch_key.secret_hash)
           for no key update skip locked
    )
    insert into app.api_key_uses as u (api_key_id) select used.id from used
    on conflict (tenant_id, api_key_id) do update set last_used_at = now()
     where u.last_used_at < now() - interval '5 minutes';
    perform set_config('app.tenant_id', '', true);
end $$;

ALTER FUNCTION app.touch_key(tenant uuid, secret_hash bytea) OWNER TO freehold_registrar;

CREATE FUNCTION app.usage_due(batch integer) RETURNS TABLE(tenant_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    return query
        select u.tenant_id from app.usage_unreported u join app.billing_syncs s on s.tenant_id = u.tenant_id
         where u.due_at <= now() and s.customer_id is not null
         order by u.due_at, u.tenant_id limit batch;
end $$;

ALTER FUNCTION app.usage_due(batch integer) OWNER TO freehold_relay;

CREATE FUNCTION app.usage_is_paid_for() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    insert into app.usage_unreported as u (tenant_id)
    select new.tenant_id
     where exists (select from app.usage_hours h where h.tenant_id = new.tenant_id and h.quantity > h.claimed + h.free)
    on conflict (tenant_id) do update set changes = u.changes + 1, due_at = least(u.due_at, now());
    return null;
end $$;

ALTER FUNCTION app.usage_is_paid_for() OWNER TO freehold_owner;

CREATE FUNCTION app.usage_of(key text, most bigint) RETURNS numeric
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    meter text := (select s.catalog #>> array['limits', usage_of.key, 'meter'] from app.snapshot s);
begin
    if meter is not null then
        return app.metered(meter);
    end if;
    return case when exists (select from app.limited_tables t where t.key = usage_of.key)
                then app.counted(usage_of.key, usage_of.most) end;
end $$;

ALTER FUNCTION app.usage_of(key text, most bigint) OWNER TO freehold_door;

CREATE FUNCTION app.usage_uncompared(batch integer) RETURNS TABLE(tenant_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    return query
        select s.tenant_id from app.billing_syncs s
         where s.tenant_id > coalesce(
                   (select t.holder::uuid from app.turns t where t.name = 'usage_compared' and t.period = ''),
                   '00000000-0000-0000-0000-000000000000')
         order by s.tenant_id limit batch;
end $$;

ALTER FUNCTION app.usage_uncompared(batch integer) OWNER TO freehold_relay;

CREATE PROCEDURE app.validate_reference(IN target regclass, IN reference name)
    LANGUAGE plpgsql
    AS $_$
declare
    key name;
    tenant uuid;
    wanted pg_constraint;
    columns text;
    matches text;
    dangling bigint;
    resident boolean;
begin
    select * into wanted from pg_constraint where conrelid = target and conname = reference and contype = 'f';
    if not found then
        raise exception '% has no foreign key %', target, reference;
    elsif exists (select from pg_policy where polrelid in (target, wanted.confrelid) and polname = 'identity') then
        raise exception '% of % cannot be proved, because nobody sees all rows of an identity table: make it with the table',
            reference, target;
    elsif not exists (select from pg_class where oid in (target, wanted.confrelid) and relrowsecurity) then
        perform set_config('lock_timeout', '300s', true);
        execute format('alter table %s validate constraint %I', target, reference);
        return;
    end if;
    key := app.tenant_key(target);
    if (select relrowsecurity from pg_class where oid = wanted.confrelid) then
        perform app.tenant_key(wanted.confrelid);
    end if;
    call app.prove(target, format('app.resides(%I)', key), resident);
    if not resident then
        raise exception '% has rows of tenants that are not in app.residents, and nobody can enter those: put them on the list',
            target;
    end if;
    select string_agg(format('f.%I is not null', a.attname), ' and ' order by k.place),
           string_agg(format('t.%I = f.%I', b.attname, a.attname), ' and ' order by k.place) into columns, matches
      from unnest(wanted.conkey, wanted.confkey) with ordinality k (own, other, place)
      join pg_attribute a on a.attrelid = target and a.attnum = k.own
      join pg_attribute b on b.attrelid = wanted.confrelid and b.attnum = k.other;
    for tenant in select id from app.residents order by id loop
        perform app.enter_resident(tenant);
        execute format('select count(*) from %s f where f.%I = $1 and %s and not exists (select from %s t where %s)',
            target, key, columns, wanted.confrelid::regclass, matches) into dangling using tenant;
        if dangling > 0 then
            raise foreign_key_violation using message =
                format('%s rows of tenant %s break %s of %s: they name what does not exist', dangling, tenant, reference, target);
        end if;
    end loop;
    perform app.enter_resident('00000000-0000-0000-0000-000000000000');
    perform set_config('lock_timeout', '300s', true);
    execute format('alter table %s validate constraint %I', target, reference);
    perform set_config('app.tenant_id', '', true);
end $_$;

ALTER PROCEDURE app.validate_reference(IN target regclass, IN reference name) OWNER TO freehold_owner;

CREATE FUNCTION app.wake_jobs(batch integer) RETURNS TABLE(due integer, returned integer, lost integer, late integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
declare
    class text;
    herd uuid[];
    moved integer;
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    with late as materialized (
        select j.tenant_id, j.id from app.jobs j
         where j.deadline <= now() and j.started_at is null and j.state in ('scheduled', 'waiting', 'queued')
         order by j.deadline limit batch for update skip locked
    ), failed as (
        update app.jobs j
           set state = 'failed', reason = 'Its deadline passed before it began.', token = null, lease_until = null,
               finished_at = now(), updated_at = now()
          from late l where j.tenant_id = l.tenant_id and j.id = l.id
        returning j.*
    ), announced as (
        insert into app.outbox (tenant_id, type, subject_id, request_id, data)
        select f.tenant_id, 'job.failed', f.id, f.request_id, to_jsonb(f) - 'tenant_id' - 'cause' - 'lane' - 'input'
               - 'checkpoint' - 'token' - 'lease_until'
          from failed f join app.job_classes c on c.name = f.job_class and c.public
    )
    select count(*) into late from failed;
    with silent as materialized (
        select j.tenant_id, j.id from app.jobs j
         where j.lease_until < now() and j.state = 'running' order by j.lease_until limit batch for update skip locked
    ), moved as (
        update app.jobs j
           set state = case when j.cancel_asked then 'canceled' when j.attempt >= j.attempts and c.public then 'failed'
                       else 'scheduled' end,
               reason = 'The worker that ran it was lost.',
               due_at = now() + least(interval '10 seconds' * 4 ^ least(j.attempt, 9), interval '1 hour') * random(),
               finished_at = case when j.cancel_asked or j.attempt >= j.attempts and c.public then now() end,
               token = null, lease_until = null, updated_at = now()
          from silent s, app.job_classes c where j.tenant_id = s.tenant_id and j.id = s.id and c.name = j.job_class
        returning j.*
    ), announced as (
        insert into app.outbox (tenant_id, type, subject_id, request_id, data)
        select m.tenant_id, 'job.failed', m.id, m.request_id, to_jsonb(m) - 'tenant_id' - 'cause' - 'lane' - 'input'
               - 'checkpoint' - 'token' - 'lease_until'
          from moved m join app.job_classes c on c.name = m.job_class and c.public where m.state = 'failed'
    )
    select count(*) into lost from moved;
    with untaken as materialized (
        select j.tenant_id, j.id from app.jobs j
         where j.lease_until < now() and j.state = 'queued' order by j.lease_until limit batch for update skip locked)
    update app.jobs j set state = 'waiting', token = null, lease_until = null, updated_at = now()
      from untaken u where j.tenant_id = u.tenant_id and j.id = u.id;
    get diagnostics returned = row_count;
    due := 0;
    for class in select c.name from app.job_classes c loop
        with ready as materialized (
            select j.tenant_id, j.id from app.jobs j
             where j.job_class = class and j.due_at <= now() and j.state = 'scheduled'
             order by j.due_at limit batch for update skip locked)
        update app.jobs j set state = 'waiting', updated_at = now()
          from ready r where j.tenant_id = r.tenant_id and j.id = r.id;
        get diagnostics moved = row_count;
        due := due + moved;
        continue when moved < batch;
        with recursive tenants (tenant) as (
            select '00000000-0000-0000-0000-000000000000'::uuid
            union all
            select (select j.tenant_id from app.jobs j
                     where j.job_class = class and j.state = 'scheduled' and j.tenant_id > t.tenant
                     order by j.tenant_id limit 1)
              from tenants t where t.tenant is not null
        )
        select array_agg(t.tenant) into herd from tenants t
         where exists (select from app.jobs j
                        where j.job_class = class and j.state = 'scheduled'
                          and (j.tenant_id, j.due_at) >= (t.tenant, '-infinity'::timestamptz)
                          and (j.tenant_id, j.due_at) <= (t.tenant, now()));
        with ready as materialized (
            select r.tenant_id, r.id from unnest(herd) h (tenant)
             cross join lateral (
                select j.tenant_id, j.id from app.jobs j
                 where j.job_class = class and j.state = 'scheduled'
                   and (j.tenant_id, j.due_at) >= (h.tenant, '-infinity'::timestamptz)
                   and (j.tenant_id, j.due_at) <= (h.tenant, now())
                 order by j.tenant_id, j.due_at limit greatest(1, batch / cardinality(herd)) for update skip locked) r)
        update app.jobs j set state = 'waiting', updated_at = now()
          from ready r where j.tenant_id = r.tenant_id and j.id = r.id;
        get diagnostics moved = row_count;
        due := due + moved;
    end loop;
    return next;
end $$;

ALTER FUNCTION app.wake_jobs(batch integer) OWNER TO freehold_relay;

CREATE FUNCTION app.want_sync(reason text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    sync app.billing_syncs;
begin
    select s.* into sync from app.billing_syncs s
     where s.tenant_id = tenant and (reason <> 'seats' or s.seats_follow) for update;
    if sync.tenant_id is null then
        return;
    end if;
    update app.jobs j set state = 'waiting', due_at = now(), updated_at = now()
     where j.tenant_id = tenant and j.id = sync.job_id and j.state = 'scheduled' and (j.attempt = 0 or want_sync.reason = 'grant');
    if not exists (select from app.jobs j where j.tenant_id = tenant and j.id = sync.job_id
                      and j.state in ('scheduled', 'waiting', 'queued', 'running')) then
        sync.job_id := uuidv7();
        insert into app.jobs (tenant_id, id, kind, job_class, state, input, attempts, created_by, request_id)
        values (tenant, sync.job_id, 'billing.sync', 'billing', 'waiting', '{}', 12, 'worker:billing',
                current_setting('app.request_id'));
    end if;
    update app.billing_syncs s set wanted = s.wanted + 1, job_id = sync.job_id where s.tenant_id = tenant;
end $$;

ALTER FUNCTION app.want_sync(reason text) OWNER TO freehold_registrar;

CREATE FUNCTION app.who_asks(kind text, issuer text, subject text, issued_at timestamp with time zone, secret_hash bytea) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
begin
    if kind = 'person' then
        return (select 'member:' || m.id from app.members m
                 where m.tenant_id = tenant and m.issuer = who_asks.issuer and m.subject = who_asks.subject
                   and m.status = 'active' and who_asks.issued_at > coalesce(m.sessions_ended_at, '-infinity'));
    elsif kind = 'api_key' then
        return (select 'api_key:' || k.id from app.api_keys k
                  join app.members m on m.tenant_id = k.tenant_id and m.id = k.created_by and m.status = 'active'
                 where k.tenant_id = tenant
                   and (k.secret_hash = who_asks.secret_hash
                        or k.previous_hash = who_asks.secret_hash and k.previous_until > now())
                   and k.revoked_at is null and (k.expires_at is null or k.expires_at > now()));
    elsif kind = 'scim' then
        return (select 'scim:' || k.id from app.scim_tokens k
                 where k.tenant_id = tenant and k.token_hash = who_asks.secret_hash
                   and k.revoked_at is null and (k.expires_at is null or k.expires_at > now()));
    end if;
    return (select 'member:' || m.id from app.impersonations i
              join app.members m on m.tenant_id = i.tenant_id and m.id = i.member_id and m.status = 'active'
              join app.tenants t on t.id = i.tenant_id and t.support_access
             where i.tenant_id = tenant and i.token_hash = who_asks.secret_hash and i.ended_at is null and i.expires_at > now());
end $$;

ALTER FUNCTION app.who_asks(kind text, issuer text, subject text, issued_at timestamp with time zone, secret_hash bytea) OWNER TO freehold_door;

CREATE FUNCTION app.within(key text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    held jsonb := app.hard_limits() -> key;
    most bigint := held -> 'most';
    used numeric;
begin
    if most is null then
        if exists (select from app.snapshot s where s.catalog <> '{}' and not coalesce(s.catalog -> 'limits' ? within.key, false)) then
            raise sqlstate 'FH500' using message = 'unknown_limit', detail = key;
        end if;
        return;
    elsif held ->> 'meter' is not null then
        used := app.metered(held ->> 'meter');
    else
        used := app.counted(key, most);
    end if;
    if used >= most then
        perform app.refuse(key, most, used);
    end if;
end $$;

ALTER FUNCTION app.within(key text) OWNER TO freehold_door;

CREATE FUNCTION app.within_yours(needed text[]) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
begin
    if not needed <@ string_to_array(current_setting('app.permissions'), ' ') then
        raise sqlstate 'FH403' using message = 'events_exceed_yours';
    end if;
    return true;
end $$;

ALTER FUNCTION app.within_yours(needed text[]) OWNER TO freehold_owner;

CREATE PROCEDURE app.worker(IN name text, IN description text)
    LANGUAGE sql
    AS $$
    insert into app.workers (name, description) values (worker.name, worker.description);
$$;

ALTER PROCEDURE app.worker(IN name text, IN description text) OWNER TO freehold_owner;

CREATE TABLE app.access_grants (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    access app.access NOT NULL,
    plan text,
    reason text NOT NULL,
    granted_by text NOT NULL,
    until timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT access_grants_plan_check CHECK (((length(plan) >= 1) AND (length(plan) <= 60))),
    CONSTRAINT access_grants_reason_check CHECK (((length(reason) >= 10) AND (length(reason) <= 500)))
);

ALTER TABLE ONLY app.access_grants FORCE ROW LEVEL SECURITY;

ALTER TABLE app.access_grants OWNER TO freehold_owner;

CREATE TABLE app.allowances (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    bucket text NOT NULL,
    tokens double precision NOT NULL,
    refilled_at timestamp with time zone NOT NULL,
    CONSTRAINT allowances_bucket_check CHECK (((length(bucket) >= 1) AND (length(bucket) <= 120))),
    CONSTRAINT allowances_tokens_check CHECK ((tokens >= (0)::double precision))
)
WITH (fillfactor='50');

ALTER TABLE ONLY app.allowances FORCE ROW LEVEL SECURITY;

ALTER TABLE app.allowances OWNER TO freehold_owner;

COMMENT ON TABLE app.allowances IS 'unaudited: a machine''s count of what may still be asked; what is asked is audited';

CREATE TABLE app.api_key_uses (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    api_key_id uuid NOT NULL,
    last_used_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY app.api_key_uses FORCE ROW LEVEL SECURITY;

ALTER TABLE app.api_key_uses OWNER TO freehold_owner;

COMMENT ON TABLE app.api_key_uses IS 'unaudited: a machine''s note that a key is in use; what is done with one is audited';

CREATE TABLE app.api_keys (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    secret_hash bytea NOT NULL,
    hint text NOT NULL,
    created_by uuid DEFAULT (current_setting('app.member_id'::text))::uuid NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    previous_hash bytea,
    previous_until timestamp with time zone,
    CONSTRAINT api_keys_expires_at_check CHECK ((expires_at < '10000-01-01 00:00:00+00'::timestamp with time zone)),
    CONSTRAINT api_keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE ONLY app.api_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE app.api_keys OWNER TO freehold_owner;

COMMENT ON COLUMN app.api_keys.secret_hash IS 'secret';

COMMENT ON COLUMN app.api_keys.previous_hash IS 'secret';

CREATE TABLE app.audit (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    occurred_at timestamp with time zone DEFAULT now() NOT NULL,
    principal text DEFAULT current_setting('app.principal'::text) NOT NULL,
    request_id text DEFAULT current_setting('app.request_id'::text) NOT NULL,
    address text DEFAULT current_setting('app.address'::text) NOT NULL,
    action text NOT NULL,
    row_id uuid NOT NULL,
    change jsonb NOT NULL
)
PARTITION BY RANGE (id);

ALTER TABLE ONLY app.audit FORCE ROW LEVEL SECURITY;

ALTER TABLE app.audit OWNER TO freehold_owner;

COMMENT ON TABLE app.audit IS 'unaudited: it is the record of changes itself';

COMMENT ON COLUMN app.audit.address IS 'personal';

COMMENT ON COLUMN app.audit.change IS 'personal';

CREATE TABLE app.audit_checkpoints (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    before uuid NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY app.audit_checkpoints FORCE ROW LEVEL SECURITY;

ALTER TABLE app.audit_checkpoints OWNER TO freehold_owner;

COMMENT ON TABLE app.audit_checkpoints IS 'unaudited: where the record of changes begins';

CREATE TABLE app.audit_default (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid CONSTRAINT audit_tenant_id_not_null NOT NULL,
    id uuid DEFAULT uuidv7() CONSTRAINT audit_id_not_null NOT NULL,
    occurred_at timestamp with time zone DEFAULT now() CONSTRAINT audit_occurred_at_not_null NOT NULL,
    principal text DEFAULT current_setting('app.principal'::text) CONSTRAINT audit_principal_not_null NOT NULL,
    request_id text DEFAULT current_setting('app.request_id'::text) CONSTRAINT audit_request_id_not_null NOT NULL,
    address text DEFAULT current_setting('app.address'::text) CONSTRAINT audit_address_not_null NOT NULL,
    action text CONSTRAINT audit_action_not_null NOT NULL,
    row_id uuid CONSTRAINT audit_row_id_not_null NOT NULL,
    change jsonb CONSTRAINT audit_change_not_null NOT NULL
);

ALTER TABLE ONLY app.audit_default FORCE ROW LEVEL SECURITY;

ALTER TABLE app.audit_default OWNER TO freehold_owner;

CREATE TABLE app.audit_heads (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    seq bigint DEFAULT 0 NOT NULL,
    hash bytea DEFAULT decode(repeat('00'::text, 32), 'hex'::text) NOT NULL,
    sealed_at timestamp with time zone DEFAULT now() NOT NULL,
    anchored_seq bigint DEFAULT 0 NOT NULL,
    anchored_at timestamp with time zone
);

ALTER TABLE ONLY app.audit_heads FORCE ROW LEVEL SECURITY;

ALTER TABLE app.audit_heads OWNER TO freehold_owner;

COMMENT ON TABLE app.audit_heads IS 'unaudited: where the seals of the record of changes end';

CREATE TABLE app.audit_seals (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    seq bigint NOT NULL,
    audit_id uuid NOT NULL,
    salt bytea,
    content bytea NOT NULL,
    digest bytea NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamp with time zone DEFAULT now() NOT NULL,
    erased_at timestamp with time zone,
    CONSTRAINT audit_seals_check CHECK (((salt IS NULL) = (erased_at IS NOT NULL)))
);

ALTER TABLE ONLY app.audit_seals FORCE ROW LEVEL SECURITY;

ALTER TABLE app.audit_seals OWNER TO freehold_owner;

COMMENT ON TABLE app.audit_seals IS 'unaudited: the seals of the record of changes itself';

CREATE TABLE app.audit_unsealed (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    audit_id uuid NOT NULL
);

ALTER TABLE ONLY app.audit_unsealed FORCE ROW LEVEL SECURITY;

ALTER TABLE app.audit_unsealed OWNER TO freehold_owner;

COMMENT ON TABLE app.audit_unsealed IS 'unaudited: a machine''s list of what the audit trail has to seal';

CREATE TABLE app.billing_accounts (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    plan text NOT NULL,
    add_ons text[] DEFAULT '{}'::text[] NOT NULL,
    "interval" text,
    status text NOT NULL,
    access app.access NOT NULL,
    seats integer,
    currency text,
    subscription_id text,
    current_period_start timestamp with time zone,
    current_period_end timestamp with time zone,
    trial_end timestamp with time zone,
    trial_used_at timestamp with time zone,
    cancel_at timestamp with time zone,
    ended_at timestamp with time zone,
    past_due_since timestamp with time zone,
    pending_change jsonb,
    discount jsonb,
    payment_method jsonb,
    balance bigint DEFAULT 0 NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT billing_accounts_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
    CONSTRAINT billing_accounts_interval_check CHECK (("interval" = ANY (ARRAY['month'::text, 'year'::text]))),
    CONSTRAINT billing_accounts_plan_check CHECK (((length(plan) >= 1) AND (length(plan) <= 60))),
    CONSTRAINT billing_accounts_seats_check CHECK ((seats >= 0)),
    CONSTRAINT billing_accounts_status_check CHECK (((length(status) >= 1) AND (length(status) <= 40)))
);

ALTER TABLE ONLY app.billing_accounts FORCE ROW LEVEL SECURITY;

ALTER TABLE app.billing_accounts OWNER TO freehold_owner;

CREATE TABLE app.billing_notices (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    subject text NOT NULL,
    told_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT billing_notices_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 200)))
);

ALTER TABLE ONLY app.billing_notices FORCE ROW LEVEL SECURITY;

ALTER TABLE app.billing_notices OWNER TO freehold_owner;

COMMENT ON TABLE app.billing_notices IS 'unaudited: a machine''s memory of what it has told once';

CREATE TABLE app.billing_operations (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    state text DEFAULT 'begun'::text NOT NULL,
    request jsonb DEFAULT '{}'::jsonb NOT NULL,
    result jsonb,
    asked integer DEFAULT 1 NOT NULL,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT billing_operations_asked_check CHECK ((asked > 0)),
    CONSTRAINT billing_operations_check CHECK (((state = 'begun'::text) = (finished_at IS NULL))),
    CONSTRAINT billing_operations_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
    CONSTRAINT billing_operations_kind_check CHECK (((length(kind) >= 1) AND (length(kind) <= 60))),
    CONSTRAINT billing_operations_state_check CHECK ((state = ANY (ARRAY['begun'::text, 'done'::text, 'failed'::text])))
);

ALTER TABLE ONLY app.billing_operations FORCE ROW LEVEL SECURITY;

ALTER TABLE app.billing_operations OWNER TO freehold_owner;

COMMENT ON TABLE app.billing_operations IS 'unaudited: a machine''s note of what it asks Stripe; what comes of it is audited';

COMMENT ON COLUMN app.billing_operations.request IS 'personal';

COMMENT ON COLUMN app.billing_operations.result IS 'personal';

CREATE TABLE app.billing_syncs (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    customer_id text,
    clock_id text,
    gone_id text,
    seats_follow boolean DEFAULT false NOT NULL,
    wanted bigint DEFAULT 0 NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    job_id uuid,
    synced_from timestamp with time zone
)
WITH (fillfactor='80');

ALTER TABLE ONLY app.billing_syncs FORCE ROW LEVEL SECURITY;

ALTER TABLE app.billing_syncs OWNER TO freehold_owner;

COMMENT ON TABLE app.billing_syncs IS 'unaudited: a machine''s note of what it has to look at; what it finds is audited';

CREATE TABLE app.builtin_roles (
    name text NOT NULL,
    permissions text[] DEFAULT '{}'::text[] NOT NULL
);

ALTER TABLE app.builtin_roles OWNER TO freehold_owner;

COMMENT ON TABLE app.builtin_roles IS 'global: the same read-only rows for every tenant, written by migrations';

CREATE TABLE app.decision_versions (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    version bigint DEFAULT (EXTRACT(epoch FROM clock_timestamp()) * (1000000)::numeric) NOT NULL,
    hard jsonb,
    hard_version bigint,
    hard_snapshot bigint,
    hard_until timestamp with time zone
)
WITH (fillfactor='50');

ALTER TABLE ONLY app.decision_versions FORCE ROW LEVEL SECURITY;

ALTER TABLE app.decision_versions OWNER TO freehold_owner;

COMMENT ON TABLE app.decision_versions IS 'unaudited: a machine''s count of changes that are recorded themselves';

CREATE TABLE app.deliveries (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    endpoint_id uuid NOT NULL,
    event_id uuid NOT NULL,
    event_type text NOT NULL,
    body text NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    last_status integer,
    last_error text,
    next_attempt_at timestamp with time zone DEFAULT now(),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    replay_id uuid,
    CONSTRAINT deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text])))
)
PARTITION BY RANGE (id);

ALTER TABLE ONLY app.deliveries FORCE ROW LEVEL SECURITY;

ALTER TABLE app.deliveries OWNER TO freehold_owner;

COMMENT ON TABLE app.deliveries IS 'unaudited: a machine''s list of what it sends; each attempt is a row of its own';

COMMENT ON COLUMN app.deliveries.body IS 'personal';

CREATE TABLE app.deliveries_default (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid CONSTRAINT deliveries_tenant_id_not_null NOT NULL,
    id uuid DEFAULT uuidv7() CONSTRAINT deliveries_id_not_null NOT NULL,
    endpoint_id uuid CONSTRAINT deliveries_endpoint_id_not_null NOT NULL,
    event_id uuid CONSTRAINT deliveries_event_id_not_null NOT NULL,
    event_type text CONSTRAINT deliveries_event_type_not_null NOT NULL,
    body text CONSTRAINT deliveries_body_not_null NOT NULL,
    state text DEFAULT 'pending'::text CONSTRAINT deliveries_state_not_null NOT NULL,
    attempts integer DEFAULT 0 CONSTRAINT deliveries_attempts_not_null NOT NULL,
    last_status integer,
    last_error text,
    next_attempt_at timestamp with time zone DEFAULT now(),
    created_at timestamp with time zone DEFAULT now() CONSTRAINT deliveries_created_at_not_null NOT NULL,
    finished_at timestamp with time zone,
    replay_id uuid,
    CONSTRAINT deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text])))
);

ALTER TABLE ONLY app.deliveries_default FORCE ROW LEVEL SECURITY;

ALTER TABLE app.deliveries_default OWNER TO freehold_owner;

CREATE TABLE app.delivery_attempts (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    delivery_id uuid NOT NULL,
    attempted_at timestamp with time zone DEFAULT now() NOT NULL,
    url text NOT NULL,
    request_headers jsonb NOT NULL,
    status integer,
    response_headers jsonb,
    response_excerpt text,
    error text,
    milliseconds integer NOT NULL
)
PARTITION BY RANGE (id);

ALTER TABLE ONLY app.delivery_attempts FORCE ROW LEVEL SECURITY;

ALTER TABLE app.delivery_attempts OWNER TO freehold_owner;

COMMENT ON TABLE app.delivery_attempts IS 'unaudited: a machine''s log of what it has tried';

COMMENT ON COLUMN app.delivery_attempts.response_headers IS 'personal';

COMMENT ON COLUMN app.delivery_attempts.response_excerpt IS 'personal';

CREATE TABLE app.delivery_attempts_default (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid CONSTRAINT delivery_attempts_tenant_id_not_null NOT NULL,
    id uuid DEFAULT uuidv7() CONSTRAINT delivery_attempts_id_not_null NOT NULL,
    delivery_id uuid CONSTRAINT delivery_attempts_delivery_id_not_null NOT NULL,
    attempted_at timestamp with time zone DEFAULT now() CONSTRAINT delivery_attempts_attempted_at_not_null NOT NULL,
    url text CONSTRAINT delivery_attempts_url_not_null NOT NULL,
    request_headers jsonb CONSTRAINT delivery_attempts_request_headers_not_null NOT NULL,
    status integer,
    response_headers jsonb,
    response_excerpt text,
    error text,
    milliseconds integer CONSTRAINT delivery_attempts_milliseconds_not_null NOT NULL
);

ALTER TABLE ONLY app.delivery_attempts_default FORCE ROW LEVEL SECURITY;

ALTER TABLE app.delivery_attempts_default OWNER TO freehold_owner;

CREATE TABLE app.domains (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    challenge text NOT NULL,
    verified_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT domains_name_check CHECK (((name = lower(name)) AND ((length(name) >= 4) AND (length(name) <= 253))))
);

ALTER TABLE ONLY app.domains FORCE ROW LEVEL SECURITY;

ALTER TABLE app.domains OWNER TO freehold_owner;

CREATE TABLE app.email_suppressions (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    address text NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT email_suppressions_address_check CHECK ((address = lower(address))),
    CONSTRAINT email_suppressions_reason_check CHECK ((reason = ANY (ARRAY['bounced'::text, 'complained'::text])))
);

ALTER TABLE ONLY app.email_suppressions FORCE ROW LEVEL SECURITY;

ALTER TABLE app.email_suppressions OWNER TO freehold_owner;

COMMENT ON TABLE app.email_suppressions IS 'unaudited: a machine''s memory of addresses that sent its mails back';

COMMENT ON COLUMN app.email_suppressions.address IS 'personal';

CREATE TABLE app.emails (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    cause text NOT NULL,
    address text NOT NULL,
    template text NOT NULL,
    fields jsonb NOT NULL,
    locale text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    message_id text,
    error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT emails_address_check CHECK ((length(address) <= 254)),
    CONSTRAINT emails_cause_check CHECK (((length(cause) >= 1) AND (length(cause) <= 200))),
    CONSTRAINT emails_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'suppressed'::text, 'refused'::text, 'bounced'::text, 'complained'::text])))
);

ALTER TABLE ONLY app.emails FORCE ROW LEVEL SECURITY;

ALTER TABLE app.emails OWNER TO freehold_owner;

COMMENT ON TABLE app.emails IS 'unaudited: a machine''s record of what it was to say, and what became of it';

COMMENT ON COLUMN app.emails.address IS 'personal';

COMMENT ON COLUMN app.emails.fields IS 'personal';

COMMENT ON COLUMN app.emails.error IS 'personal';

CREATE TABLE app.exposures (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    flag text NOT NULL,
    unit text NOT NULL,
    variant text NOT NULL,
    exposed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT exposures_flag_check CHECK ((length(flag) <= 80)),
    CONSTRAINT exposures_unit_check CHECK ((length(unit) <= 200)),
    CONSTRAINT exposures_variant_check CHECK ((length(variant) <= 80))
);

ALTER TABLE ONLY app.exposures FORCE ROW LEVEL SECURITY;

ALTER TABLE app.exposures OWNER TO freehold_owner;

COMMENT ON TABLE app.exposures IS 'unaudited: it is a record itself: who was shown what first when';

COMMENT ON COLUMN app.exposures.unit IS 'personal';

CREATE TABLE app.flag_changes (
    id uuid DEFAULT uuidv7() NOT NULL,
    key text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    operator text NOT NULL,
    reason text NOT NULL,
    request_id text NOT NULL,
    before jsonb,
    after jsonb NOT NULL,
    CONSTRAINT flag_changes_reason_check CHECK (((length(reason) >= 10) AND (length(reason) <= 500)))
);

ALTER TABLE app.flag_changes OWNER TO freehold_owner;

COMMENT ON TABLE app.flag_changes IS 'global: who has changed which flag, when and why';

CREATE TABLE app.flag_targets (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    flag text NOT NULL,
    member_id uuid,
    variant text NOT NULL,
    reason text NOT NULL,
    targeted_by text NOT NULL,
    until timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT flag_targets_reason_check CHECK (((length(reason) >= 10) AND (length(reason) <= 500))),
    CONSTRAINT flag_targets_variant_check CHECK (((length(variant) >= 1) AND (length(variant) <= 80)))
);

ALTER TABLE ONLY app.flag_targets FORCE ROW LEVEL SECURITY;

ALTER TABLE app.flag_targets OWNER TO freehold_owner;

CREATE TABLE app.flags (
    key text NOT NULL,
    definition jsonb NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT flags_definition_check CHECK (((length((definition)::text) <= 65536) AND app.names_nobody(definition))),
    CONSTRAINT flags_key_check CHECK ((key ~ '^[a-z][a-z0-9_.-]{0,79}$'::text))
);

ALTER TABLE app.flags OWNER TO freehold_owner;

COMMENT ON TABLE app.flags IS 'global: what is shown to whom, in rules that name no tenant; operators change it';

CREATE TABLE app.grants (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    member_id uuid NOT NULL,
    resource text NOT NULL,
    resource_id uuid NOT NULL,
    role text,
    custom_role uuid,
    created_by uuid DEFAULT (current_setting('app.member_id'::text))::uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT grants_one_role CHECK ((num_nonnulls(role, custom_role) = 1))
);

ALTER TABLE ONLY app.grants FORCE ROW LEVEL SECURITY;

ALTER TABLE app.grants OWNER TO freehold_owner;

CREATE TABLE app.group_members (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    group_id uuid NOT NULL,
    member_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY app.group_members FORCE ROW LEVEL SECURITY;

ALTER TABLE app.group_members OWNER TO freehold_owner;

CREATE TABLE app.groups (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    display_name text NOT NULL,
    external_id text,
    role text,
    custom_role uuid,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT groups_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 256))),
    CONSTRAINT groups_one_role CHECK ((num_nonnulls(role, custom_role) <= 1)),
    CONSTRAINT groups_role_check CHECK ((role <> 'owner'::text))
);

ALTER TABLE ONLY app.groups FORCE ROW LEVEL SECURITY;

ALTER TABLE app.groups OWNER TO freehold_owner;

CREATE TABLE app.idempotency (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    principal text DEFAULT current_setting('app.principal'::text) NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    result jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY app.idempotency FORCE ROW LEVEL SECURITY;

ALTER TABLE app.idempotency OWNER TO freehold_owner;

COMMENT ON TABLE app.idempotency IS 'unaudited: a machine''s memory of answers, kept for a day';

COMMENT ON COLUMN app.idempotency.result IS 'personal';

CREATE TABLE app.impersonations (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid NOT NULL,
    operator text NOT NULL,
    member_id uuid NOT NULL,
    reason text NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone DEFAULT (now() + '00:15:00'::interval) NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT impersonations_check CHECK (((expires_at > created_at) AND (expires_at <= (created_at + '01:00:00'::interval))))
);

ALTER TABLE ONLY app.impersonations FORCE ROW LEVEL SECURITY;

ALTER TABLE app.impersonations OWNER TO freehold_owner;

COMMENT ON COLUMN app.impersonations.token_hash IS 'secret';

CREATE TABLE app.inbox (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    consumer text NOT NULL,
    event_id uuid NOT NULL
)
PARTITION BY RANGE (event_id);

ALTER TABLE ONLY app.inbox FORCE ROW LEVEL SECURITY;

ALTER TABLE app.inbox OWNER TO freehold_owner;

COMMENT ON TABLE app.inbox IS 'unaudited: a machine''s memory of the events that it has had';

CREATE TABLE app.inbox_default (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid CONSTRAINT inbox_tenant_id_not_null NOT NULL,
    consumer text CONSTRAINT inbox_consumer_not_null NOT NULL,
    event_id uuid CONSTRAINT inbox_event_id_not_null NOT NULL
);

ALTER TABLE ONLY app.inbox_default FORCE ROW LEVEL SECURITY;

ALTER TABLE app.inbox_default OWNER TO freehold_owner;

CREATE TABLE app.invitation_tokens (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    token_hash bytea NOT NULL,
    invitation_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY app.invitation_tokens FORCE ROW LEVEL SECURITY;

ALTER TABLE app.invitation_tokens OWNER TO freehold_owner;

COMMENT ON TABLE app.invitation_tokens IS 'unaudited: what was mailed for an invitation, which is audited';

COMMENT ON COLUMN app.invitation_tokens.token_hash IS 'secret';

CREATE TABLE app.invitations (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    email text NOT NULL,
    role text,
    custom_role uuid,
    invited_by uuid DEFAULT (current_setting('app.member_id'::text))::uuid NOT NULL,
    locale text DEFAULT 'en'::text NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    accepted_by uuid,
    expires_at timestamp with time zone DEFAULT (now() + '7 days'::interval) NOT NULL,
    sent_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT invitations_email_check CHECK (((length(email) >= 3) AND (length(email) <= 254))),
    CONSTRAINT invitations_one_role CHECK ((num_nonnulls(role, custom_role) = 1)),
    CONSTRAINT invitations_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'accepted'::text, 'revoked'::text])))
);

ALTER TABLE ONLY app.invitations FORCE ROW LEVEL SECURITY;

ALTER TABLE app.invitations OWNER TO freehold_owner;

COMMENT ON COLUMN app.invitations.email IS 'personal';

CREATE TABLE app.invoices (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid NOT NULL,
    stripe_id text NOT NULL,
    subscription_id text,
    number text,
    status text NOT NULL,
    billing_reason text,
    currency text NOT NULL,
    subtotal bigint NOT NULL,
    discount bigint DEFAULT 0 NOT NULL,
    tax bigint DEFAULT 0 NOT NULL,
    total bigint NOT NULL,
    amount_due bigint NOT NULL,
    amount_paid bigint NOT NULL,
    amount_remaining bigint NOT NULL,
    amount_refunded bigint DEFAULT 0 NOT NULL,
    disputed boolean DEFAULT false NOT NULL,
    attempt_count integer DEFAULT 0 NOT NULL,
    next_payment_attempt timestamp with time zone,
    hosted_url text,
    pdf_url text,
    period_start timestamp with time zone,
    period_end timestamp with time zone,
    issued_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    paid_at timestamp with time zone,
    lines jsonb DEFAULT '[]'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT invoices_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text))
);

ALTER TABLE ONLY app.invoices FORCE ROW LEVEL SECURITY;

ALTER TABLE app.invoices OWNER TO freehold_owner;

COMMENT ON TABLE app.invoices IS 'unaudited: a machine''s copy of what Stripe holds';

COMMENT ON COLUMN app.invoices.hosted_url IS 'personal';

COMMENT ON COLUMN app.invoices.pdf_url IS 'personal';

CREATE TABLE app.job_classes (
    name text NOT NULL,
    public boolean NOT NULL,
    weight integer NOT NULL,
    concurrency integer NOT NULL,
    backlog integer,
    handover interval NOT NULL,
    lease interval NOT NULL,
    CONSTRAINT job_classes_backlog_check CHECK ((backlog >= 0)),
    CONSTRAINT job_classes_concurrency_check CHECK (((concurrency >= 0) AND (concurrency <= 1000))),
    CONSTRAINT job_classes_weight_check CHECK (((weight >= 1) AND (weight <= 1000)))
);

ALTER TABLE app.job_classes OWNER TO freehold_owner;

COMMENT ON TABLE app.job_classes IS 'global: the same read-only rows for every tenant, written by migrations';

CREATE TABLE app.job_quotas (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    job_class text NOT NULL,
    weight integer,
    concurrency integer,
    backlog integer,
    CONSTRAINT job_quotas_backlog_check CHECK ((backlog >= 0)),
    CONSTRAINT job_quotas_concurrency_check CHECK (((concurrency >= 0) AND (concurrency <= 1000))),
    CONSTRAINT job_quotas_weight_check CHECK (((weight >= 1) AND (weight <= 1000))),
    CONSTRAINT one_payment_at_once CHECK (((job_class <> 'payments'::text) OR (concurrency <= 1)))
);

ALTER TABLE ONLY app.job_quotas FORCE ROW LEVEL SECURITY;

ALTER TABLE app.job_quotas OWNER TO freehold_owner;

COMMENT ON TABLE app.job_quotas IS 'unaudited: a machine''s copy of what the plan gives, which is audited there';

CREATE TABLE app.job_rings (
    job_class text NOT NULL,
    tenant uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    credit integer DEFAULT 0 NOT NULL
);

ALTER TABLE app.job_rings OWNER TO freehold_owner;

COMMENT ON TABLE app.job_rings IS 'global: the dispatcher''s own note of where it stands';

CREATE TABLE app.jobs (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    kind text NOT NULL,
    job_class text NOT NULL,
    state text NOT NULL,
    cause text,
    lane uuid,
    input jsonb NOT NULL,
    checkpoint jsonb,
    result jsonb,
    reason text,
    done bigint,
    total bigint,
    attempt integer DEFAULT 0 NOT NULL,
    attempts integer NOT NULL,
    cancel_asked boolean DEFAULT false NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    deadline timestamp with time zone,
    token uuid,
    lease_until timestamp with time zone,
    created_by text DEFAULT "substring"(current_setting('app.principal'::text), '[^/]*$'::text) NOT NULL,
    request_id text DEFAULT current_setting('app.request_id'::text) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT jobs_attempts_check CHECK ((attempts > 0)),
    CONSTRAINT jobs_check CHECK (((state = ANY (ARRAY['queued'::text, 'running'::text])) = (token IS NOT NULL))),
    CONSTRAINT jobs_check1 CHECK (((token IS NULL) = (lease_until IS NULL))),
    CONSTRAINT jobs_check2 CHECK (((state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'canceled'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT jobs_state_check CHECK ((state = ANY (ARRAY['scheduled'::text, 'waiting'::text, 'queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'canceled'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_insert_scale_factor='0.2');

ALTER TABLE ONLY app.jobs FORCE ROW LEVEL SECURITY;

ALTER TABLE app.jobs OWNER TO freehold_owner;

COMMENT ON TABLE app.jobs IS 'unaudited: a machine''s list of work; what the work changes is audited where it does';

COMMENT ON COLUMN app.jobs.input IS 'personal';

COMMENT ON COLUMN app.jobs.checkpoint IS 'personal';

COMMENT ON COLUMN app.jobs.result IS 'personal';

CREATE TABLE app.members (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    issuer text,
    subject text,
    email text,
    name text,
    role text,
    status text DEFAULT 'active'::text NOT NULL,
    sessions_ended_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    custom_role uuid,
    break_glass boolean DEFAULT false NOT NULL,
    user_name text,
    external_id text,
    given_name text,
    family_name text,
    emails jsonb,
    provisioned_by uuid,
    deprovisioned_from text,
    CONSTRAINT members_deprovisioned_from CHECK ((deprovisioned_from = ANY (ARRAY['active'::text, 'suspended'::text]))),
    CONSTRAINT members_identity CHECK ((num_nulls(issuer, subject) = ANY (ARRAY[0, 2]))),
    CONSTRAINT members_one_role CHECK ((num_nonnulls(role, custom_role) = 1)),
    CONSTRAINT members_own_identity CHECK (((NOT starts_with(issuer, 'sso:'::text)) OR starts_with(issuer, (('sso:'::text || tenant_id) || ':'::text)))),
    CONSTRAINT members_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'deprovisioned'::text, 'removed'::text])))
);

ALTER TABLE ONLY app.members FORCE ROW LEVEL SECURITY;

ALTER TABLE app.members OWNER TO freehold_owner;

COMMENT ON COLUMN app.members.subject IS 'personal';

COMMENT ON COLUMN app.members.email IS 'personal';

COMMENT ON COLUMN app.members.name IS 'personal';

COMMENT ON COLUMN app.members.user_name IS 'personal';

COMMENT ON COLUMN app.members.external_id IS 'personal';

COMMENT ON COLUMN app.members.given_name IS 'personal';

COMMENT ON COLUMN app.members.family_name IS 'personal';

COMMENT ON COLUMN app.members.emails IS 'personal';

CREATE TABLE app.projects (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    archived_at timestamp with time zone,
    created_by uuid DEFAULT (current_setting('app.member_id'::text))::uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT projects_description_check CHECK ((length(description) <= 2000)),
    CONSTRAINT projects_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE ONLY app.projects FORCE ROW LEVEL SECURITY;

ALTER TABLE app.projects OWNER TO freehold_owner;

CREATE VIEW app.limited_rows WITH (security_invoker='true') AS
 SELECT 'seats'::text AS key,
    members.tenant_id
   FROM app.members
  WHERE (members.status = 'active'::text)
UNION ALL
 SELECT 'projects'::text AS key,
    projects.tenant_id
   FROM app.projects
  WHERE true;

ALTER VIEW app.limited_rows OWNER TO freehold_owner;

CREATE TABLE app.limited_tables (
    key text NOT NULL,
    target text NOT NULL,
    condition text NOT NULL,
    CONSTRAINT limited_tables_key_check CHECK ((key ~ '^[a-z][a-z0-9_]{0,59}$'::text))
);

ALTER TABLE app.limited_tables OWNER TO freehold_owner;

COMMENT ON TABLE app.limited_tables IS 'global: which rows a limit counts; the same read-only rows for every tenant, written by migrations';

CREATE TABLE app.outbox (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    type text NOT NULL,
    subject_id uuid NOT NULL,
    request_id text DEFAULT current_setting('app.request_id'::text) NOT NULL,
    occurred_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    published_at timestamp with time zone
)
PARTITION BY RANGE (id);

ALTER TABLE ONLY app.outbox FORCE ROW LEVEL SECURITY;

ALTER TABLE app.outbox OWNER TO freehold_owner;

COMMENT ON TABLE app.outbox IS 'unaudited: a machine''s copy of changes that are audited where they happen';

COMMENT ON COLUMN app.outbox.data IS 'personal';

CREATE TABLE app.outbox_default (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid CONSTRAINT outbox_tenant_id_not_null NOT NULL,
    id uuid DEFAULT uuidv7() CONSTRAINT outbox_id_not_null NOT NULL,
    type text CONSTRAINT outbox_type_not_null NOT NULL,
    subject_id uuid CONSTRAINT outbox_subject_id_not_null NOT NULL,
    request_id text DEFAULT current_setting('app.request_id'::text) CONSTRAINT outbox_request_id_not_null NOT NULL,
    occurred_at timestamp with time zone DEFAULT now() CONSTRAINT outbox_occurred_at_not_null NOT NULL,
    version integer DEFAULT 1 CONSTRAINT outbox_version_not_null NOT NULL,
    data jsonb DEFAULT '{}'::jsonb CONSTRAINT outbox_data_not_null NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT outbox_due_at_not_null NOT NULL,
    failures integer DEFAULT 0 CONSTRAINT outbox_failures_not_null NOT NULL,
    published_at timestamp with time zone
);

ALTER TABLE ONLY app.outbox_default FORCE ROW LEVEL SECURITY;

ALTER TABLE app.outbox_default OWNER TO freehold_owner;

CREATE TABLE app.overrides (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    source text NOT NULL,
    plan text,
    features text[] DEFAULT '{}'::text[] NOT NULL,
    limits jsonb DEFAULT '{}'::jsonb NOT NULL,
    rates jsonb DEFAULT '{}'::jsonb NOT NULL,
    reason text NOT NULL,
    agreed_by text NOT NULL,
    until timestamp with time zone,
    ended_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT overrides_features_check CHECK ((cardinality(features) <= 200)),
    CONSTRAINT overrides_limits_check CHECK (((jsonb_typeof(limits) = 'object'::text) AND (length((limits)::text) <= 8192))),
    CONSTRAINT overrides_plan_check CHECK (((length(plan) >= 1) AND (length(plan) <= 60))),
    CONSTRAINT overrides_rates_check CHECK (((jsonb_typeof(rates) = 'object'::text) AND (length((rates)::text) <= 8192))),
    CONSTRAINT overrides_reason_check CHECK (((length(reason) >= 10) AND (length(reason) <= 500))),
    CONSTRAINT overrides_source_check CHECK ((source = ANY (ARRAY['file'::text, 'operator'::text])))
);

ALTER TABLE ONLY app.overrides FORCE ROW LEVEL SECURITY;

ALTER TABLE app.overrides OWNER TO freehold_owner;

CREATE TABLE app.permissions (
    name text NOT NULL,
    description text NOT NULL,
    needs app.access NOT NULL,
    resource text
);

ALTER TABLE app.permissions OWNER TO freehold_owner;

COMMENT ON TABLE app.permissions IS 'global: the same read-only rows for every tenant, written by migrations';

CREATE TABLE app.residents (
    id uuid NOT NULL
);

ALTER TABLE app.residents OWNER TO freehold_owner;

COMMENT ON TABLE app.residents IS 'global: the ids of the tenants of this cell, for migrations that go through them one by one';

CREATE TABLE app.retention (
    table_name text NOT NULL,
    keep interval NOT NULL,
    CONSTRAINT retention_keep_check CHECK ((keep > '00:00:00'::interval))
);

ALTER TABLE app.retention OWNER TO freehold_owner;

COMMENT ON TABLE app.retention IS 'global: for how long the rows of partitioned tables are kept, written by migrations';

CREATE TABLE app.roles (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    permissions text[] NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT roles_description_check CHECK ((length(description) <= 500)),
    CONSTRAINT roles_name_check CHECK (((length(name) >= 1) AND (length(name) <= 60))),
    CONSTRAINT roles_permissions_check CHECK ((cardinality(permissions) <= 200))
);

ALTER TABLE ONLY app.roles FORCE ROW LEVEL SECURITY;

ALTER TABLE app.roles OWNER TO freehold_owner;

CREATE TABLE app.snapshot (
    one boolean DEFAULT true NOT NULL,
    version bigint DEFAULT (EXTRACT(epoch FROM clock_timestamp()) * (1000000)::numeric) NOT NULL,
    catalog jsonb DEFAULT '{}'::jsonb NOT NULL,
    digest text DEFAULT ''::text NOT NULL,
    overridden uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    published_at timestamp with time zone,
    CONSTRAINT snapshot_catalog_check CHECK (app.names_nobody(catalog)),
    CONSTRAINT snapshot_one_check CHECK (one)
);

ALTER TABLE app.snapshot OWNER TO freehold_owner;

COMMENT ON TABLE app.snapshot IS 'global: the plans as they were published last, and the version of plans and flags together';

CREATE TABLE app.sso_connections (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    issuer text NOT NULL,
    audience text NOT NULL,
    role text,
    custom_role uuid,
    jit boolean NOT NULL,
    status text NOT NULL,
    answered_by uuid DEFAULT (current_setting('app.member_id'::text))::uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT sso_connections_audience_check CHECK (((length(audience) >= 1) AND (length(audience) <= 255))),
    CONSTRAINT sso_connections_issuer_check CHECK (((length(issuer) >= 9) AND (length(issuer) <= 255))),
    CONSTRAINT sso_connections_one_role CHECK ((num_nonnulls(role, custom_role) = 1)),
    CONSTRAINT sso_connections_role_check CHECK ((role <> 'owner'::text)),
    CONSTRAINT sso_connections_status_check CHECK ((status = ANY (ARRAY['enabled'::text, 'disabled'::text])))
);

ALTER TABLE ONLY app.sso_connections FORCE ROW LEVEL SECURITY;

ALTER TABLE app.sso_connections OWNER TO freehold_owner;

CREATE TABLE app.subscriptions (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid NOT NULL,
    stripe_id text NOT NULL,
    status text NOT NULL,
    currency text NOT NULL,
    items jsonb NOT NULL,
    discounts jsonb DEFAULT '[]'::jsonb NOT NULL,
    pending_update jsonb,
    current_period_start timestamp with time zone,
    current_period_end timestamp with time zone,
    trial_start timestamp with time zone,
    trial_end timestamp with time zone,
    cancel_at timestamp with time zone,
    canceled_at timestamp with time zone,
    ended_at timestamp with time zone,
    past_due_since timestamp with time zone,
    started_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY app.subscriptions FORCE ROW LEVEL SECURITY;

ALTER TABLE app.subscriptions OWNER TO freehold_owner;

COMMENT ON TABLE app.subscriptions IS 'unaudited: a machine''s copy of what Stripe holds';

CREATE TABLE app.turns (
    name text NOT NULL,
    period text NOT NULL,
    holder text NOT NULL,
    until timestamp with time zone NOT NULL,
    done_at timestamp with time zone
);

ALTER TABLE app.turns OWNER TO freehold_owner;

COMMENT ON TABLE app.turns IS 'global: what the clock has done, and who is at it; of no tenant';

CREATE TABLE app.usage_events (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    meter text NOT NULL,
    source text NOT NULL,
    event_id text NOT NULL,
    quantity bigint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    subject text,
    properties jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT usage_events_quantity_check CHECK ((quantity >= 0))
)
PARTITION BY RANGE (id);

ALTER TABLE ONLY app.usage_events FORCE ROW LEVEL SECURITY;

ALTER TABLE app.usage_events OWNER TO freehold_owner;

COMMENT ON TABLE app.usage_events IS 'unaudited: it is a record itself: what is in it is never changed';

COMMENT ON COLUMN app.usage_events.subject IS 'personal';

COMMENT ON COLUMN app.usage_events.properties IS 'personal';

CREATE TABLE app.usage_events_default (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid CONSTRAINT usage_events_tenant_id_not_null NOT NULL,
    id uuid DEFAULT uuidv7() CONSTRAINT usage_events_id_not_null NOT NULL,
    meter text CONSTRAINT usage_events_meter_not_null NOT NULL,
    source text CONSTRAINT usage_events_source_not_null NOT NULL,
    event_id text CONSTRAINT usage_events_event_id_not_null NOT NULL,
    quantity bigint CONSTRAINT usage_events_quantity_not_null NOT NULL,
    occurred_at timestamp with time zone CONSTRAINT usage_events_occurred_at_not_null NOT NULL,
    subject text,
    properties jsonb,
    created_at timestamp with time zone DEFAULT now() CONSTRAINT usage_events_created_at_not_null NOT NULL,
    CONSTRAINT usage_events_quantity_check CHECK ((quantity >= 0))
);

ALTER TABLE ONLY app.usage_events_default FORCE ROW LEVEL SECURITY;

ALTER TABLE app.usage_events_default OWNER TO freehold_owner;

CREATE TABLE app.usage_hours (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    meter text NOT NULL,
    hour timestamp with time zone NOT NULL,
    quantity numeric DEFAULT 0 NOT NULL,
    events bigint DEFAULT 0 NOT NULL,
    claimed numeric DEFAULT 0 NOT NULL,
    free numeric DEFAULT 0 NOT NULL,
    CONSTRAINT usage_hours_quantity_check CHECK ((quantity >= (0)::numeric))
)
WITH (fillfactor='50');

ALTER TABLE ONLY app.usage_hours FORCE ROW LEVEL SECURITY;

ALTER TABLE app.usage_hours OWNER TO freehold_owner;

COMMENT ON TABLE app.usage_hours IS 'unaudited: a machine''s sums of what it records';

CREATE TABLE app.usage_keys (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    digest uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_insert_scale_factor='0.2');

ALTER TABLE ONLY app.usage_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE app.usage_keys OWNER TO freehold_owner;

COMMENT ON TABLE app.usage_keys IS 'unaudited: a machine''s memory of what it has recorded, kept for 36 days';

CREATE TABLE app.usage_reports (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    meter text NOT NULL,
    hour timestamp with time zone NOT NULL,
    part integer NOT NULL,
    since timestamp with time zone NOT NULL,
    quantity numeric NOT NULL,
    customer_id text NOT NULL,
    counted_at timestamp with time zone NOT NULL,
    first_counted_at timestamp with time zone NOT NULL,
    state text DEFAULT 'sending'::text NOT NULL,
    reason text,
    sent_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT usage_reports_check CHECK (((state = 'sending'::text) = (finished_at IS NULL))),
    CONSTRAINT usage_reports_quantity_check CHECK ((quantity > (0)::numeric)),
    CONSTRAINT usage_reports_state_check CHECK ((state = ANY (ARRAY['sending'::text, 'reported'::text, 'refused'::text, 'void'::text, 'doubtful'::text])))
);

ALTER TABLE ONLY app.usage_reports FORCE ROW LEVEL SECURITY;

ALTER TABLE app.usage_reports OWNER TO freehold_owner;

COMMENT ON TABLE app.usage_reports IS 'unaudited: a machine''s note of what it has told Stripe';

CREATE TABLE app.usage_unreported (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    changes bigint DEFAULT (EXTRACT(epoch FROM clock_timestamp()) * (1000000)::numeric) NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    job_id uuid
)
WITH (fillfactor='50');

ALTER TABLE ONLY app.usage_unreported FORCE ROW LEVEL SECURITY;

ALTER TABLE app.usage_unreported OWNER TO freehold_owner;

COMMENT ON TABLE app.usage_unreported IS 'unaudited: a machine''s note of what it still has to do';

CREATE TABLE app.webhook_endpoints (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    url text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    events text[] NOT NULL,
    permissions text[] NOT NULL,
    secret text NOT NULL,
    former_secrets jsonb DEFAULT '[]'::jsonb NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    disabled_reason text,
    disabled_at timestamp with time zone,
    created_by uuid DEFAULT (current_setting('app.member_id'::text))::uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT webhook_endpoints_description_check CHECK ((length(description) <= 2000)),
    CONSTRAINT webhook_endpoints_disabled_reason_check CHECK ((disabled_reason = ANY (ARRAY['gone'::text, 'failing'::text]))),
    CONSTRAINT webhook_endpoints_state_check CHECK ((state = ANY (ARRAY['active'::text, 'disabled'::text]))),
    CONSTRAINT webhook_endpoints_url_check CHECK ((length(url) <= 2048))
);

ALTER TABLE ONLY app.webhook_endpoints FORCE ROW LEVEL SECURITY;

ALTER TABLE app.webhook_endpoints OWNER TO freehold_owner;

COMMENT ON COLUMN app.webhook_endpoints.secret IS 'secret';

COMMENT ON COLUMN app.webhook_endpoints.former_secrets IS 'secret';

CREATE TABLE app.webhook_failures (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    timeouts integer DEFAULT 0 NOT NULL,
    pauses integer DEFAULT 0 NOT NULL,
    paused_since timestamp with time zone,
    paused_until timestamp with time zone,
    recovers boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY app.webhook_failures FORCE ROW LEVEL SECURITY;

ALTER TABLE app.webhook_failures OWNER TO freehold_owner;

COMMENT ON TABLE app.webhook_failures IS 'unaudited: a machine''s memory of how a receiver answers';

CREATE TABLE app.webhook_quotas (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    endpoints integer DEFAULT 20 NOT NULL,
    CONSTRAINT webhook_quotas_endpoints_check CHECK (((endpoints >= 20) AND (endpoints <= 10000)))
);

ALTER TABLE ONLY app.webhook_quotas FORCE ROW LEVEL SECURITY;

ALTER TABLE app.webhook_quotas OWNER TO freehold_owner;

COMMENT ON TABLE app.webhook_quotas IS 'unaudited: a machine''s copy of what the plan gives, which is audited there';

CREATE TABLE app.workers (
    name text NOT NULL,
    description text NOT NULL
);

ALTER TABLE app.workers OWNER TO freehold_owner;

COMMENT ON TABLE app.workers IS 'global: the same read-only rows for every tenant, written by migrations';

CREATE TABLE directory.domains (
    issuer text DEFAULT 'dns'::text NOT NULL,
    subject text NOT NULL,
    tenant_id uuid NOT NULL
);

ALTER TABLE ONLY directory.domains FORCE ROW LEVEL SECURITY;

ALTER TABLE directory.domains OWNER TO freehold_owner;

COMMENT ON TABLE directory.domains IS 'identity: which tenant has shown that a domain is its own';

CREATE TABLE directory.issuers (
    issuer text NOT NULL,
    subject text DEFAULT ''::text NOT NULL,
    audience text NOT NULL,
    tenant_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    enabled boolean NOT NULL
);

ALTER TABLE ONLY directory.issuers FORCE ROW LEVEL SECURITY;

ALTER TABLE directory.issuers OWNER TO freehold_owner;

COMMENT ON TABLE directory.issuers IS 'identity: which tenant an issuer''s tokens for an audience are for';

CREATE TABLE directory.memberships (
    issuer text NOT NULL,
    subject text NOT NULL,
    tenant_id uuid NOT NULL,
    CONSTRAINT memberships_own_identity CHECK (((NOT starts_with(issuer, 'sso:'::text)) OR starts_with(issuer, (('sso:'::text || tenant_id) || ':'::text))))
);

ALTER TABLE ONLY directory.memberships FORCE ROW LEVEL SECURITY;

ALTER TABLE directory.memberships OWNER TO freehold_owner;

COMMENT ON TABLE directory.memberships IS 'identity: which tenants may know this person; the tenant''s cell has the truth';

COMMENT ON COLUMN directory.memberships.subject IS 'personal';

CREATE TABLE directory.sign_ups (
    issuer text NOT NULL,
    subject text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    tenant_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY directory.sign_ups FORCE ROW LEVEL SECURITY;

ALTER TABLE directory.sign_ups OWNER TO freehold_owner;

COMMENT ON TABLE directory.sign_ups IS 'identity: idempotency keys of sign-ups, which happen before there is a tenant';

COMMENT ON COLUMN directory.sign_ups.subject IS 'personal';

CREATE TABLE directory.stripe_events (
    issuer text DEFAULT 'stripe'::text NOT NULL,
    subject text NOT NULL,
    id uuid NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    api_version text,
    livemode boolean NOT NULL,
    object_id text,
    idempotency_key text,
    state text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT stripe_events_event_id_check CHECK (((length(event_id) >= 1) AND (length(event_id) <= 255))),
    CONSTRAINT stripe_events_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'taken'::text, 'quarantined'::text])))
)
PARTITION BY RANGE (id);

ALTER TABLE ONLY directory.stripe_events FORCE ROW LEVEL SECURITY;

ALTER TABLE directory.stripe_events OWNER TO freehold_owner;

COMMENT ON TABLE directory.stripe_events IS 'identity: what Stripe has told of one customer, until it is old';

COMMENT ON COLUMN directory.stripe_events.payload IS 'personal';

CREATE TABLE directory.stripe_events_default (
    issuer text DEFAULT 'stripe'::text CONSTRAINT stripe_events_issuer_not_null NOT NULL,
    subject text CONSTRAINT stripe_events_subject_not_null NOT NULL,
    id uuid CONSTRAINT stripe_events_id_not_null NOT NULL,
    event_id text CONSTRAINT stripe_events_event_id_not_null NOT NULL,
    type text CONSTRAINT stripe_events_type_not_null NOT NULL,
    api_version text,
    livemode boolean CONSTRAINT stripe_events_livemode_not_null NOT NULL,
    object_id text,
    idempotency_key text,
    state text CONSTRAINT stripe_events_state_not_null NOT NULL,
    payload jsonb CONSTRAINT stripe_events_payload_not_null NOT NULL,
    created_at timestamp with time zone CONSTRAINT stripe_events_created_at_not_null NOT NULL,
    received_at timestamp with time zone DEFAULT now() CONSTRAINT stripe_events_received_at_not_null NOT NULL,
    CONSTRAINT stripe_events_event_id_check CHECK (((length(event_id) >= 1) AND (length(event_id) <= 255))),
    CONSTRAINT stripe_events_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'taken'::text, 'quarantined'::text])))
);

ALTER TABLE ONLY directory.stripe_events_default FORCE ROW LEVEL SECURITY;

ALTER TABLE directory.stripe_events_default OWNER TO freehold_owner;

COMMENT ON TABLE directory.stripe_events_default IS 'identity: what Stripe has told of one customer, until it is old';

CREATE TABLE directory.stripe_links (
    issuer text DEFAULT 'stripe'::text NOT NULL,
    subject text NOT NULL,
    tenant_id uuid NOT NULL,
    CONSTRAINT stripe_links_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 255)))
);

ALTER TABLE ONLY directory.stripe_links FORCE ROW LEVEL SECURITY;

ALTER TABLE directory.stripe_links OWNER TO freehold_owner;

COMMENT ON TABLE directory.stripe_links IS 'identity: which tenant a customer of Stripe''s is, or one on a test clock';

CREATE TABLE directory.tenants (
    id uuid NOT NULL,
    cell text DEFAULT 'pool'::text NOT NULL,
    epoch integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY directory.tenants FORCE ROW LEVEL SECURITY;

ALTER TABLE directory.tenants OWNER TO freehold_owner;

COMMENT ON TABLE directory.tenants IS 'unaudited: a machine''s index of where tenants live';

CREATE TABLE directory.trials (
    issuer text DEFAULT 'trial'::text NOT NULL,
    subject text NOT NULL,
    tenant_id uuid NOT NULL,
    CONSTRAINT trials_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 255)))
);

ALTER TABLE ONLY directory.trials FORCE ROW LEVEL SECURITY;

ALTER TABLE directory.trials OWNER TO freehold_owner;

COMMENT ON TABLE directory.trials IS 'identity: what tells that somebody has had a trial, as a digest';

CREATE TABLE migrations.applied (
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE migrations.applied OWNER TO freehold_owner;

COMMENT ON TABLE migrations.applied IS 'global: which migrations ran';

CREATE TABLE migrations.steps (
    name text NOT NULL,
    step integer NOT NULL,
    checksum text NOT NULL,
    done_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE migrations.steps OWNER TO freehold_owner;

COMMENT ON TABLE migrations.steps IS 'global: which steps ran of a migration that has some';

ALTER TABLE ONLY app.audit ATTACH PARTITION app.audit_default DEFAULT;

ALTER TABLE ONLY app.deliveries ATTACH PARTITION app.deliveries_default DEFAULT;

ALTER TABLE ONLY app.delivery_attempts ATTACH PARTITION app.delivery_attempts_default DEFAULT;

ALTER TABLE ONLY app.inbox ATTACH PARTITION app.inbox_default DEFAULT;

ALTER TABLE ONLY app.outbox ATTACH PARTITION app.outbox_default DEFAULT;

ALTER TABLE ONLY app.usage_events ATTACH PARTITION app.usage_events_default DEFAULT;

ALTER TABLE ONLY directory.stripe_events ATTACH PARTITION directory.stripe_events_default DEFAULT;

ALTER TABLE ONLY app.access_grants
    ADD CONSTRAINT access_grants_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.allowances
    ADD CONSTRAINT allowances_pkey PRIMARY KEY (tenant_id, bucket);

ALTER TABLE ONLY app.api_key_uses
    ADD CONSTRAINT api_key_uses_pkey PRIMARY KEY (tenant_id, api_key_id);

ALTER TABLE ONLY app.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.api_keys
    ADD CONSTRAINT api_keys_tenant_id_secret_hash_key UNIQUE (tenant_id, secret_hash);

ALTER TABLE ONLY app.audit_checkpoints
    ADD CONSTRAINT audit_checkpoints_pkey PRIMARY KEY (tenant_id, before);

ALTER TABLE ONLY app.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.audit_default
    ADD CONSTRAINT audit_default_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.audit_heads
    ADD CONSTRAINT audit_heads_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY app.audit_seals
    ADD CONSTRAINT audit_seals_pkey PRIMARY KEY (tenant_id, seq);

ALTER TABLE ONLY app.audit_seals
    ADD CONSTRAINT audit_seals_tenant_id_audit_id_key UNIQUE (tenant_id, audit_id);

ALTER TABLE ONLY app.audit_unsealed
    ADD CONSTRAINT audit_unsealed_pkey PRIMARY KEY (tenant_id, audit_id);

ALTER TABLE ONLY app.billing_accounts
    ADD CONSTRAINT billing_accounts_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY app.billing_accounts
    ADD CONSTRAINT billing_accounts_tenant_id_id_key UNIQUE (tenant_id, id);

ALTER TABLE ONLY app.billing_notices
    ADD CONSTRAINT billing_notices_pkey PRIMARY KEY (tenant_id, subject);

ALTER TABLE ONLY app.billing_operations
    ADD CONSTRAINT billing_operations_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.billing_operations
    ADD CONSTRAINT billing_operations_tenant_id_key_key UNIQUE (tenant_id, key);

ALTER TABLE ONLY app.billing_syncs
    ADD CONSTRAINT billing_syncs_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY app.builtin_roles
    ADD CONSTRAINT builtin_roles_pkey PRIMARY KEY (name);

ALTER TABLE ONLY app.decision_versions
    ADD CONSTRAINT decision_versions_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY app.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.deliveries_default
    ADD CONSTRAINT deliveries_default_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.delivery_attempts
    ADD CONSTRAINT delivery_attempts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.delivery_attempts_default
    ADD CONSTRAINT delivery_attempts_default_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.domains
    ADD CONSTRAINT domains_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.domains
    ADD CONSTRAINT domains_tenant_id_name_key UNIQUE (tenant_id, name);

ALTER TABLE ONLY app.email_suppressions
    ADD CONSTRAINT email_suppressions_pkey PRIMARY KEY (tenant_id, address);

ALTER TABLE ONLY app.emails
    ADD CONSTRAINT emails_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.emails
    ADD CONSTRAINT emails_tenant_id_cause_address_key UNIQUE (tenant_id, cause, address);

ALTER TABLE ONLY app.exposures
    ADD CONSTRAINT exposures_pkey PRIMARY KEY (tenant_id, flag, unit, variant);

ALTER TABLE ONLY app.flag_changes
    ADD CONSTRAINT flag_changes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.flag_targets
    ADD CONSTRAINT flag_targets_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.flag_targets
    ADD CONSTRAINT flag_targets_tenant_id_flag_member_id_key UNIQUE NULLS NOT DISTINCT (tenant_id, flag, member_id);

ALTER TABLE ONLY app.flags
    ADD CONSTRAINT flags_pkey PRIMARY KEY (key);

ALTER TABLE ONLY app.grants
    ADD CONSTRAINT grants_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.grants
    ADD CONSTRAINT grants_tenant_id_member_id_resource_resource_id_key UNIQUE (tenant_id, member_id, resource, resource_id);

ALTER TABLE ONLY app.group_members
    ADD CONSTRAINT group_members_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.group_members
    ADD CONSTRAINT group_members_tenant_id_group_id_member_id_key UNIQUE (tenant_id, group_id, member_id);

ALTER TABLE ONLY app.groups
    ADD CONSTRAINT groups_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (tenant_id, principal, route, key);

ALTER TABLE ONLY app.impersonations
    ADD CONSTRAINT impersonations_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.impersonations
    ADD CONSTRAINT impersonations_tenant_id_token_hash_key UNIQUE (tenant_id, token_hash);

ALTER TABLE ONLY app.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (tenant_id, consumer, event_id);

ALTER TABLE ONLY app.inbox_default
    ADD CONSTRAINT inbox_default_pkey PRIMARY KEY (tenant_id, consumer, event_id);

ALTER TABLE ONLY app.invitation_tokens
    ADD CONSTRAINT invitation_tokens_pkey PRIMARY KEY (tenant_id, token_hash);

ALTER TABLE ONLY app.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.invoices
    ADD CONSTRAINT invoices_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.invoices
    ADD CONSTRAINT invoices_tenant_id_stripe_id_key UNIQUE (tenant_id, stripe_id);

ALTER TABLE ONLY app.job_classes
    ADD CONSTRAINT job_classes_pkey PRIMARY KEY (name);

ALTER TABLE ONLY app.job_quotas
    ADD CONSTRAINT job_quotas_pkey PRIMARY KEY (tenant_id, job_class);

ALTER TABLE ONLY app.job_rings
    ADD CONSTRAINT job_rings_pkey PRIMARY KEY (job_class);

ALTER TABLE ONLY app.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.limited_tables
    ADD CONSTRAINT limited_tables_pkey PRIMARY KEY (key);

ALTER TABLE ONLY app.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.members
    ADD CONSTRAINT members_tenant_id_issuer_subject_key UNIQUE (tenant_id, issuer, subject);

ALTER TABLE ONLY app.operator_visits
    ADD CONSTRAINT operator_visits_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.outbox_default
    ADD CONSTRAINT outbox_default_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.overrides
    ADD CONSTRAINT overrides_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.permissions
    ADD CONSTRAINT permissions_pkey PRIMARY KEY (name);

ALTER TABLE ONLY app.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.residents
    ADD CONSTRAINT residents_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.retention
    ADD CONSTRAINT retention_pkey PRIMARY KEY (table_name);

ALTER TABLE ONLY app.roles
    ADD CONSTRAINT roles_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.roles
    ADD CONSTRAINT roles_tenant_id_name_key UNIQUE (tenant_id, name);

ALTER TABLE ONLY app.scim_tokens
    ADD CONSTRAINT scim_tokens_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.scim_tokens
    ADD CONSTRAINT scim_tokens_tenant_id_token_hash_key UNIQUE (tenant_id, token_hash);

ALTER TABLE ONLY app.snapshot
    ADD CONSTRAINT snapshot_pkey PRIMARY KEY (one);

ALTER TABLE ONLY app.sso_connections
    ADD CONSTRAINT sso_connections_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.sso_connections
    ADD CONSTRAINT sso_connections_tenant_id_issuer_audience_key UNIQUE (tenant_id, issuer, audience);

ALTER TABLE ONLY app.subscriptions
    ADD CONSTRAINT subscriptions_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.subscriptions
    ADD CONSTRAINT subscriptions_tenant_id_stripe_id_key UNIQUE (tenant_id, stripe_id);

ALTER TABLE ONLY app.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.turns
    ADD CONSTRAINT turns_pkey PRIMARY KEY (name, period);

ALTER TABLE ONLY app.usage_events
    ADD CONSTRAINT usage_events_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.usage_events_default
    ADD CONSTRAINT usage_events_default_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.usage_hours
    ADD CONSTRAINT usage_hours_pkey PRIMARY KEY (tenant_id, meter, hour);

ALTER TABLE ONLY app.usage_keys
    ADD CONSTRAINT usage_keys_pkey PRIMARY KEY (tenant_id, digest);

ALTER TABLE ONLY app.usage_reports
    ADD CONSTRAINT usage_reports_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.usage_reports
    ADD CONSTRAINT usage_reports_tenant_id_meter_hour_part_key UNIQUE (tenant_id, meter, hour, part);

ALTER TABLE ONLY app.usage_unreported
    ADD CONSTRAINT usage_unreported_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY app.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.webhook_failures
    ADD CONSTRAINT webhook_failures_pkey PRIMARY KEY (tenant_id, endpoint_id);

ALTER TABLE ONLY app.webhook_quotas
    ADD CONSTRAINT webhook_quotas_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY app.workers
    ADD CONSTRAINT workers_pkey PRIMARY KEY (name);

ALTER TABLE ONLY directory.domains
    ADD CONSTRAINT domains_pkey PRIMARY KEY (issuer, subject);

ALTER TABLE ONLY directory.issuers
    ADD CONSTRAINT issuers_pkey PRIMARY KEY (issuer, subject, audience);

ALTER TABLE ONLY directory.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (issuer, subject, tenant_id);

ALTER TABLE ONLY directory.sign_ups
    ADD CONSTRAINT sign_ups_pkey PRIMARY KEY (issuer, subject, key);

ALTER TABLE ONLY directory.stripe_events
    ADD CONSTRAINT stripe_events_pkey PRIMARY KEY (issuer, subject, id);

ALTER TABLE ONLY directory.stripe_events_default
    ADD CONSTRAINT stripe_events_default_pkey PRIMARY KEY (issuer, subject, id);

ALTER TABLE ONLY directory.stripe_links
    ADD CONSTRAINT stripe_links_pkey PRIMARY KEY (issuer, subject, tenant_id);

ALTER TABLE ONLY directory.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);

ALTER TABLE ONLY directory.trials
    ADD CONSTRAINT trials_pkey PRIMARY KEY (issuer, subject);

ALTER TABLE ONLY migrations.applied
    ADD CONSTRAINT applied_pkey PRIMARY KEY (name);

ALTER TABLE ONLY migrations.steps
    ADD CONSTRAINT steps_pkey PRIMARY KEY (name, step);

CREATE INDEX api_keys_created_by ON app.api_keys USING btree (tenant_id, created_by);

CREATE UNIQUE INDEX api_keys_previous ON app.api_keys USING btree (tenant_id, previous_hash) WHERE (previous_hash IS NOT NULL);

CREATE INDEX audit_action ON ONLY app.audit USING btree (tenant_id, action, id);

CREATE INDEX audit_default_tenant_id_action_id_idx ON app.audit_default USING btree (tenant_id, action, id);

CREATE INDEX audit_principal ON ONLY app.audit USING btree (tenant_id, principal, id);

CREATE INDEX audit_default_tenant_id_principal_id_idx ON app.audit_default USING btree (tenant_id, principal, id);

CREATE INDEX audit_request ON ONLY app.audit USING btree (tenant_id, request_id, id);

CREATE INDEX audit_default_tenant_id_request_id_id_idx ON app.audit_default USING btree (tenant_id, request_id, id);

CREATE INDEX audit_row_id ON ONLY app.audit USING btree (tenant_id, row_id, id);

CREATE INDEX audit_default_tenant_id_row_id_id_idx ON app.audit_default USING btree (tenant_id, row_id, id);

CREATE INDEX audit_heads_unanchored ON app.audit_heads USING btree (tenant_id) WHERE (seq > anchored_seq);

CREATE INDEX billing_operations_asked ON app.billing_operations USING btree (tenant_id, asked_at) WHERE (kind = ANY (ARRAY['checkout'::text, 'portal'::text, 'preview'::text]));

CREATE INDEX billing_operations_latest ON app.billing_operations USING btree (tenant_id, id DESC) WHERE (kind = ANY (ARRAY['change'::text, 'cancel'::text, 'resume'::text]));

CREATE INDEX deliveries_endpoint ON ONLY app.deliveries USING btree (tenant_id, endpoint_id, id);

CREATE INDEX deliveries_default_tenant_id_endpoint_id_id_idx ON app.deliveries_default USING btree (tenant_id, endpoint_id, id);

CREATE INDEX deliveries_replay ON ONLY app.deliveries USING btree (tenant_id, replay_id, event_id) WHERE (replay_id IS NOT NULL);

CREATE INDEX deliveries_default_tenant_id_replay_id_event_id_idx ON app.deliveries_default USING btree (tenant_id, replay_id, event_id) WHERE (replay_id IS NOT NULL);

CREATE INDEX deliveries_state ON ONLY app.deliveries USING btree (tenant_id, state, id);

CREATE INDEX deliveries_default_tenant_id_state_id_idx ON app.deliveries_default USING btree (tenant_id, state, id);

CREATE INDEX delivery_attempts_delivery ON ONLY app.delivery_attempts USING btree (tenant_id, delivery_id, id);

CREATE INDEX delivery_attempts_default_tenant_id_delivery_id_id_idx ON app.delivery_attempts_default USING btree (tenant_id, delivery_id, id);

CREATE INDEX emails_age ON app.emails USING btree (tenant_id, created_at);

CREATE INDEX flag_changes_key ON app.flag_changes USING btree (key, id DESC);

CREATE INDEX flag_targets_member ON app.flag_targets USING btree (tenant_id, member_id);

CREATE INDEX grants_created_by ON app.grants USING btree (tenant_id, created_by);

CREATE INDEX grants_custom_role ON app.grants USING btree (tenant_id, custom_role);

CREATE INDEX grants_resource ON app.grants USING btree (tenant_id, resource, resource_id);

CREATE INDEX group_members_member ON app.group_members USING btree (tenant_id, member_id);

CREATE INDEX groups_custom_role ON app.groups USING btree (tenant_id, custom_role);

CREATE UNIQUE INDEX groups_external_id ON app.groups USING btree (tenant_id, external_id);

CREATE INDEX idempotency_age ON app.idempotency USING btree (tenant_id, created_at);

CREATE INDEX impersonations_member ON app.impersonations USING btree (tenant_id, member_id);

CREATE INDEX invitation_tokens_invitation ON app.invitation_tokens USING btree (tenant_id, invitation_id);

CREATE INDEX invitations_accepted_by ON app.invitations USING btree (tenant_id, accepted_by);

CREATE INDEX invitations_custom_role ON app.invitations USING btree (tenant_id, custom_role);

CREATE INDEX invitations_invited_by ON app.invitations USING btree (tenant_id, invited_by);

CREATE UNIQUE INDEX invitations_pending ON app.invitations USING btree (tenant_id, lower(email)) WHERE (status = 'pending'::text);

CREATE INDEX invoices_newest ON app.invoices USING btree (tenant_id, issued_at DESC, id DESC);

CREATE UNIQUE INDEX jobs_cause ON app.jobs USING btree (tenant_id, kind, cause) WHERE (cause IS NOT NULL);

CREATE INDEX jobs_deadline ON app.jobs USING btree (deadline) WHERE ((deadline IS NOT NULL) AND (started_at IS NULL) AND (state = ANY (ARRAY['scheduled'::text, 'waiting'::text, 'queued'::text])));

CREATE INDEX jobs_due ON app.jobs USING btree (job_class, due_at) WHERE (state = 'scheduled'::text);

CREATE INDEX jobs_flying ON app.jobs USING btree (job_class, tenant_id) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE INDEX jobs_herd ON app.jobs USING btree (job_class, tenant_id, due_at) WHERE (state = 'scheduled'::text);

CREATE INDEX jobs_in_line ON app.jobs USING btree (tenant_id, job_class) WHERE ((state = ANY (ARRAY['scheduled'::text, 'waiting'::text])) AND (job_class = ANY (ARRAY['interactive'::text, 'standard'::text, 'bulk'::text, 'payments'::text])));

CREATE INDEX jobs_lane ON app.jobs USING btree (tenant_id, lane, state, due_at, id) WHERE ((lane IS NOT NULL) AND (state = ANY (ARRAY['scheduled'::text, 'waiting'::text])));

CREATE INDEX jobs_leased ON app.jobs USING btree (lease_until) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE INDEX jobs_shown ON app.jobs USING btree (tenant_id, id) WHERE (job_class = ANY (ARRAY['interactive'::text, 'standard'::text, 'bulk'::text, 'payments'::text]));

CREATE INDEX jobs_waiting ON app.jobs USING btree (job_class, tenant_id, due_at, id) WHERE (state = 'waiting'::text);

CREATE INDEX members_custom_role ON app.members USING btree (tenant_id, custom_role);

CREATE INDEX members_directory_name ON app.members USING btree (tenant_id, lower(COALESCE(user_name, email)));

CREATE INDEX members_email ON app.members USING btree (tenant_id, lower(email));

CREATE UNIQUE INDEX members_external_id ON app.members USING btree (tenant_id, external_id) WHERE (status <> 'removed'::text);

CREATE UNIQUE INDEX members_user_name ON app.members USING btree (tenant_id, lower(user_name)) WHERE (status <> 'removed'::text);

CREATE INDEX outbox_waiting ON ONLY app.outbox USING btree (due_at, id) WHERE (published_at IS NULL);

CREATE INDEX outbox_default_waiting ON app.outbox_default USING btree (due_at, id) WHERE (published_at IS NULL);

CREATE UNIQUE INDEX overrides_file ON app.overrides USING btree (tenant_id) WHERE ((source = 'file'::text) AND (ended_at IS NULL));

CREATE INDEX projects_created_by ON app.projects USING btree (tenant_id, created_by);

CREATE INDEX scim_tokens_created_by ON app.scim_tokens USING btree (tenant_id, created_by);

CREATE INDEX scim_tokens_custom_role ON app.scim_tokens USING btree (tenant_id, custom_role);

CREATE INDEX sso_connections_answered_by ON app.sso_connections USING btree (tenant_id, answered_by);

CREATE INDEX sso_connections_custom_role ON app.sso_connections USING btree (tenant_id, custom_role);

CREATE INDEX usage_keys_age ON app.usage_keys USING btree (tenant_id, created_at);

CREATE INDEX usage_reports_counted ON app.usage_reports USING btree (tenant_id, meter, counted_at);

CREATE INDEX usage_reports_failed ON app.usage_reports USING btree (tenant_id, state) WHERE (state = ANY (ARRAY['refused'::text, 'doubtful'::text]));

CREATE UNIQUE INDEX usage_reports_under_way ON app.usage_reports USING btree (tenant_id) WHERE (state = 'sending'::text);

CREATE INDEX webhook_endpoints_created_by ON app.webhook_endpoints USING btree (tenant_id, created_by);

CREATE INDEX domains_tenant ON directory.domains USING btree (tenant_id);

CREATE INDEX issuers_tenant ON directory.issuers USING btree (tenant_id);

CREATE INDEX memberships_tenant ON directory.memberships USING btree (tenant_id);

CREATE INDEX sign_ups_tenant ON directory.sign_ups USING btree (tenant_id);

CREATE INDEX stripe_links_tenant ON directory.stripe_links USING btree (tenant_id);

CREATE INDEX trials_tenant ON directory.trials USING btree (tenant_id);

ALTER INDEX app.audit_pkey ATTACH PARTITION app.audit_default_pkey;

ALTER INDEX app.audit_action ATTACH PARTITION app.audit_default_tenant_id_action_id_idx;

ALTER INDEX app.audit_principal ATTACH PARTITION app.audit_default_tenant_id_principal_id_idx;

ALTER INDEX app.audit_request ATTACH PARTITION app.audit_default_tenant_id_request_id_id_idx;

ALTER INDEX app.audit_row_id ATTACH PARTITION app.audit_default_tenant_id_row_id_id_idx;

ALTER INDEX app.deliveries_pkey ATTACH PARTITION app.deliveries_default_pkey;

ALTER INDEX app.deliveries_endpoint ATTACH PARTITION app.deliveries_default_tenant_id_endpoint_id_id_idx;

ALTER INDEX app.deliveries_replay ATTACH PARTITION app.deliveries_default_tenant_id_replay_id_event_id_idx;

ALTER INDEX app.deliveries_state ATTACH PARTITION app.deliveries_default_tenant_id_state_id_idx;

ALTER INDEX app.delivery_attempts_pkey ATTACH PARTITION app.delivery_attempts_default_pkey;

ALTER INDEX app.delivery_attempts_delivery ATTACH PARTITION app.delivery_attempts_default_tenant_id_delivery_id_id_idx;

ALTER INDEX app.inbox_pkey ATTACH PARTITION app.inbox_default_pkey;

ALTER INDEX app.outbox_pkey ATTACH PARTITION app.outbox_default_pkey;

ALTER INDEX app.outbox_waiting ATTACH PARTITION app.outbox_default_waiting;

ALTER INDEX app.usage_events_pkey ATTACH PARTITION app.usage_events_default_pkey;

ALTER INDEX directory.stripe_events_pkey ATTACH PARTITION directory.stripe_events_default_pkey;

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.access_grants FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.api_keys FOR EACH ROW EXECUTE FUNCTION app.audit_row('secret_hash', 'previous_hash');

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.billing_accounts FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.domains FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.flag_targets FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.grants FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.group_members FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.groups FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.impersonations FOR EACH ROW EXECUTE FUNCTION app.audit_row('token_hash');

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.invitations FOR EACH ROW EXECUTE FUNCTION app.audit_row('email');

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.members FOR EACH ROW EXECUTE FUNCTION app.audit_row('subject', 'email', 'name', 'user_name', 'external_id', 'given_name', 'family_name', 'emails');

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.overrides FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.projects FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.roles FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.scim_tokens FOR EACH ROW EXECUTE FUNCTION app.audit_row('token_hash');

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.sso_connections FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.tenants FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.webhook_endpoints FOR EACH ROW EXECUTE FUNCTION app.audit_row('secret', 'former_secrets');

CREATE TRIGGER claim_domain AFTER INSERT OR DELETE OR UPDATE ON app.domains FOR EACH ROW EXECUTE FUNCTION app.claim_domain();

CREATE TRIGGER claim_issuer AFTER INSERT OR DELETE OR UPDATE ON app.sso_connections FOR EACH ROW EXECUTE FUNCTION app.claim_issuer();

CREATE TRIGGER decide_anew AFTER INSERT OR DELETE ON app.access_grants FOR EACH ROW EXECUTE FUNCTION app.decide_anew();

CREATE TRIGGER decide_anew AFTER INSERT OR DELETE ON app.billing_accounts FOR EACH ROW EXECUTE FUNCTION app.decide_anew();

CREATE TRIGGER decide_anew AFTER INSERT OR DELETE ON app.flag_targets FOR EACH ROW EXECUTE FUNCTION app.decide_anew();

CREATE TRIGGER decide_anew AFTER UPDATE OF role, custom_role, issuer, subject ON app.members FOR EACH ROW WHEN (((((old.role IS DISTINCT FROM new.role) OR (old.custom_role IS DISTINCT FROM new.custom_role)) OR (old.issuer IS DISTINCT FROM new.issuer)) OR (old.subject IS DISTINCT FROM new.subject))) EXECUTE FUNCTION app.decide_anew();

CREATE TRIGGER decide_anew AFTER INSERT OR DELETE ON app.overrides FOR EACH ROW EXECUTE FUNCTION app.decide_anew();

CREATE TRIGGER decide_anew AFTER INSERT ON app.tenants FOR EACH ROW EXECUTE FUNCTION app.decide_anew();

CREATE TRIGGER decide_anew_again AFTER UPDATE ON app.access_grants FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION app.decide_anew();

CREATE TRIGGER decide_anew_again AFTER UPDATE ON app.billing_accounts FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION app.decide_anew();

CREATE TRIGGER decide_anew_again AFTER UPDATE ON app.flag_targets FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION app.decide_anew();

CREATE TRIGGER decide_anew_again AFTER UPDATE ON app.overrides FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION app.decide_anew();

CREATE TRIGGER decide_anew_again AFTER UPDATE OF access ON app.tenants FOR EACH ROW WHEN ((old.access <> new.access)) EXECUTE FUNCTION app.decide_anew();

CREATE TRIGGER enabled AFTER UPDATE OF state ON app.webhook_endpoints FOR EACH ROW WHEN ((new.state = 'active'::text)) EXECUTE FUNCTION app.mend_endpoint();

CREATE TRIGGER end_access AFTER UPDATE OF status ON app.members FOR EACH ROW WHEN (((old.status <> new.status) AND (new.status = ANY (ARRAY['deprovisioned'::text, 'removed'::text])))) EXECUTE FUNCTION app.end_access();

CREATE TRIGGER end_grants AFTER DELETE ON app.projects FOR EACH ROW EXECUTE FUNCTION app.end_grants('projects');

CREATE TRIGGER end_role BEFORE DELETE ON app.roles FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION app.end_role();

CREATE TRIGGER end_support AFTER UPDATE OF support_access ON app.tenants FOR EACH ROW WHEN ((old.support_access AND (NOT new.support_access))) EXECUTE FUNCTION app.end_support();

CREATE TRIGGER enqueue AFTER INSERT ON app.deliveries FOR EACH ROW EXECUTE FUNCTION app.enqueue_delivery();

CREATE TRIGGER guard_power AFTER INSERT OR UPDATE ON app.api_keys FOR EACH ROW EXECUTE FUNCTION app.guard_power();

CREATE TRIGGER guard_power AFTER INSERT OR DELETE OR UPDATE ON app.grants FOR EACH ROW EXECUTE FUNCTION app.guard_power();

CREATE TRIGGER guard_power AFTER INSERT OR UPDATE ON app.groups FOR EACH ROW EXECUTE FUNCTION app.guard_power();

CREATE TRIGGER guard_power AFTER INSERT OR UPDATE ON app.invitations FOR EACH ROW EXECUTE FUNCTION app.guard_power();

CREATE TRIGGER guard_power AFTER INSERT OR UPDATE ON app.members FOR EACH ROW EXECUTE FUNCTION app.guard_power();

CREATE TRIGGER guard_power AFTER INSERT OR DELETE OR UPDATE ON app.roles FOR EACH ROW EXECUTE FUNCTION app.guard_power();

CREATE TRIGGER guard_power AFTER INSERT OR UPDATE ON app.scim_tokens FOR EACH ROW EXECUTE FUNCTION app.guard_power();

CREATE TRIGGER guard_power AFTER INSERT OR UPDATE ON app.sso_connections FOR EACH ROW EXECUTE FUNCTION app.guard_power();

CREATE TRIGGER keep_break_glass BEFORE UPDATE ON app.members FOR EACH ROW WHEN (new.break_glass) EXECUTE FUNCTION app.keep_break_glass();

CREATE TRIGGER keep_ended BEFORE UPDATE OF ended_at ON app.impersonations FOR EACH ROW EXECUTE FUNCTION app.keep_ended();

CREATE TRIGGER keep_owner AFTER DELETE OR UPDATE ON app.members FOR EACH ROW WHEN (((old.role = 'owner'::text) AND (old.status = 'active'::text))) EXECUTE FUNCTION app.keep_owner();

CREATE TRIGGER keep_sso AFTER DELETE ON app.domains FOR EACH ROW WHEN ((old.verified_at IS NOT NULL)) EXECUTE FUNCTION app.keep_sso();

CREATE TRIGGER keep_sso AFTER DELETE OR UPDATE ON app.members FOR EACH ROW WHEN (old.break_glass) EXECUTE FUNCTION app.keep_sso();

CREATE TRIGGER keep_sso AFTER DELETE OR UPDATE ON app.sso_connections FOR EACH ROW WHEN ((old.status = 'enabled'::text)) EXECUTE FUNCTION app.keep_sso();

CREATE TRIGGER keep_sso AFTER UPDATE OF sso_required ON app.tenants FOR EACH ROW WHEN ((new.sso_required AND (NOT old.sso_required))) EXECUTE FUNCTION app.keep_sso();

CREATE TRIGGER limited BEFORE INSERT ON app.deliveries FOR EACH ROW WHEN ((CURRENT_USER = 'freehold_api'::name)) EXECUTE FUNCTION app.limit_deliveries();

CREATE TRIGGER limited AFTER INSERT ON app.grants FOR EACH ROW EXECUTE FUNCTION app.limit_grants();

CREATE TRIGGER limited AFTER INSERT ON app.members REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_more('seats', 'status = ''active''');

CREATE TRIGGER limited AFTER INSERT ON app.projects REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_more('projects', 'true');

CREATE TRIGGER limited BEFORE INSERT ON app.roles FOR EACH ROW EXECUTE FUNCTION app.limit_roles();

CREATE TRIGGER limited AFTER INSERT ON app.usage_hours REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_more_usage();

CREATE TRIGGER limited BEFORE INSERT ON app.webhook_endpoints FOR EACH ROW EXECUTE FUNCTION app.limit_webhook_endpoints();

CREATE TRIGGER limited_again AFTER UPDATE ON app.members REFERENCING OLD TABLE AS was NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_more('seats', 'status = ''active''');

CREATE TRIGGER limited_again AFTER UPDATE ON app.usage_hours REFERENCING OLD TABLE AS was NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_more_usage();

CREATE TRIGGER made_as BEFORE INSERT ON app.scim_tokens FOR EACH ROW EXECUTE FUNCTION app.made_as();

CREATE TRIGGER moved AFTER UPDATE OF url ON app.webhook_endpoints FOR EACH ROW WHEN ((old.url <> new.url)) EXECUTE FUNCTION app.mend_endpoint();

CREATE TRIGGER replays_limited BEFORE INSERT ON app.jobs FOR EACH ROW WHEN ((new.kind = 'webhooks.replay'::text)) EXECUTE FUNCTION app.limit_replays();

CREATE TRIGGER reside AFTER INSERT ON app.tenants FOR EACH ROW EXECUTE FUNCTION app.reside();

CREATE TRIGGER seats AFTER INSERT OR DELETE OR UPDATE OF status ON app.members FOR EACH ROW EXECUTE FUNCTION app.seats_changed();

CREATE TRIGGER tenant_is_there AFTER INSERT ON app.usage_keys FOR EACH STATEMENT EXECUTE FUNCTION app.tenant_is_there();

CREATE TRIGGER usage_is_paid_for AFTER INSERT OR UPDATE OF status, items ON app.subscriptions FOR EACH ROW WHEN (((new.status = ANY (ARRAY['trialing'::text, 'active'::text, 'past_due'::text, 'unpaid'::text])) AND jsonb_path_exists(new.items, '$[*]."price"."metadata"."freehold_component"?(@ starts with "usage:")'::jsonpath))) EXECUTE FUNCTION app.usage_is_paid_for();

ALTER TABLE ONLY app.access_grants
    ADD CONSTRAINT access_grants_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.allowances
    ADD CONSTRAINT allowances_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.api_key_uses
    ADD CONSTRAINT api_key_uses_tenant_id_api_key_id_fkey FOREIGN KEY (tenant_id, api_key_id) REFERENCES app.api_keys(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY app.api_key_uses
    ADD CONSTRAINT api_key_uses_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.api_keys
    ADD CONSTRAINT api_keys_tenant_id_created_by_fkey FOREIGN KEY (tenant_id, created_by) REFERENCES app.members(tenant_id, id);

ALTER TABLE ONLY app.api_keys
    ADD CONSTRAINT api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.audit_checkpoints
    ADD CONSTRAINT audit_checkpoints_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.audit_heads
    ADD CONSTRAINT audit_heads_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.audit_seals
    ADD CONSTRAINT audit_seals_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.audit
    ADD CONSTRAINT audit_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.audit_unsealed
    ADD CONSTRAINT audit_unsealed_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.billing_accounts
    ADD CONSTRAINT billing_accounts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.billing_notices
    ADD CONSTRAINT billing_notices_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.billing_operations
    ADD CONSTRAINT billing_operations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.billing_syncs
    ADD CONSTRAINT billing_syncs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.decision_versions
    ADD CONSTRAINT decision_versions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.deliveries
    ADD CONSTRAINT deliveries_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.delivery_attempts
    ADD CONSTRAINT delivery_attempts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.domains
    ADD CONSTRAINT domains_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.email_suppressions
    ADD CONSTRAINT email_suppressions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.emails
    ADD CONSTRAINT emails_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.exposures
    ADD CONSTRAINT exposures_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.flag_changes
    ADD CONSTRAINT flag_changes_key_fkey FOREIGN KEY (key) REFERENCES app.flags(key);

ALTER TABLE ONLY app.flag_targets
    ADD CONSTRAINT flag_targets_flag_fkey FOREIGN KEY (flag) REFERENCES app.flags(key);

ALTER TABLE ONLY app.flag_targets
    ADD CONSTRAINT flag_targets_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.flag_targets
    ADD CONSTRAINT flag_targets_tenant_id_member_id_fkey FOREIGN KEY (tenant_id, member_id) REFERENCES app.members(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY app.grants
    ADD CONSTRAINT grants_custom_role FOREIGN KEY (tenant_id, custom_role) REFERENCES app.roles(tenant_id, id);

ALTER TABLE ONLY app.grants
    ADD CONSTRAINT grants_role_fkey FOREIGN KEY (role) REFERENCES app.builtin_roles(name);

ALTER TABLE ONLY app.grants
    ADD CONSTRAINT grants_tenant_id_created_by_fkey FOREIGN KEY (tenant_id, created_by) REFERENCES app.members(tenant_id, id);

ALTER TABLE ONLY app.grants
    ADD CONSTRAINT grants_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.grants
    ADD CONSTRAINT grants_tenant_id_member_id_fkey FOREIGN KEY (tenant_id, member_id) REFERENCES app.members(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY app.group_members
    ADD CONSTRAINT group_members_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.group_members
    ADD CONSTRAINT group_members_tenant_id_group_id_fkey FOREIGN KEY (tenant_id, group_id) REFERENCES app.groups(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY app.group_members
    ADD CONSTRAINT group_members_tenant_id_member_id_fkey FOREIGN KEY (tenant_id, member_id) REFERENCES app.members(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY app.groups
    ADD CONSTRAINT groups_custom_role FOREIGN KEY (tenant_id, custom_role) REFERENCES app.roles(tenant_id, id);

ALTER TABLE ONLY app.groups
    ADD CONSTRAINT groups_role_fkey FOREIGN KEY (role) REFERENCES app.builtin_roles(name);

ALTER TABLE ONLY app.groups
    ADD CONSTRAINT groups_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.idempotency
    ADD CONSTRAINT idempotency_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.impersonations
    ADD CONSTRAINT impersonations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.impersonations
    ADD CONSTRAINT impersonations_tenant_id_id_fkey FOREIGN KEY (tenant_id, id) REFERENCES app.operator_visits(tenant_id, id);

ALTER TABLE ONLY app.impersonations
    ADD CONSTRAINT impersonations_tenant_id_member_id_fkey FOREIGN KEY (tenant_id, member_id) REFERENCES app.members(tenant_id, id);

ALTER TABLE app.inbox
    ADD CONSTRAINT inbox_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.invitation_tokens
    ADD CONSTRAINT invitation_tokens_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.invitation_tokens
    ADD CONSTRAINT invitation_tokens_tenant_id_invitation_id_fkey FOREIGN KEY (tenant_id, invitation_id) REFERENCES app.invitations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY app.invitations
    ADD CONSTRAINT invitations_custom_role FOREIGN KEY (tenant_id, custom_role) REFERENCES app.roles(tenant_id, id);

ALTER TABLE ONLY app.invitations
    ADD CONSTRAINT invitations_role_fkey FOREIGN KEY (role) REFERENCES app.builtin_roles(name);

ALTER TABLE ONLY app.invitations
    ADD CONSTRAINT invitations_tenant_id_accepted_by_fkey FOREIGN KEY (tenant_id, accepted_by) REFERENCES app.members(tenant_id, id);

ALTER TABLE ONLY app.invitations
    ADD CONSTRAINT invitations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.invitations
    ADD CONSTRAINT invitations_tenant_id_invited_by_fkey FOREIGN KEY (tenant_id, invited_by) REFERENCES app.members(tenant_id, id);

ALTER TABLE ONLY app.invoices
    ADD CONSTRAINT invoices_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.job_quotas
    ADD CONSTRAINT job_quotas_job_class_fkey FOREIGN KEY (job_class) REFERENCES app.job_classes(name);

ALTER TABLE ONLY app.job_quotas
    ADD CONSTRAINT job_quotas_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.job_rings
    ADD CONSTRAINT job_rings_job_class_fkey FOREIGN KEY (job_class) REFERENCES app.job_classes(name);

ALTER TABLE ONLY app.jobs
    ADD CONSTRAINT jobs_job_class_fkey FOREIGN KEY (job_class) REFERENCES app.job_classes(name);

ALTER TABLE ONLY app.jobs
    ADD CONSTRAINT jobs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.members
    ADD CONSTRAINT members_custom_role FOREIGN KEY (tenant_id, custom_role) REFERENCES app.roles(tenant_id, id);

ALTER TABLE ONLY app.members
    ADD CONSTRAINT members_role_fkey FOREIGN KEY (role) REFERENCES app.builtin_roles(name);

ALTER TABLE ONLY app.members
    ADD CONSTRAINT members_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.operator_visits
    ADD CONSTRAINT operator_visits_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.outbox
    ADD CONSTRAINT outbox_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.overrides
    ADD CONSTRAINT overrides_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.projects
    ADD CONSTRAINT projects_tenant_id_created_by_fkey FOREIGN KEY (tenant_id, created_by) REFERENCES app.members(tenant_id, id);

ALTER TABLE ONLY app.projects
    ADD CONSTRAINT projects_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.residents
    ADD CONSTRAINT residents_id_fkey FOREIGN KEY (id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.roles
    ADD CONSTRAINT roles_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.scim_tokens
    ADD CONSTRAINT scim_tokens_custom_role FOREIGN KEY (tenant_id, custom_role) REFERENCES app.roles(tenant_id, id);

ALTER TABLE ONLY app.scim_tokens
    ADD CONSTRAINT scim_tokens_role_fkey FOREIGN KEY (role) REFERENCES app.builtin_roles(name);

ALTER TABLE ONLY app.scim_tokens
    ADD CONSTRAINT scim_tokens_tenant_id_created_by_fkey FOREIGN KEY (tenant_id, created_by) REFERENCES app.members(tenant_id, id);

ALTER TABLE ONLY app.scim_tokens
    ADD CONSTRAINT scim_tokens_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.sso_connections
    ADD CONSTRAINT sso_connections_custom_role FOREIGN KEY (tenant_id, custom_role) REFERENCES app.roles(tenant_id, id);

ALTER TABLE ONLY app.sso_connections
    ADD CONSTRAINT sso_connections_role_fkey FOREIGN KEY (role) REFERENCES app.builtin_roles(name);

ALTER TABLE ONLY app.sso_connections
    ADD CONSTRAINT sso_connections_tenant_id_answered_by_fkey FOREIGN KEY (tenant_id, answered_by) REFERENCES app.members(tenant_id, id);

ALTER TABLE ONLY app.sso_connections
    ADD CONSTRAINT sso_connections_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.subscriptions
    ADD CONSTRAINT subscriptions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.usage_events
    ADD CONSTRAINT usage_events_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.usage_hours
    ADD CONSTRAINT usage_hours_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.usage_reports
    ADD CONSTRAINT usage_reports_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.usage_unreported
    ADD CONSTRAINT usage_unreported_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_tenant_id_created_by_fkey FOREIGN KEY (tenant_id, created_by) REFERENCES app.members(tenant_id, id);

ALTER TABLE ONLY app.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.webhook_failures
    ADD CONSTRAINT webhook_failures_tenant_id_endpoint_id_fkey FOREIGN KEY (tenant_id, endpoint_id) REFERENCES app.webhook_endpoints(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY app.webhook_failures
    ADD CONSTRAINT webhook_failures_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.webhook_quotas
    ADD CONSTRAINT webhook_quotas_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY directory.domains
    ADD CONSTRAINT domains_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES directory.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY directory.issuers
    ADD CONSTRAINT issuers_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES directory.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY directory.memberships
    ADD CONSTRAINT memberships_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES directory.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY directory.sign_ups
    ADD CONSTRAINT sign_ups_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES directory.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY directory.stripe_links
    ADD CONSTRAINT stripe_links_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES directory.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY directory.trials
    ADD CONSTRAINT trials_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES directory.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.access_grants ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.allowances ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.api_key_uses ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.api_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.audit ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.audit_checkpoints ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.audit_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.audit_heads ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.audit_seals ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.audit_unsealed ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.billing_accounts ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.billing_notices ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.billing_operations ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.billing_syncs ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.decision_versions ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.deliveries ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.deliveries_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.delivery_attempts ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.delivery_attempts_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.domains ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.email_suppressions ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.emails ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.exposures ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.flag_targets ENABLE ROW LEVEL SECURITY;

CREATE POLICY freehold_api ON app.access_grants TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.api_key_uses TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.api_keys TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.audit TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.billing_accounts TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.billing_operations TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.billing_syncs TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.deliveries TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.delivery_attempts TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.domains TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.exposures TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.grants TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.group_members TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.groups TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.idempotency TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.impersonations TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.invitation_tokens TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.invitations TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.invoices TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.job_quotas TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.jobs TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.members TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.operator_visits TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.outbox TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.overrides TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.projects TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.roles TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.scim_tokens TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.sso_connections TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.subscriptions TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.tenants TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.usage_events TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.usage_hours TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.usage_keys TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.usage_reports TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.usage_unreported TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.webhook_endpoints TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.webhook_failures TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.webhook_quotas TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_auditor ON app.audit TO freehold_auditor USING (true) WITH CHECK (true);

CREATE POLICY freehold_auditor ON app.audit_heads TO freehold_auditor USING (true) WITH CHECK (true);

CREATE POLICY freehold_auditor ON app.audit_seals TO freehold_auditor USING (true) WITH CHECK (true);

CREATE POLICY freehold_auditor ON app.audit_unsealed TO freehold_auditor USING (true) WITH CHECK (true);

CREATE POLICY freehold_auditor ON app.tenants TO freehold_auditor USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.access_grants TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.allowances TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.api_keys TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.billing_accounts TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.decision_versions TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.domains TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.flag_targets TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.grants TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.groups TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.impersonations TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.invitations TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.members TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.overrides TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.projects TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.roles TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.scim_tokens TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.sso_connections TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.subscriptions TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.tenants TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.usage_hours TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.access_grants TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.allowances TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.api_key_uses TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.api_keys TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.audit TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.audit_checkpoints TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.audit_heads TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.audit_seals TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.audit_unsealed TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.billing_accounts TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.billing_notices TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.billing_operations TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.billing_syncs TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.decision_versions TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.deliveries TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.delivery_attempts TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.domains TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.email_suppressions TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.emails TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.exposures TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.flag_targets TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.grants TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.group_members TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.groups TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.idempotency TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.impersonations TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.inbox TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.invitation_tokens TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.invitations TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.invoices TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.job_quotas TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.jobs TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.members TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.operator_visits TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.outbox TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.overrides TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.projects TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.roles TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.scim_tokens TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.sso_connections TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.subscriptions TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.tenants TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.usage_events TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.usage_hours TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.usage_keys TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.usage_reports TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.usage_unreported TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.webhook_endpoints TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.webhook_failures TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.webhook_quotas TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.access_grants TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.api_key_uses TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.api_keys TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.audit TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.billing_accounts TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.billing_operations TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.billing_syncs TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.decision_versions TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.deliveries TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.domains TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.exposures TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.flag_targets TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.grants TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.impersonations TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.invitation_tokens TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.invitations TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.jobs TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.members TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.operator_visits TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.outbox TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.overrides TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.roles TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.scim_tokens TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.sso_connections TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.subscriptions TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.tenants TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.webhook_endpoints TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.webhook_failures TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.audit_heads TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.audit_unsealed TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.billing_syncs TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.emails TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.idempotency TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.job_quotas TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.jobs TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.outbox TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.usage_keys TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.usage_unreported TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_report ON app.audit TO freehold_report USING (true) WITH CHECK (true);

CREATE POLICY freehold_report ON app.projects TO freehold_report USING (true) WITH CHECK (true);

CREATE POLICY freehold_report ON app.usage_events TO freehold_report USING (true) WITH CHECK (true);

CREATE POLICY freehold_report ON app.usage_hours TO freehold_report USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.access_grants TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.api_keys TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.audit_heads TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.audit_seals TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.billing_accounts TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.billing_notices TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.billing_operations TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.billing_syncs TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.deliveries TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.delivery_attempts TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.domains TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.email_suppressions TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.emails TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.inbox TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.invitation_tokens TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.invitations TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.invoices TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.job_quotas TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.jobs TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.members TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.outbox TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.overrides TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.subscriptions TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.tenants TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.usage_events TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.usage_hours TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.usage_reports TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.usage_unreported TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.webhook_endpoints TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.webhook_failures TO freehold_worker USING (true) WITH CHECK (true);

ALTER TABLE app.grants ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.group_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.groups ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.idempotency ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.impersonations ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.inbox ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.inbox_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.invitation_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.invitations ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.invoices ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.job_quotas ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.members ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.operator_visits ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.outbox ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.outbox_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.overrides ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.projects ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.roles ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.scim_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.sso_connections ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.subscriptions ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant ON app.access_grants AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.allowances AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.api_key_uses AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.api_keys AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.audit AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.audit_checkpoints AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.audit_default AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.audit_heads AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.audit_seals AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.audit_unsealed AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.billing_accounts AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.billing_notices AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.billing_operations AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.billing_syncs AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.decision_versions AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.deliveries AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.deliveries_default AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.delivery_attempts AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.delivery_attempts_default AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.domains AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.email_suppressions AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.emails AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.exposures AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.flag_targets AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.grants AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.group_members AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.groups AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.idempotency AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.impersonations AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.inbox AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.inbox_default AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.invitation_tokens AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.invitations AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.invoices AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.job_quotas AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.jobs AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.members AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.operator_visits AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.outbox AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.outbox_default AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.overrides AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.projects AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.roles AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.scim_tokens AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.sso_connections AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.subscriptions AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.tenants AS RESTRICTIVE USING ((id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.usage_events AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.usage_events_default AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.usage_hours AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.usage_keys AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.usage_reports AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.usage_unreported AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.webhook_endpoints AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.webhook_failures AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.webhook_quotas AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.audit_heads AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.audit_unsealed AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.billing_syncs AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.emails AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.idempotency AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.job_quotas AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.jobs AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.outbox AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.outbox_default AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.usage_keys AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.usage_unreported AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_granted ON app.grants AS RESTRICTIVE TO freehold_api USING (((current_setting('app.scope'::text) = 'tenant'::text) OR (POSITION(((resource_id)::text) IN (current_setting('app.granted'::text))) > 0)));

CREATE POLICY tenant_granted ON app.projects AS RESTRICTIVE TO freehold_api USING (((current_setting('app.scope'::text) = 'tenant'::text) OR (POSITION(((id)::text) IN (current_setting('app.granted'::text))) > 0)));

ALTER TABLE app.tenants ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.usage_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.usage_events_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.usage_hours ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.usage_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.usage_reports ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.usage_unreported ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.webhook_endpoints ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.webhook_failures ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.webhook_quotas ENABLE ROW LEVEL SECURITY;

ALTER TABLE directory.domains ENABLE ROW LEVEL SECURITY;

CREATE POLICY freehold_door ON directory.issuers TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON directory.memberships TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON directory.tenants TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON directory.domains TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON directory.issuers TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON directory.memberships TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON directory.sign_ups TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON directory.stripe_events TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON directory.stripe_links TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON directory.tenants TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON directory.trials TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY identity ON directory.domains AS RESTRICTIVE USING (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text)))) WITH CHECK (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text))));

CREATE POLICY identity ON directory.issuers AS RESTRICTIVE USING (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text)))) WITH CHECK (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text))));

CREATE POLICY identity ON directory.memberships AS RESTRICTIVE USING (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text)))) WITH CHECK (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text))));

CREATE POLICY identity ON directory.sign_ups AS RESTRICTIVE USING (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text)))) WITH CHECK (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text))));

CREATE POLICY identity ON directory.stripe_events AS RESTRICTIVE USING (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text)))) WITH CHECK (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text))));

CREATE POLICY identity ON directory.stripe_events_default AS RESTRICTIVE USING (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text)))) WITH CHECK (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text))));

CREATE POLICY identity ON directory.stripe_links AS RESTRICTIVE USING (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text)))) WITH CHECK (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text))));

CREATE POLICY identity ON directory.trials AS RESTRICTIVE USING (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text)))) WITH CHECK (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text))));

ALTER TABLE directory.issuers ENABLE ROW LEVEL SECURITY;

ALTER TABLE directory.memberships ENABLE ROW LEVEL SECURITY;

ALTER TABLE directory.sign_ups ENABLE ROW LEVEL SECURITY;

ALTER TABLE directory.stripe_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE directory.stripe_events_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE directory.stripe_links ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant ON directory.tenants AS RESTRICTIVE USING ((id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((id = (current_setting('app.tenant_id'::text))::uuid));

ALTER TABLE directory.tenants ENABLE ROW LEVEL SECURITY;

ALTER TABLE directory.trials ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA app TO freehold_door;
GRANT USAGE ON SCHEMA app TO freehold_auditor;
GRANT USAGE ON SCHEMA app TO freehold_registrar;
GRANT USAGE ON SCHEMA app TO freehold_api;
GRANT USAGE ON SCHEMA app TO freehold_worker;
GRANT USAGE ON SCHEMA app TO freehold_system;
GRANT USAGE ON SCHEMA app TO freehold_report;
GRANT USAGE ON SCHEMA app TO freehold_operator;
GRANT USAGE ON SCHEMA app TO freehold_relay;

GRANT USAGE ON SCHEMA directory TO freehold_door;
GRANT USAGE ON SCHEMA directory TO freehold_registrar;

REVOKE USAGE ON SCHEMA public FROM PUBLIC;

REVOKE ALL ON FUNCTION app.accept_invitation(tenant uuid, token_hash bytea, issuer text, subject text, issued_at timestamp with time zone, email text, person text, request_id text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.accept_invitation(tenant uuid, token_hash bytea, issuer text, subject text, issued_at timestamp with time zone, email text, person text, request_id text, address text) TO freehold_api;

REVOKE ALL ON FUNCTION app.act_as(member uuid, token_hash bytea, minutes integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.act_as(member uuid, token_hash bytea, minutes integer) TO freehold_operator;

REVOKE ALL ON PROCEDURE app.add_part(IN target regclass, IN part name, IN bounds text) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.admit(principal text, member uuid, held text[], within text[], permission text, granted boolean, resource text, epoch integer, access app.access, moved_to integer, needs app.access) FROM PUBLIC;

REVOKE ALL ON PROCEDURE app.adopt_default(IN target regclass, IN part name, IN bounds text) FROM PUBLIC;

REVOKE ALL ON PROCEDURE app.allow(IN target regclass, IN role name, VARIADIC verbs text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.announce(type text, subject uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.announce(type text, subject uuid) TO freehold_api;

REVOKE ALL ON FUNCTION app.announce(type text, subject uuid, version integer, data jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION app.announce(type text, subject uuid, version integer, data jsonb) TO freehold_api;
GRANT ALL ON FUNCTION app.announce(type text, subject uuid, version integer, data jsonb) TO freehold_worker;
GRANT ALL ON FUNCTION app.announce(type text, subject uuid, version integer, data jsonb) TO freehold_registrar;

REVOKE ALL ON FUNCTION app.audit_due(batch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.audit_due(batch integer) TO freehold_system;

REVOKE ALL ON FUNCTION app.audit_row() FROM PUBLIC;
GRANT ALL ON FUNCTION app.audit_row() TO freehold_owner;

REVOKE ALL ON PROCEDURE app.backfill(IN target regclass, IN assignment text, IN condition text, IN batch integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.billing_tenants(after uuid, batch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.billing_tenants(after uuid, batch integer) TO freehold_system;

REVOKE ALL ON FUNCTION app.can_grant(wanted text[], also text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.can_grant(wanted text[], also text[]) TO freehold_api;

REVOKE ALL ON FUNCTION app.change_flag(operator text, reason text, key text, definition jsonb, expected integer, request_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.change_flag(operator text, reason text, key text, definition jsonb, expected integer, request_id text) TO freehold_operator;

REVOKE ALL ON PROCEDURE app.checkpoint_audit(IN before uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.claim(route text, key text, request_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION app.claim(route text, key text, request_hash bytea) TO freehold_api;

REVOKE ALL ON FUNCTION app.claim_domain() FROM PUBLIC;
GRANT ALL ON FUNCTION app.claim_domain() TO freehold_owner;

REVOKE ALL ON FUNCTION app.claim_issuer() FROM PUBLIC;
GRANT ALL ON FUNCTION app.claim_issuer() TO freehold_owner;

REVOKE ALL ON FUNCTION app.confirm(facts bigint, snapshot bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.confirm(facts bigint, snapshot bigint) TO freehold_api;

REVOKE ALL ON FUNCTION app.counted(key text, most bigint) FROM PUBLIC;

REVOKE ALL ON PROCEDURE app."cross"(IN target regclass, VARIADIC verbs text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.decide_anew() FROM PUBLIC;
GRANT ALL ON FUNCTION app.decide_anew() TO freehold_owner;

REVOKE ALL ON FUNCTION app.draw(bucket text, asked integer, most integer, period integer, at timestamp with time zone, OUT granted integer, OUT remaining integer, OUT full_in double precision, OUT wait double precision) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.drop_seals(batch integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.end_access() FROM PUBLIC;
GRANT ALL ON FUNCTION app.end_access() TO freehold_owner;

REVOKE ALL ON FUNCTION app.end_acting(acting uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.end_acting(acting uuid) TO freehold_operator;

REVOKE ALL ON FUNCTION app.end_grant(given uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.end_grant(given uuid) TO freehold_operator;

REVOKE ALL ON FUNCTION app.end_grants() FROM PUBLIC;
GRANT ALL ON FUNCTION app.end_grants() TO freehold_owner;

REVOKE ALL ON FUNCTION app.end_override(agreed uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.end_override(agreed uuid) TO freehold_operator;

REVOKE ALL ON FUNCTION app.end_role() FROM PUBLIC;
GRANT ALL ON FUNCTION app.end_role() TO freehold_owner;

REVOKE ALL ON FUNCTION app.end_support() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.end_target(flag text, member uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.end_target(flag text, member uuid) TO freehold_operator;

REVOKE ALL ON FUNCTION app.end_turn(name text, period text, holder text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.end_turn(name text, period text, holder text) TO freehold_system;

REVOKE ALL ON FUNCTION app.enqueue_delivery() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.enter(tenant uuid, epoch integer, issuer text, subject text, issued_at timestamp with time zone, mfa boolean, permission text, granted boolean, request_id text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter(tenant uuid, epoch integer, issuer text, subject text, issued_at timestamp with time zone, mfa boolean, permission text, granted boolean, request_id text, address text) TO freehold_api;

REVOKE ALL ON FUNCTION app.enter_acting(tenant uuid, epoch integer, token_hash bytea, permission text, granted boolean, request_id text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter_acting(tenant uuid, epoch integer, token_hash bytea, permission text, granted boolean, request_id text, address text) TO freehold_api;

REVOKE ALL ON FUNCTION app.enter_key(tenant uuid, epoch integer, secret_hash bytea, permission text, granted boolean, request_id text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter_key(tenant uuid, epoch integer, secret_hash bytea, permission text, granted boolean, request_id text, address text) TO freehold_api;

REVOKE ALL ON FUNCTION app.enter_operator(tenant uuid, epoch integer, operator text, reason text, permission text, request_id text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter_operator(tenant uuid, epoch integer, operator text, reason text, permission text, request_id text, address text) TO freehold_operator;

REVOKE ALL ON FUNCTION app.enter_report(tenant uuid, epoch integer, worker text, request_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter_report(tenant uuid, epoch integer, worker text, request_id text) TO freehold_report;

REVOKE ALL ON FUNCTION app.enter_resident(tenant uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.enter_scim(tenant uuid, epoch integer, token_hash bytea, permission text, request_id text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter_scim(tenant uuid, epoch integer, token_hash bytea, permission text, request_id text, address text) TO freehold_api;

REVOKE ALL ON FUNCTION app.enter_worker(tenant uuid, epoch integer, worker text, behalf text, permission text, request_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter_worker(tenant uuid, epoch integer, worker text, behalf text, permission text, request_id text) TO freehold_worker;

REVOKE ALL ON FUNCTION app.erase_entry(entry uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.facts() FROM PUBLIC;
GRANT ALL ON FUNCTION app.facts() TO freehold_registrar;

REVOKE ALL ON FUNCTION app.find_tenants(operator text, reason text, words text, request_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.find_tenants(operator text, reason text, words text, request_id text) TO freehold_operator;

REVOKE ALL ON FUNCTION app.flag_exposures(named text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.flag_exposures(named text) TO freehold_operator;

REVOKE ALL ON FUNCTION app.flag_history(named text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.flag_history(named text) TO freehold_operator;

REVOKE ALL ON FUNCTION app.forget_answers() FROM PUBLIC;
GRANT ALL ON FUNCTION app.forget_answers() TO freehold_system;

REVOKE ALL ON FUNCTION app.forget_jobs() FROM PUBLIC;
GRANT ALL ON FUNCTION app.forget_jobs() TO freehold_system;

REVOKE ALL ON FUNCTION app.forget_mails() FROM PUBLIC;
GRANT ALL ON FUNCTION app.forget_mails() TO freehold_system;

REVOKE ALL ON PROCEDURE app.forget_proof(IN target regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.forget_sign_ups() FROM PUBLIC;
GRANT ALL ON FUNCTION app.forget_sign_ups() TO freehold_system;

REVOKE ALL ON FUNCTION app.forget_turns() FROM PUBLIC;
GRANT ALL ON FUNCTION app.forget_turns() TO freehold_system;

REVOKE ALL ON FUNCTION app.forget_usage_keys() FROM PUBLIC;
GRANT ALL ON FUNCTION app.forget_usage_keys() TO freehold_system;

REVOKE ALL ON FUNCTION app.grant_access(given app.access, plan text, until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.grant_access(given app.access, plan text, until timestamp with time zone) TO freehold_operator;

REVOKE ALL ON PROCEDURE app.grantable(IN target regclass, IN key name, VARIADIC permissions text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.guard_power() FROM PUBLIC;
GRANT ALL ON FUNCTION app.guard_power() TO freehold_owner;

REVOKE ALL ON FUNCTION app.hand_over(job_class text, room integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.hand_over(job_class text, room integer) TO freehold_system;

REVOKE ALL ON FUNCTION app.hard_limits() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.hold_lease(kept bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.hold_lease(kept bigint) TO freehold_worker;

REVOKE ALL ON PROCEDURE app.identity_table(IN target regclass, IN reason text) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.issuers_of(issuer text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.issuers_of(issuer text) TO freehold_api;

REVOKE ALL ON FUNCTION app.keep_break_glass() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.keep_ended() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.keep_owner() FROM PUBLIC;
GRANT ALL ON FUNCTION app.keep_owner() TO freehold_owner;

REVOKE ALL ON FUNCTION app.keep_sso() FROM PUBLIC;
GRANT ALL ON FUNCTION app.keep_sso() TO freehold_owner;

REVOKE ALL ON FUNCTION app.lease(tenant uuid, rate_class text, kind text, issuer text, subject text, issued_at timestamp with time zone, secret_hash bytea, of_tenant integer, of_caller integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.lease(tenant uuid, rate_class text, kind text, issuer text, subject text, issued_at timestamp with time zone, secret_hash bytea, of_tenant integer, of_caller integer) TO freehold_api;

REVOKE ALL ON FUNCTION app.lifts(key text, has bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.limit_deliveries() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.limit_grants() FROM PUBLIC;
GRANT ALL ON FUNCTION app.limit_grants() TO freehold_owner;

REVOKE ALL ON FUNCTION app.limit_of(key text) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.limit_replays() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.limit_roles() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.limit_webhook_endpoints() FROM PUBLIC;

REVOKE ALL ON PROCEDURE app.limited(IN target regclass, IN key name, IN condition text) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.limits() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.link_customer(customer text, clock text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.link_customer(customer text, clock text) TO freehold_api;
GRANT ALL ON FUNCTION app.link_customer(customer text, clock text) TO freehold_worker;

REVOKE ALL ON FUNCTION app.made_as() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.masked(target regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.mend_endpoint() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.metered(meter text) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.names_nobody(document jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION app.names_nobody(document jsonb) TO freehold_registrar;

REVOKE ALL ON FUNCTION app.open(tenant uuid, request_id text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.open(tenant uuid, request_id text, address text) TO freehold_registrar;

REVOKE ALL ON FUNCTION app.override_plan(plan text, features text[], limits jsonb, rates jsonb, until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.override_plan(plan text, features text[], limits jsonb, rates jsonb, until timestamp with time zone) TO freehold_operator;

REVOKE ALL ON PROCEDURE app.patiently(IN target regclass, IN statement text) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.period() FROM PUBLIC;

REVOKE ALL ON PROCEDURE app.permission(IN name text, IN description text, IN needs app.access, VARIADIC held_by text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.permissions_of(role text, custom_role uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.permissions_of(role text, custom_role uuid) TO freehold_registrar;

REVOKE ALL ON FUNCTION app.plan_of(catalog jsonb, OUT plan text, OUT rule text, OUT given boolean) FROM PUBLIC;

GRANT SELECT ON TABLE app.scim_tokens TO freehold_door;
GRANT SELECT ON TABLE app.scim_tokens TO freehold_api;
GRANT SELECT ON TABLE app.scim_tokens TO freehold_registrar;

GRANT INSERT(tenant_id) ON TABLE app.scim_tokens TO freehold_api;

GRANT INSERT(name) ON TABLE app.scim_tokens TO freehold_api;

GRANT INSERT(role) ON TABLE app.scim_tokens TO freehold_api;
GRANT UPDATE(role) ON TABLE app.scim_tokens TO freehold_registrar;

GRANT INSERT(custom_role) ON TABLE app.scim_tokens TO freehold_api;
GRANT UPDATE(custom_role) ON TABLE app.scim_tokens TO freehold_registrar;

GRANT INSERT(token_hash) ON TABLE app.scim_tokens TO freehold_api;

GRANT INSERT(hint) ON TABLE app.scim_tokens TO freehold_api;

GRANT INSERT(expires_at) ON TABLE app.scim_tokens TO freehold_api;

GRANT UPDATE(revoked_at) ON TABLE app.scim_tokens TO freehold_api;

GRANT UPDATE(version) ON TABLE app.scim_tokens TO freehold_api;
GRANT UPDATE(version) ON TABLE app.scim_tokens TO freehold_registrar;

GRANT UPDATE(updated_at) ON TABLE app.scim_tokens TO freehold_api;
GRANT UPDATE(updated_at) ON TABLE app.scim_tokens TO freehold_registrar;

REVOKE ALL ON FUNCTION app.power_of_directory(directory uuid) FROM PUBLIC;

REVOKE ALL ON PROCEDURE app.prove(IN target regclass, IN condition text, INOUT proved boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.publish_catalog(document jsonb, digest text, overrides jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION app.publish_catalog(document jsonb, digest text, overrides jsonb) TO freehold_owner;

REVOKE ALL ON PROCEDURE app.queue_audit() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.rate_of(rate_class text, OUT most integer, OUT period integer, OUT share double precision, OUT rule text) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.receive(consumer text, event uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.receive(consumer text, event uuid) TO freehold_worker;

REVOKE ALL ON FUNCTION app.receive_stripe(event_id text, subject text, type text, created timestamp with time zone, api_version text, livemode boolean, object_id text, idempotency_key text, quarantined boolean, payload jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION app.receive_stripe(event_id text, subject text, type text, created timestamp with time zone, api_version text, livemode boolean, object_id text, idempotency_key text, quarantined boolean, payload jsonb) TO freehold_api;
GRANT ALL ON FUNCTION app.receive_stripe(event_id text, subject text, type text, created timestamp with time zone, api_version text, livemode boolean, object_id text, idempotency_key text, quarantined boolean, payload jsonb) TO freehold_worker;

REVOKE ALL ON FUNCTION app.refuse(key text, most bigint, used numeric) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.refuse_more() FROM PUBLIC;
GRANT ALL ON FUNCTION app.refuse_more() TO freehold_owner;

REVOKE ALL ON FUNCTION app.refuse_more_usage() FROM PUBLIC;
GRANT ALL ON FUNCTION app.refuse_more_usage() TO freehold_owner;

REVOKE ALL ON FUNCTION app.relay(holder text, hold interval, published uuid[], published_of uuid[], refused uuid[], refused_of uuid[], batch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.relay(holder text, hold interval, published uuid[], published_of uuid[], refused uuid[], refused_of uuid[], batch integer) TO freehold_system;

REVOKE ALL ON PROCEDURE app.renew_masks() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.reside() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.resides(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_door;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_auditor;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_registrar;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_api;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_worker;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_system;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_report;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_operator;

REVOKE ALL ON PROCEDURE app.retain(IN target regclass, IN keep interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.return_jobs(tenants uuid[], ids uuid[], tokens uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.return_jobs(tenants uuid[], ids uuid[], tokens uuid[]) TO freehold_system;

REVOKE ALL ON FUNCTION app.seal_audit(batch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.seal_audit(batch integer) TO freehold_worker;

REVOKE ALL ON FUNCTION app.seats_changed() FROM PUBLIC;
GRANT ALL ON FUNCTION app.seats_changed() TO freehold_owner;

REVOKE ALL ON FUNCTION app.show_decisions(member uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.show_decisions(member uuid) TO freehold_operator;

REVOKE ALL ON FUNCTION app.show_flags(named text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.show_flags(named text) TO freehold_operator;

REVOKE ALL ON FUNCTION app.show_snapshot() FROM PUBLIC;
GRANT ALL ON FUNCTION app.show_snapshot() TO freehold_operator;

REVOKE ALL ON PROCEDURE app.show_tables_to_the_owner() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.show_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION app.show_tenant() TO freehold_operator;

REVOKE ALL ON FUNCTION app.sign_in(tenant uuid, connection uuid, issuer text, subject text, issued_at timestamp with time zone, mfa boolean, email text, person text, request_id text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.sign_in(tenant uuid, connection uuid, issuer text, subject text, issued_at timestamp with time zone, mfa boolean, email text, person text, request_id text, address text) TO freehold_api;

GRANT SELECT ON TABLE app.tenants TO freehold_auditor;
GRANT SELECT ON TABLE app.tenants TO freehold_door;
GRANT SELECT ON TABLE app.tenants TO freehold_api;
GRANT SELECT,INSERT ON TABLE app.tenants TO freehold_registrar;
GRANT SELECT ON TABLE app.tenants TO freehold_worker;

GRANT UPDATE(name) ON TABLE app.tenants TO freehold_api;

GRANT UPDATE(access) ON TABLE app.tenants TO freehold_worker;

GRANT UPDATE(version) ON TABLE app.tenants TO freehold_api;
GRANT UPDATE(version) ON TABLE app.tenants TO freehold_worker;

GRANT UPDATE(updated_at) ON TABLE app.tenants TO freehold_api;
GRANT UPDATE(updated_at) ON TABLE app.tenants TO freehold_worker;

GRANT UPDATE(sso_required) ON TABLE app.tenants TO freehold_api;

GRANT UPDATE(mfa_required) ON TABLE app.tenants TO freehold_api;

GRANT UPDATE(support_access) ON TABLE app.tenants TO freehold_api;

REVOKE ALL ON FUNCTION app.sign_up(issuer text, subject text, issued_at timestamp with time zone, email text, person text, tenant_name text, request_id text, address text, key text, request_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION app.sign_up(issuer text, subject text, issued_at timestamp with time zone, email text, person text, tenant_name text, request_id text, address text, key text, request_hash bytea) TO freehold_api;

REVOKE ALL ON PROCEDURE app.state_proof(IN target regclass, IN condition text) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.sync_done(upto bigint, review timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.sync_done(upto bigint, review timestamp with time zone) TO freehold_worker;

REVOKE ALL ON FUNCTION app.take_trial(marks text[], look boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION app.take_trial(marks text[], look boolean) TO freehold_api;
GRANT ALL ON FUNCTION app.take_trial(marks text[], look boolean) TO freehold_worker;

REVOKE ALL ON FUNCTION app.take_turn(name text, period text, holder text, hold interval) FROM PUBLIC;
GRANT ALL ON FUNCTION app.take_turn(name text, period text, holder text, hold interval) TO freehold_system;

REVOKE ALL ON FUNCTION app.target_flag(flag text, member uuid, variant text, until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.target_flag(flag text, member uuid, variant text, until timestamp with time zone) TO freehold_operator;

REVOKE ALL ON FUNCTION app.tenant_is_there() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.tenant_key(target regclass) FROM PUBLIC;

REVOKE ALL ON PROCEDURE app.tenant_table(IN target regclass, IN key name, IN unaudited text) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.tenants_of(issuer text, subject text, issued_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.tenants_of(issuer text, subject text, issued_at timestamp with time zone) TO freehold_api;

GRANT SELECT,INSERT ON TABLE app.operator_visits TO freehold_registrar;
GRANT SELECT ON TABLE app.operator_visits TO freehold_api;

REVOKE ALL ON FUNCTION app.this_visit() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.touch_key(tenant uuid, secret_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION app.touch_key(tenant uuid, secret_hash bytea) TO freehold_api;

REVOKE ALL ON FUNCTION app.usage_due(batch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.usage_due(batch integer) TO freehold_system;

REVOKE ALL ON FUNCTION app.usage_is_paid_for() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.usage_of(key text, most bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.usage_of(key text, most bigint) TO freehold_api;
GRANT ALL ON FUNCTION app.usage_of(key text, most bigint) TO freehold_worker;
GRANT ALL ON FUNCTION app.usage_of(key text, most bigint) TO freehold_registrar;

REVOKE ALL ON FUNCTION app.usage_uncompared(batch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.usage_uncompared(batch integer) TO freehold_system;

REVOKE ALL ON PROCEDURE app.validate_reference(IN target regclass, IN reference name) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.wake_jobs(batch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.wake_jobs(batch integer) TO freehold_system;

REVOKE ALL ON FUNCTION app.want_sync(reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.want_sync(reason text) TO freehold_api;
GRANT ALL ON FUNCTION app.want_sync(reason text) TO freehold_worker;

REVOKE ALL ON FUNCTION app.who_asks(kind text, issuer text, subject text, issued_at timestamp with time zone, secret_hash bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.within(key text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.within(key text) TO freehold_api;
GRANT ALL ON FUNCTION app.within(key text) TO freehold_worker;

REVOKE ALL ON FUNCTION app.within_yours(needed text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.within_yours(needed text[]) TO freehold_api;

REVOKE ALL ON PROCEDURE app.worker(IN name text, IN description text) FROM PUBLIC;

GRANT SELECT ON TABLE app.access_grants TO freehold_api;
GRANT SELECT ON TABLE app.access_grants TO freehold_worker;
GRANT SELECT,INSERT ON TABLE app.access_grants TO freehold_registrar;
GRANT SELECT ON TABLE app.access_grants TO freehold_door;

GRANT UPDATE(ended_at) ON TABLE app.access_grants TO freehold_registrar;

GRANT SELECT,INSERT ON TABLE app.allowances TO freehold_door;

GRANT UPDATE(tokens) ON TABLE app.allowances TO freehold_door;

GRANT UPDATE(refilled_at) ON TABLE app.allowances TO freehold_door;

GRANT SELECT,INSERT ON TABLE app.api_key_uses TO freehold_registrar;
GRANT SELECT ON TABLE app.api_key_uses TO freehold_api;

GRANT UPDATE(last_used_at) ON TABLE app.api_key_uses TO freehold_registrar;

GRANT SELECT ON TABLE app.api_keys TO freehold_door;
GRANT SELECT,INSERT ON TABLE app.api_keys TO freehold_api;
GRANT SELECT ON TABLE app.api_keys TO freehold_registrar;

GRANT SELECT(tenant_id) ON TABLE app.api_keys TO freehold_worker;

GRANT SELECT(id) ON TABLE app.api_keys TO freehold_worker;

GRANT UPDATE(secret_hash) ON TABLE app.api_keys TO freehold_api;

GRANT UPDATE(hint) ON TABLE app.api_keys TO freehold_api;

GRANT UPDATE(created_by) ON TABLE app.api_keys TO freehold_api;
GRANT SELECT(created_by) ON TABLE app.api_keys TO freehold_worker;

GRANT UPDATE(revoked_at) ON TABLE app.api_keys TO freehold_api;
GRANT UPDATE(revoked_at) ON TABLE app.api_keys TO freehold_registrar;

GRANT UPDATE(version) ON TABLE app.api_keys TO freehold_api;
GRANT UPDATE(version) ON TABLE app.api_keys TO freehold_registrar;

GRANT UPDATE(updated_at) ON TABLE app.api_keys TO freehold_api;
GRANT UPDATE(updated_at) ON TABLE app.api_keys TO freehold_registrar;

GRANT UPDATE(previous_hash) ON TABLE app.api_keys TO freehold_api;

GRANT UPDATE(previous_until) ON TABLE app.api_keys TO freehold_api;

GRANT SELECT,INSERT ON TABLE app.audit TO freehold_auditor;
GRANT SELECT ON TABLE app.audit TO freehold_report;
GRANT SELECT ON TABLE app.audit TO freehold_api;

GRANT SELECT(tenant_id) ON TABLE app.audit TO freehold_registrar;

GRANT SELECT(id) ON TABLE app.audit TO freehold_registrar;

GRANT SELECT(occurred_at) ON TABLE app.audit TO freehold_registrar;

GRANT SELECT(principal) ON TABLE app.audit TO freehold_registrar;

GRANT SELECT(request_id) ON TABLE app.audit TO freehold_registrar;

GRANT SELECT(action) ON TABLE app.audit TO freehold_registrar;

GRANT SELECT(row_id) ON TABLE app.audit TO freehold_registrar;

GRANT SELECT,INSERT ON TABLE app.audit_heads TO freehold_auditor;
GRANT SELECT ON TABLE app.audit_heads TO freehold_worker;
GRANT SELECT ON TABLE app.audit_heads TO freehold_relay;

GRANT UPDATE(seq) ON TABLE app.audit_heads TO freehold_auditor;

GRANT UPDATE(hash) ON TABLE app.audit_heads TO freehold_auditor;

GRANT UPDATE(sealed_at) ON TABLE app.audit_heads TO freehold_auditor;

GRANT UPDATE(anchored_seq) ON TABLE app.audit_heads TO freehold_worker;

GRANT UPDATE(anchored_at) ON TABLE app.audit_heads TO freehold_worker;

GRANT SELECT,INSERT ON TABLE app.audit_seals TO freehold_auditor;

GRANT SELECT(tenant_id) ON TABLE app.audit_seals TO freehold_worker;

GRANT SELECT(seq) ON TABLE app.audit_seals TO freehold_worker;

GRANT SELECT(hash) ON TABLE app.audit_seals TO freehold_worker;

GRANT SELECT,INSERT,DELETE ON TABLE app.audit_unsealed TO freehold_auditor;
GRANT SELECT ON TABLE app.audit_unsealed TO freehold_relay;

GRANT SELECT ON TABLE app.billing_accounts TO freehold_api;
GRANT SELECT,INSERT ON TABLE app.billing_accounts TO freehold_worker;
GRANT SELECT ON TABLE app.billing_accounts TO freehold_registrar;
GRANT SELECT ON TABLE app.billing_accounts TO freehold_door;

GRANT UPDATE(plan) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(add_ons) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE("interval") ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(status) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(access) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(seats) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(currency) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(subscription_id) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(current_period_start) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(current_period_end) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(trial_end) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(trial_used_at) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(cancel_at) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(ended_at) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(past_due_since) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(pending_change) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(discount) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(payment_method) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(balance) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(version) ON TABLE app.billing_accounts TO freehold_worker;

GRANT UPDATE(updated_at) ON TABLE app.billing_accounts TO freehold_worker;

GRANT SELECT,INSERT ON TABLE app.billing_notices TO freehold_worker;

GRANT SELECT,INSERT,DELETE ON TABLE app.billing_operations TO freehold_api;
GRANT SELECT,INSERT ON TABLE app.billing_operations TO freehold_worker;

GRANT SELECT(tenant_id) ON TABLE app.billing_operations TO freehold_registrar;

GRANT SELECT(id) ON TABLE app.billing_operations TO freehold_registrar;

GRANT UPDATE(key) ON TABLE app.billing_operations TO freehold_api;
GRANT UPDATE(key) ON TABLE app.billing_operations TO freehold_worker;

GRANT UPDATE(state) ON TABLE app.billing_operations TO freehold_api;
GRANT UPDATE(state) ON TABLE app.billing_operations TO freehold_worker;

GRANT UPDATE(request) ON TABLE app.billing_operations TO freehold_api;
GRANT UPDATE(request) ON TABLE app.billing_operations TO freehold_worker;

GRANT UPDATE(result) ON TABLE app.billing_operations TO freehold_api;
GRANT UPDATE(result) ON TABLE app.billing_operations TO freehold_worker;

GRANT UPDATE(asked) ON TABLE app.billing_operations TO freehold_api;

GRANT UPDATE(asked_at) ON TABLE app.billing_operations TO freehold_api;

GRANT UPDATE(finished_at) ON TABLE app.billing_operations TO freehold_api;
GRANT UPDATE(finished_at) ON TABLE app.billing_operations TO freehold_worker;
GRANT SELECT(finished_at) ON TABLE app.billing_operations TO freehold_registrar;

GRANT SELECT ON TABLE app.billing_syncs TO freehold_api;
GRANT SELECT ON TABLE app.billing_syncs TO freehold_worker;
GRANT SELECT,INSERT ON TABLE app.billing_syncs TO freehold_registrar;
GRANT SELECT ON TABLE app.billing_syncs TO freehold_relay;

GRANT UPDATE(customer_id) ON TABLE app.billing_syncs TO freehold_registrar;

GRANT UPDATE(clock_id) ON TABLE app.billing_syncs TO freehold_registrar;

GRANT UPDATE(gone_id) ON TABLE app.billing_syncs TO freehold_worker;

GRANT UPDATE(seats_follow) ON TABLE app.billing_syncs TO freehold_worker;

GRANT UPDATE(wanted) ON TABLE app.billing_syncs TO freehold_registrar;

GRANT UPDATE(done) ON TABLE app.billing_syncs TO freehold_registrar;

GRANT UPDATE(job_id) ON TABLE app.billing_syncs TO freehold_registrar;

GRANT UPDATE(synced_from) ON TABLE app.billing_syncs TO freehold_worker;

GRANT SELECT ON TABLE app.builtin_roles TO freehold_door;
GRANT SELECT ON TABLE app.builtin_roles TO freehold_registrar;
GRANT SELECT ON TABLE app.builtin_roles TO freehold_api;

GRANT SELECT ON TABLE app.decision_versions TO freehold_door;
GRANT SELECT,INSERT ON TABLE app.decision_versions TO freehold_registrar;

GRANT UPDATE(version) ON TABLE app.decision_versions TO freehold_registrar;

GRANT UPDATE(hard) ON TABLE app.decision_versions TO freehold_door;

GRANT UPDATE(hard_version) ON TABLE app.decision_versions TO freehold_door;

GRANT UPDATE(hard_snapshot) ON TABLE app.decision_versions TO freehold_door;

GRANT UPDATE(hard_until) ON TABLE app.decision_versions TO freehold_door;

GRANT SELECT,INSERT ON TABLE app.deliveries TO freehold_api;
GRANT SELECT,INSERT ON TABLE app.deliveries TO freehold_worker;

GRANT SELECT(tenant_id) ON TABLE app.deliveries TO freehold_registrar;

GRANT SELECT(id) ON TABLE app.deliveries TO freehold_registrar;

GRANT SELECT(endpoint_id) ON TABLE app.deliveries TO freehold_registrar;

GRANT SELECT(event_type) ON TABLE app.deliveries TO freehold_registrar;

GRANT UPDATE(state) ON TABLE app.deliveries TO freehold_worker;
GRANT SELECT(state) ON TABLE app.deliveries TO freehold_registrar;

GRANT UPDATE(attempts) ON TABLE app.deliveries TO freehold_worker;
GRANT SELECT(attempts) ON TABLE app.deliveries TO freehold_registrar;

GRANT UPDATE(last_status) ON TABLE app.deliveries TO freehold_worker;
GRANT SELECT(last_status) ON TABLE app.deliveries TO freehold_registrar;

GRANT UPDATE(last_error) ON TABLE app.deliveries TO freehold_worker;

GRANT UPDATE(next_attempt_at) ON TABLE app.deliveries TO freehold_worker;
GRANT SELECT(next_attempt_at) ON TABLE app.deliveries TO freehold_registrar;

GRANT SELECT(created_at) ON TABLE app.deliveries TO freehold_registrar;

GRANT UPDATE(finished_at) ON TABLE app.deliveries TO freehold_worker;
GRANT SELECT(finished_at) ON TABLE app.deliveries TO freehold_registrar;

GRANT SELECT ON TABLE app.delivery_attempts TO freehold_api;
GRANT INSERT ON TABLE app.delivery_attempts TO freehold_worker;

GRANT SELECT ON TABLE app.domains TO freehold_door;
GRANT SELECT ON TABLE app.domains TO freehold_registrar;
GRANT SELECT,INSERT,DELETE ON TABLE app.domains TO freehold_api;
GRANT SELECT ON TABLE app.domains TO freehold_worker;

GRANT UPDATE(verified_at) ON TABLE app.domains TO freehold_worker;

GRANT UPDATE(version) ON TABLE app.domains TO freehold_worker;

GRANT UPDATE(updated_at) ON TABLE app.domains TO freehold_worker;

GRANT SELECT,INSERT ON TABLE app.email_suppressions TO freehold_worker;

GRANT SELECT,INSERT ON TABLE app.emails TO freehold_worker;
GRANT SELECT,DELETE ON TABLE app.emails TO freehold_relay;

GRANT UPDATE(state) ON TABLE app.emails TO freehold_worker;

GRANT UPDATE(message_id) ON TABLE app.emails TO freehold_worker;

GRANT UPDATE(error) ON TABLE app.emails TO freehold_worker;

GRANT UPDATE(updated_at) ON TABLE app.emails TO freehold_worker;

GRANT SELECT,INSERT ON TABLE app.exposures TO freehold_api;
GRANT SELECT ON TABLE app.exposures TO freehold_registrar;

GRANT SELECT,INSERT ON TABLE app.flag_changes TO freehold_registrar;

GRANT SELECT ON TABLE app.flag_targets TO freehold_door;
GRANT SELECT,INSERT,DELETE ON TABLE app.flag_targets TO freehold_registrar;

GRANT SELECT,INSERT,UPDATE ON TABLE app.flags TO freehold_registrar;
GRANT SELECT ON TABLE app.flags TO freehold_api;

GRANT SELECT ON TABLE app.grants TO freehold_door;
GRANT SELECT,DELETE ON TABLE app.grants TO freehold_registrar;
GRANT SELECT,INSERT,DELETE ON TABLE app.grants TO freehold_api;

GRANT UPDATE(role) ON TABLE app.grants TO freehold_api;

GRANT UPDATE(custom_role) ON TABLE app.grants TO freehold_api;

GRANT UPDATE(version) ON TABLE app.grants TO freehold_api;

GRANT UPDATE(updated_at) ON TABLE app.grants TO freehold_api;

GRANT SELECT,INSERT,DELETE ON TABLE app.group_members TO freehold_api;

GRANT SELECT ON TABLE app.groups TO freehold_door;
GRANT SELECT,INSERT,DELETE ON TABLE app.groups TO freehold_api;

GRANT UPDATE(display_name) ON TABLE app.groups TO freehold_api;

GRANT UPDATE(external_id) ON TABLE app.groups TO freehold_api;

GRANT UPDATE(role) ON TABLE app.groups TO freehold_api;

GRANT UPDATE(custom_role) ON TABLE app.groups TO freehold_api;

GRANT UPDATE(version) ON TABLE app.groups TO freehold_api;

GRANT UPDATE(updated_at) ON TABLE app.groups TO freehold_api;

GRANT SELECT,INSERT,DELETE ON TABLE app.idempotency TO freehold_api;
GRANT SELECT,DELETE ON TABLE app.idempotency TO freehold_relay;

GRANT SELECT ON TABLE app.impersonations TO freehold_door;
GRANT SELECT,INSERT ON TABLE app.impersonations TO freehold_registrar;
GRANT SELECT ON TABLE app.impersonations TO freehold_api;

GRANT UPDATE(ended_at) ON TABLE app.impersonations TO freehold_registrar;
GRANT UPDATE(ended_at) ON TABLE app.impersonations TO freehold_api;

GRANT SELECT,INSERT ON TABLE app.inbox TO freehold_worker;

GRANT SELECT ON TABLE app.invitation_tokens TO freehold_registrar;
GRANT INSERT ON TABLE app.invitation_tokens TO freehold_worker;
GRANT DELETE ON TABLE app.invitation_tokens TO freehold_api;

GRANT SELECT(tenant_id) ON TABLE app.invitation_tokens TO freehold_api;
GRANT SELECT(tenant_id) ON TABLE app.invitation_tokens TO freehold_worker;

GRANT SELECT(invitation_id) ON TABLE app.invitation_tokens TO freehold_api;
GRANT SELECT(invitation_id) ON TABLE app.invitation_tokens TO freehold_worker;

GRANT SELECT ON TABLE app.invitations TO freehold_door;
GRANT SELECT ON TABLE app.invitations TO freehold_registrar;
GRANT SELECT ON TABLE app.invitations TO freehold_worker;
GRANT SELECT,INSERT ON TABLE app.invitations TO freehold_api;

GRANT UPDATE(role) ON TABLE app.invitations TO freehold_registrar;
GRANT UPDATE(role) ON TABLE app.invitations TO freehold_api;

GRANT UPDATE(custom_role) ON TABLE app.invitations TO freehold_registrar;
GRANT UPDATE(custom_role) ON TABLE app.invitations TO freehold_api;

GRANT UPDATE(invited_by) ON TABLE app.invitations TO freehold_api;

GRANT UPDATE(status) ON TABLE app.invitations TO freehold_registrar;
GRANT UPDATE(status) ON TABLE app.invitations TO freehold_api;

GRANT UPDATE(accepted_by) ON TABLE app.invitations TO freehold_registrar;

GRANT UPDATE(expires_at) ON TABLE app.invitations TO freehold_api;

GRANT UPDATE(sent_at) ON TABLE app.invitations TO freehold_worker;

GRANT UPDATE(version) ON TABLE app.invitations TO freehold_registrar;
GRANT UPDATE(version) ON TABLE app.invitations TO freehold_api;

GRANT UPDATE(updated_at) ON TABLE app.invitations TO freehold_registrar;
GRANT UPDATE(updated_at) ON TABLE app.invitations TO freehold_api;

GRANT SELECT ON TABLE app.invoices TO freehold_api;
GRANT SELECT,INSERT ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(stripe_id) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(subscription_id) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(number) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(status) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(billing_reason) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(currency) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(subtotal) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(discount) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(tax) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(total) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(amount_due) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(amount_paid) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(amount_remaining) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(amount_refunded) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(disputed) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(attempt_count) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(next_payment_attempt) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(hosted_url) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(pdf_url) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(period_start) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(period_end) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(issued_at) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(due_at) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(paid_at) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(lines) ON TABLE app.invoices TO freehold_worker;

GRANT UPDATE(updated_at) ON TABLE app.invoices TO freehold_worker;

GRANT SELECT ON TABLE app.job_classes TO freehold_api;
GRANT SELECT ON TABLE app.job_classes TO freehold_worker;
GRANT SELECT ON TABLE app.job_classes TO freehold_relay;

GRANT SELECT ON TABLE app.job_quotas TO freehold_api;
GRANT SELECT ON TABLE app.job_quotas TO freehold_worker;
GRANT SELECT ON TABLE app.job_quotas TO freehold_relay;

GRANT SELECT ON TABLE app.job_rings TO freehold_relay;

GRANT UPDATE(tenant) ON TABLE app.job_rings TO freehold_relay;

GRANT UPDATE(credit) ON TABLE app.job_rings TO freehold_relay;

GRANT SELECT,INSERT ON TABLE app.jobs TO freehold_api;
GRANT SELECT,INSERT,DELETE ON TABLE app.jobs TO freehold_worker;
GRANT SELECT,DELETE ON TABLE app.jobs TO freehold_relay;
GRANT INSERT ON TABLE app.jobs TO freehold_registrar;

GRANT SELECT(tenant_id) ON TABLE app.jobs TO freehold_registrar;

GRANT SELECT(id) ON TABLE app.jobs TO freehold_registrar;

GRANT UPDATE(kind) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(kind) ON TABLE app.jobs TO freehold_relay;
GRANT SELECT(kind) ON TABLE app.jobs TO freehold_registrar;

GRANT UPDATE(job_class) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(job_class) ON TABLE app.jobs TO freehold_relay;
GRANT SELECT(job_class) ON TABLE app.jobs TO freehold_registrar;

GRANT UPDATE(state) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(state) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(state) ON TABLE app.jobs TO freehold_relay;
GRANT SELECT(state),UPDATE(state) ON TABLE app.jobs TO freehold_registrar;

GRANT UPDATE(cause) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(cause) ON TABLE app.jobs TO freehold_relay;
GRANT SELECT(cause) ON TABLE app.jobs TO freehold_registrar;

GRANT UPDATE(lane) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(lane) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(input) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(input) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(checkpoint) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(checkpoint) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(result) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(result) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(reason) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(reason) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(reason) ON TABLE app.jobs TO freehold_relay;
GRANT SELECT(reason) ON TABLE app.jobs TO freehold_registrar;

GRANT UPDATE(done) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(done) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(total) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(total) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(attempt) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(attempt) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(attempt) ON TABLE app.jobs TO freehold_relay;
GRANT SELECT(attempt) ON TABLE app.jobs TO freehold_registrar;

GRANT UPDATE(attempts) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(attempts) ON TABLE app.jobs TO freehold_relay;
GRANT SELECT(attempts) ON TABLE app.jobs TO freehold_registrar;

GRANT UPDATE(cancel_asked) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(cancel_asked) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(cancel_asked) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(due_at) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(due_at) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(due_at) ON TABLE app.jobs TO freehold_relay;
GRANT SELECT(due_at),UPDATE(due_at) ON TABLE app.jobs TO freehold_registrar;

GRANT UPDATE(deadline) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(deadline) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(deadline) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(token) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(token) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(token) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(lease_until) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(lease_until) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(lease_until) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(created_by) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(created_by) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(request_id) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(request_id) ON TABLE app.jobs TO freehold_relay;

GRANT SELECT(created_at) ON TABLE app.jobs TO freehold_registrar;

GRANT UPDATE(started_at) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(started_at) ON TABLE app.jobs TO freehold_relay;
GRANT SELECT(started_at) ON TABLE app.jobs TO freehold_registrar;

GRANT UPDATE(finished_at) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(finished_at) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(finished_at) ON TABLE app.jobs TO freehold_relay;
GRANT SELECT(finished_at) ON TABLE app.jobs TO freehold_registrar;

GRANT UPDATE(updated_at) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(updated_at) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(updated_at) ON TABLE app.jobs TO freehold_relay;
GRANT UPDATE(updated_at) ON TABLE app.jobs TO freehold_registrar;

GRANT SELECT ON TABLE app.members TO freehold_door;
GRANT SELECT ON TABLE app.members TO freehold_api;
GRANT SELECT,INSERT ON TABLE app.members TO freehold_registrar;

GRANT SELECT(tenant_id) ON TABLE app.members TO freehold_worker;
GRANT INSERT(tenant_id) ON TABLE app.members TO freehold_api;
GRANT SELECT(tenant_id) ON TABLE app.members TO freehold_door;

GRANT SELECT(id) ON TABLE app.members TO freehold_worker;

GRANT UPDATE(issuer) ON TABLE app.members TO freehold_registrar;

GRANT UPDATE(subject) ON TABLE app.members TO freehold_registrar;

GRANT SELECT(email) ON TABLE app.members TO freehold_worker;
GRANT UPDATE(email) ON TABLE app.members TO freehold_registrar;
GRANT INSERT(email),UPDATE(email) ON TABLE app.members TO freehold_api;

GRANT INSERT(name),UPDATE(name) ON TABLE app.members TO freehold_api;

GRANT SELECT(role) ON TABLE app.members TO freehold_worker;
GRANT INSERT(role),UPDATE(role) ON TABLE app.members TO freehold_api;
GRANT UPDATE(role) ON TABLE app.members TO freehold_registrar;

GRANT SELECT(status) ON TABLE app.members TO freehold_worker;
GRANT INSERT(status),UPDATE(status) ON TABLE app.members TO freehold_api;
GRANT UPDATE(status) ON TABLE app.members TO freehold_registrar;
GRANT SELECT(status) ON TABLE app.members TO freehold_door;

GRANT UPDATE(sessions_ended_at) ON TABLE app.members TO freehold_api;

GRANT UPDATE(version) ON TABLE app.members TO freehold_api;
GRANT UPDATE(version) ON TABLE app.members TO freehold_registrar;

GRANT UPDATE(updated_at) ON TABLE app.members TO freehold_api;
GRANT UPDATE(updated_at) ON TABLE app.members TO freehold_registrar;

GRANT INSERT(custom_role),UPDATE(custom_role) ON TABLE app.members TO freehold_api;
GRANT UPDATE(custom_role) ON TABLE app.members TO freehold_registrar;

GRANT UPDATE(break_glass) ON TABLE app.members TO freehold_registrar;
GRANT UPDATE(break_glass) ON TABLE app.members TO freehold_api;

GRANT INSERT(user_name),UPDATE(user_name) ON TABLE app.members TO freehold_api;

GRANT INSERT(external_id),UPDATE(external_id) ON TABLE app.members TO freehold_api;

GRANT INSERT(given_name),UPDATE(given_name) ON TABLE app.members TO freehold_api;

GRANT INSERT(family_name),UPDATE(family_name) ON TABLE app.members TO freehold_api;

GRANT INSERT(emails),UPDATE(emails) ON TABLE app.members TO freehold_api;

GRANT INSERT(provisioned_by),UPDATE(provisioned_by) ON TABLE app.members TO freehold_api;

GRANT INSERT(deprovisioned_from),UPDATE(deprovisioned_from) ON TABLE app.members TO freehold_api;

GRANT SELECT,INSERT,DELETE ON TABLE app.projects TO freehold_api;
GRANT SELECT ON TABLE app.projects TO freehold_report;

GRANT SELECT(tenant_id) ON TABLE app.projects TO freehold_door;

GRANT UPDATE(name) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(description) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(archived_at) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(created_by) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(version) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(updated_at) ON TABLE app.projects TO freehold_api;

GRANT SELECT ON TABLE app.limited_rows TO freehold_door;

GRANT SELECT ON TABLE app.limited_tables TO freehold_door;

GRANT INSERT ON TABLE app.outbox TO freehold_api;
GRANT INSERT ON TABLE app.outbox TO freehold_registrar;
GRANT SELECT,INSERT ON TABLE app.outbox TO freehold_relay;
GRANT SELECT,INSERT ON TABLE app.outbox TO freehold_worker;

GRANT UPDATE(due_at) ON TABLE app.outbox TO freehold_relay;

GRANT UPDATE(failures) ON TABLE app.outbox TO freehold_relay;

GRANT UPDATE(published_at) ON TABLE app.outbox TO freehold_relay;

GRANT SELECT ON TABLE app.overrides TO freehold_door;
GRANT SELECT,INSERT ON TABLE app.overrides TO freehold_registrar;
GRANT SELECT ON TABLE app.overrides TO freehold_api;
GRANT SELECT ON TABLE app.overrides TO freehold_worker;

GRANT UPDATE(ended_at) ON TABLE app.overrides TO freehold_registrar;

GRANT SELECT ON TABLE app.permissions TO freehold_door;
GRANT SELECT ON TABLE app.permissions TO freehold_api;

GRANT SELECT,INSERT ON TABLE app.residents TO freehold_registrar;

GRANT SELECT ON TABLE app.roles TO freehold_door;
GRANT SELECT ON TABLE app.roles TO freehold_registrar;
GRANT SELECT,INSERT,DELETE ON TABLE app.roles TO freehold_api;

GRANT UPDATE(name) ON TABLE app.roles TO freehold_api;

GRANT UPDATE(description) ON TABLE app.roles TO freehold_api;

GRANT UPDATE(permissions) ON TABLE app.roles TO freehold_api;

GRANT UPDATE(version) ON TABLE app.roles TO freehold_api;

GRANT UPDATE(updated_at) ON TABLE app.roles TO freehold_api;

GRANT SELECT,UPDATE ON TABLE app.snapshot TO freehold_registrar;
GRANT SELECT ON TABLE app.snapshot TO freehold_door;

GRANT SELECT(one) ON TABLE app.snapshot TO freehold_door;
GRANT SELECT(one) ON TABLE app.snapshot TO freehold_api;

GRANT SELECT(version) ON TABLE app.snapshot TO freehold_door;
GRANT SELECT(version) ON TABLE app.snapshot TO freehold_api;

GRANT SELECT(catalog) ON TABLE app.snapshot TO freehold_api;
GRANT SELECT(catalog) ON TABLE app.snapshot TO freehold_door;

GRANT SELECT(digest) ON TABLE app.snapshot TO freehold_api;

GRANT SELECT(published_at) ON TABLE app.snapshot TO freehold_api;

GRANT SELECT ON TABLE app.sso_connections TO freehold_door;
GRANT SELECT ON TABLE app.sso_connections TO freehold_registrar;
GRANT SELECT,INSERT,DELETE ON TABLE app.sso_connections TO freehold_api;

GRANT UPDATE(audience) ON TABLE app.sso_connections TO freehold_api;

GRANT UPDATE(role) ON TABLE app.sso_connections TO freehold_api;

GRANT UPDATE(custom_role) ON TABLE app.sso_connections TO freehold_api;

GRANT UPDATE(jit) ON TABLE app.sso_connections TO freehold_api;

GRANT UPDATE(status) ON TABLE app.sso_connections TO freehold_api;

GRANT UPDATE(answered_by) ON TABLE app.sso_connections TO freehold_api;

GRANT UPDATE(version) ON TABLE app.sso_connections TO freehold_api;

GRANT UPDATE(updated_at) ON TABLE app.sso_connections TO freehold_api;

GRANT SELECT ON TABLE app.subscriptions TO freehold_api;
GRANT SELECT,INSERT ON TABLE app.subscriptions TO freehold_worker;

GRANT SELECT(tenant_id) ON TABLE app.subscriptions TO freehold_door;
GRANT SELECT(tenant_id) ON TABLE app.subscriptions TO freehold_registrar;

GRANT UPDATE(stripe_id) ON TABLE app.subscriptions TO freehold_worker;
GRANT SELECT(stripe_id) ON TABLE app.subscriptions TO freehold_door;
GRANT SELECT(stripe_id) ON TABLE app.subscriptions TO freehold_registrar;

GRANT UPDATE(status) ON TABLE app.subscriptions TO freehold_worker;

GRANT UPDATE(currency) ON TABLE app.subscriptions TO freehold_worker;

GRANT UPDATE(items) ON TABLE app.subscriptions TO freehold_worker;

GRANT UPDATE(discounts) ON TABLE app.subscriptions TO freehold_worker;

GRANT UPDATE(pending_update) ON TABLE app.subscriptions TO freehold_worker;

GRANT UPDATE(current_period_start) ON TABLE app.subscriptions TO freehold_worker;

GRANT UPDATE(current_period_end) ON TABLE app.subscriptions TO freehold_worker;

GRANT UPDATE(trial_start) ON TABLE app.subscriptions TO freehold_worker;

GRANT UPDATE(trial_end) ON TABLE app.subscriptions TO freehold_worker;

GRANT UPDATE(cancel_at) ON TABLE app.subscriptions TO freehold_worker;

GRANT UPDATE(canceled_at) ON TABLE app.subscriptions TO freehold_worker;

GRANT UPDATE(ended_at) ON TABLE app.subscriptions TO freehold_worker;

GRANT UPDATE(past_due_since) ON TABLE app.subscriptions TO freehold_worker;

GRANT UPDATE(started_at) ON TABLE app.subscriptions TO freehold_worker;
GRANT SELECT(started_at) ON TABLE app.subscriptions TO freehold_door;
GRANT SELECT(started_at) ON TABLE app.subscriptions TO freehold_registrar;

GRANT UPDATE(updated_at) ON TABLE app.subscriptions TO freehold_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.turns TO freehold_relay;

GRANT SELECT,INSERT ON TABLE app.usage_events TO freehold_api;
GRANT SELECT ON TABLE app.usage_events TO freehold_worker;
GRANT SELECT ON TABLE app.usage_events TO freehold_report;

GRANT SELECT,INSERT ON TABLE app.usage_hours TO freehold_api;
GRANT SELECT ON TABLE app.usage_hours TO freehold_worker;
GRANT SELECT ON TABLE app.usage_hours TO freehold_report;
GRANT SELECT ON TABLE app.usage_hours TO freehold_door;

GRANT UPDATE(quantity) ON TABLE app.usage_hours TO freehold_api;

GRANT UPDATE(events) ON TABLE app.usage_hours TO freehold_api;

GRANT UPDATE(claimed) ON TABLE app.usage_hours TO freehold_worker;

GRANT UPDATE(free) ON TABLE app.usage_hours TO freehold_worker;

GRANT SELECT,INSERT ON TABLE app.usage_keys TO freehold_api;
GRANT SELECT,DELETE ON TABLE app.usage_keys TO freehold_relay;

GRANT SELECT ON TABLE app.usage_reports TO freehold_api;
GRANT SELECT,INSERT ON TABLE app.usage_reports TO freehold_worker;

GRANT UPDATE(counted_at) ON TABLE app.usage_reports TO freehold_worker;

GRANT UPDATE(state) ON TABLE app.usage_reports TO freehold_worker;

GRANT UPDATE(reason) ON TABLE app.usage_reports TO freehold_worker;

GRANT UPDATE(finished_at) ON TABLE app.usage_reports TO freehold_worker;

GRANT SELECT,INSERT ON TABLE app.usage_unreported TO freehold_api;
GRANT SELECT,INSERT,DELETE ON TABLE app.usage_unreported TO freehold_worker;
GRANT SELECT ON TABLE app.usage_unreported TO freehold_relay;

GRANT UPDATE(changes) ON TABLE app.usage_unreported TO freehold_api;
GRANT UPDATE(changes) ON TABLE app.usage_unreported TO freehold_worker;

GRANT UPDATE(due_at) ON TABLE app.usage_unreported TO freehold_worker;

GRANT UPDATE(job_id) ON TABLE app.usage_unreported TO freehold_worker;

GRANT SELECT,INSERT,DELETE ON TABLE app.webhook_endpoints TO freehold_api;
GRANT SELECT ON TABLE app.webhook_endpoints TO freehold_worker;

GRANT SELECT(tenant_id) ON TABLE app.webhook_endpoints TO freehold_registrar;

GRANT SELECT(id) ON TABLE app.webhook_endpoints TO freehold_registrar;

GRANT UPDATE(url) ON TABLE app.webhook_endpoints TO freehold_api;

GRANT UPDATE(description) ON TABLE app.webhook_endpoints TO freehold_api;

GRANT UPDATE(events) ON TABLE app.webhook_endpoints TO freehold_api;

GRANT UPDATE(permissions) ON TABLE app.webhook_endpoints TO freehold_api;

GRANT UPDATE(secret) ON TABLE app.webhook_endpoints TO freehold_api;

GRANT UPDATE(former_secrets) ON TABLE app.webhook_endpoints TO freehold_api;

GRANT UPDATE(state) ON TABLE app.webhook_endpoints TO freehold_api;
GRANT UPDATE(state) ON TABLE app.webhook_endpoints TO freehold_worker;
GRANT SELECT(state) ON TABLE app.webhook_endpoints TO freehold_registrar;

GRANT UPDATE(disabled_reason) ON TABLE app.webhook_endpoints TO freehold_api;
GRANT UPDATE(disabled_reason) ON TABLE app.webhook_endpoints TO freehold_worker;
GRANT SELECT(disabled_reason) ON TABLE app.webhook_endpoints TO freehold_registrar;

GRANT UPDATE(disabled_at) ON TABLE app.webhook_endpoints TO freehold_api;
GRANT UPDATE(disabled_at) ON TABLE app.webhook_endpoints TO freehold_worker;
GRANT SELECT(disabled_at) ON TABLE app.webhook_endpoints TO freehold_registrar;

GRANT UPDATE(version) ON TABLE app.webhook_endpoints TO freehold_api;
GRANT UPDATE(version) ON TABLE app.webhook_endpoints TO freehold_worker;

GRANT UPDATE(updated_at) ON TABLE app.webhook_endpoints TO freehold_api;
GRANT UPDATE(updated_at) ON TABLE app.webhook_endpoints TO freehold_worker;

GRANT SELECT ON TABLE app.webhook_failures TO freehold_api;
GRANT SELECT,INSERT,DELETE ON TABLE app.webhook_failures TO freehold_worker;
GRANT SELECT ON TABLE app.webhook_failures TO freehold_registrar;

GRANT UPDATE(since) ON TABLE app.webhook_failures TO freehold_worker;

GRANT UPDATE(failures) ON TABLE app.webhook_failures TO freehold_api;
GRANT UPDATE(failures) ON TABLE app.webhook_failures TO freehold_worker;

GRANT UPDATE(timeouts) ON TABLE app.webhook_failures TO freehold_api;
GRANT UPDATE(timeouts) ON TABLE app.webhook_failures TO freehold_worker;

GRANT UPDATE(pauses) ON TABLE app.webhook_failures TO freehold_api;
GRANT UPDATE(pauses) ON TABLE app.webhook_failures TO freehold_worker;

GRANT UPDATE(paused_since) ON TABLE app.webhook_failures TO freehold_api;
GRANT UPDATE(paused_since) ON TABLE app.webhook_failures TO freehold_worker;

GRANT UPDATE(paused_until) ON TABLE app.webhook_failures TO freehold_api;
GRANT UPDATE(paused_until) ON TABLE app.webhook_failures TO freehold_worker;

GRANT UPDATE(recovers) ON TABLE app.webhook_failures TO freehold_api;
GRANT UPDATE(recovers) ON TABLE app.webhook_failures TO freehold_worker;

GRANT SELECT ON TABLE app.webhook_quotas TO freehold_api;

GRANT SELECT ON TABLE app.workers TO freehold_door;

GRANT SELECT,INSERT,DELETE ON TABLE directory.domains TO freehold_registrar;

GRANT SELECT ON TABLE directory.issuers TO freehold_door;
GRANT SELECT,INSERT,DELETE ON TABLE directory.issuers TO freehold_registrar;

GRANT SELECT ON TABLE directory.memberships TO freehold_door;
GRANT SELECT,INSERT,DELETE ON TABLE directory.memberships TO freehold_registrar;

GRANT SELECT,INSERT,DELETE ON TABLE directory.sign_ups TO freehold_registrar;

GRANT SELECT,INSERT ON TABLE directory.stripe_events TO freehold_registrar;

GRANT UPDATE(state) ON TABLE directory.stripe_events TO freehold_registrar;

GRANT SELECT,INSERT,DELETE ON TABLE directory.stripe_links TO freehold_registrar;

GRANT INSERT ON TABLE directory.tenants TO freehold_registrar;

GRANT SELECT,INSERT ON TABLE directory.trials TO freehold_registrar;

ALTER DEFAULT PRIVILEGES FOR ROLE freehold_auditor REVOKE ALL ON FUNCTIONS FROM PUBLIC;

ALTER DEFAULT PRIVILEGES FOR ROLE freehold_door REVOKE ALL ON FUNCTIONS FROM PUBLIC;

ALTER DEFAULT PRIVILEGES FOR ROLE freehold_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC;

ALTER DEFAULT PRIVILEGES FOR ROLE freehold_registrar REVOKE ALL ON FUNCTIONS FROM PUBLIC;

ALTER DEFAULT PRIVILEGES FOR ROLE freehold_relay REVOKE ALL ON FUNCTIONS FROM PUBLIC;
