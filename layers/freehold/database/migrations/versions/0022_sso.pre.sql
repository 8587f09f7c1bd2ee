-- Single sign-on: which providers a tenant lets its people in by, which domains are its own, and who may come in that way.

-- step: name what only administrators do
call app.permission('sso:read', 'See how people sign in, and which domains are the tenant''s', 'restricted', 'owner', 'admin');
call app.permission('sso:write', 'Set up how people sign in, and claim domains', 'restricted', 'owner', 'admin');

-- step: know whose an issuer is before there is a tenant
-- Tables of identities: an issuer by itself is the one whose subject is empty, a domain the one that the DNS vouches for.
create table directory.issuers (
    issuer text not null,
    subject text not null default '',
    audience text not null,
    tenant_id uuid not null references directory.tenants on delete cascade,
    connection_id uuid not null,
    enabled boolean not null,
    primary key (issuer, subject, audience)
);
create index issuers_tenant on directory.issuers (tenant_id);
call app.identity_table('directory.issuers', 'which tenant an issuer''s tokens for an audience are for');
call app.allow('directory.issuers', 'freehold_door', 'select');
call app.allow('directory.issuers', 'freehold_registrar', 'select', 'insert', 'delete');

create table directory.domains (
    issuer text not null default 'dns',
    subject text not null,
    tenant_id uuid not null references directory.tenants on delete cascade,
    primary key (issuer, subject)
);
create index domains_tenant on directory.domains (tenant_id);
call app.identity_table('directory.domains', 'which tenant has shown that a domain is its own');
call app.allow('directory.domains', 'freehold_registrar', 'select', 'insert', 'delete');

-- step: keep connections
-- `role` and `custom_role` are what somebody gets who comes for the first time. Whoever has set the connection up answers for
-- it: by it, nobody takes over a member who holds more than they do.
create table app.sso_connections (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    issuer text not null check (length(issuer) between 9 and 255),
    audience text not null check (length(audience) between 1 and 255),
    role text references app.builtin_roles check (role <> 'owner'),
    custom_role uuid,
    jit boolean not null,
    status text not null check (status in ('enabled', 'disabled')),
    answered_by uuid not null default current_setting('app.member_id')::uuid,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, issuer, audience),
    constraint sso_connections_one_role check (num_nonnulls(role, custom_role) = 1),
    foreign key (tenant_id, answered_by) references app.members,
    constraint sso_connections_custom_role foreign key (tenant_id, custom_role) references app.roles
);
create index sso_connections_answered_by on app.sso_connections (tenant_id, answered_by);
create index sso_connections_custom_role on app.sso_connections (tenant_id, custom_role);
call app.tenant_table('app.sso_connections');
call app.allow('app.sso_connections', 'freehold_door', 'select');
call app.allow('app.sso_connections', 'freehold_registrar', 'select');
call app.allow('app.sso_connections', 'freehold_api', 'select', 'insert', 'delete',
    'update (audience, role, custom_role, jit, status, answered_by, version, updated_at)');

-- step: keep domains
create table app.domains (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    name text not null check (name = lower(name) and length(name) between 4 and 253),
    challenge text not null,
    verified_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, name)
);
call app.tenant_table('app.domains');
call app.allow('app.domains', 'freehold_door', 'select');
call app.allow('app.domains', 'freehold_registrar', 'select');
call app.allow('app.domains', 'freehold_api', 'select', 'insert', 'delete');
call app.allow('app.domains', 'freehold_worker', 'select', 'update (verified_at, version, updated_at)');

-- step: let members be linked, and owners be let in when single sign-on is broken
call app.allow('app.members', 'freehold_registrar', 'update (issuer, subject)');
call app.allow('app.members', 'freehold_api', 'update (break_glass)');
call app.allow('directory.memberships', 'freehold_registrar', 'select', 'delete');

-- step: bind an identity of a tenant's own provider to that tenant
alter table app.members add constraint members_own_identity
    check (not starts_with(issuer, 'sso:') or starts_with(issuer, 'sso:' || tenant_id || ':')) not valid;

-- step: bind it in the directory
alter table directory.memberships add constraint memberships_own_identity
    check (not starts_with(issuer, 'sso:') or starts_with(issuer, 'sso:' || tenant_id || ':')) not valid;

-- step: check the members' identities
alter table app.members validate constraint members_own_identity;

-- step: check the directory's identities
alter table directory.memberships validate constraint memberships_own_identity;

-- step: open the door to them
grant create on schema app to freehold_door, freehold_registrar;
set local role freehold_door;
alter default privileges revoke execute on functions from public;

-- An entrance without a tenant: whose tokens of this issuer are accepted, and for which audience.
create function app.issuers_of(issuer text) returns table (audience text, tenant_id uuid, connection_id uuid)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if current_setting('app.tenant_id', true) <> '' then
        raise sqlstate 'FH500' using message = 'already_entered';
    end if;
    perform set_config('app.issuer', issuers_of.issuer, true), set_config('app.subject', '', true);
    return query
        select i.audience, i.tenant_id, i.connection_id from directory.issuers i
         where i.issuer = issuers_of.issuer and i.subject = '' and i.enabled;
end $$;
grant execute on function app.issuers_of to freehold_api;

-- Where single sign-on is required, the way in stays: a connection, a domain whose people come by it, and an owner who can
-- mend it. Whoever takes one of them waits for whoever requires it.
create function app.keep_sso() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
grant execute on function app.keep_sso to freehold_owner;

set local role freehold_registrar;
alter default privileges revoke execute on functions from public;

-- An issuer and audience are one tenant's, in whichever cell it lives.
create function app.claim_issuer() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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

-- A domain that was verified is one tenant's. What was not, anybody may try, so that nobody can keep the owner out.
create function app.claim_domain() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
grant execute on function app.claim_issuer, app.claim_domain to freehold_owner;

-- Lets an identity of a tenant's own provider in: the member that it is; the one that it becomes, where the address is that of
-- an active member who came by a common issuer so far; or a new one. `email` is what the provider has verified, and counts
-- within the domains that the tenant has verified. Whoever was suspended or taken out stays so, unless the directory has made
-- them anew. Whoever has set the connection up answers for whom it lets in: it does so with what they hold now, and with
-- nothing once they are gone.
create function app.sign_in(
    tenant uuid, connection uuid, issuer text, subject text, issued_at timestamptz, mfa boolean, email text, person text,
    request_id text, address text
) returns table (tenant_id uuid, member_id uuid, role text, outcome text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
end $$;
grant execute on function app.sign_in to freehold_api;

set local role freehold_owner;
revoke create on schema app from freehold_door, freehold_registrar;

-- step: hold connections to the rule, and to their claim
create trigger guard_power after insert or update on app.sso_connections for each row execute function app.guard_power();
create trigger claim_issuer after insert or update or delete on app.sso_connections
    for each row execute function app.claim_issuer();
create trigger keep_sso after update or delete on app.sso_connections for each row
    when (old.status = 'enabled') execute function app.keep_sso();

-- step: hold domains to their claim
create trigger claim_domain after insert or update or delete on app.domains for each row execute function app.claim_domain();
create trigger keep_sso after delete on app.domains for each row
    when (old.verified_at is not null) execute function app.keep_sso();

-- step: hold tenants to a way in
create trigger keep_sso after update of sso_required on app.tenants for each row
    when (new.sso_required and not old.sso_required) execute function app.keep_sso();

-- step: let only owners break the glass
-- One who is an owner no more is none of these either. By the tenant's own provider they could not come in when it is broken.
create function app.keep_break_glass() returns trigger
language plpgsql as $$
begin
    if new.role is not distinct from 'owner' and new.status = 'active' and not starts_with(new.issuer, 'sso:') then
        return new;
    elsif not old.break_glass then
        raise sqlstate 'FH409' using message = 'break_glass_unfit';
    end if;
    new.break_glass := false;
    return new;
end $$;
create trigger keep_break_glass before update on app.members for each row
    when (new.break_glass) execute function app.keep_break_glass();
create trigger keep_sso after update or delete on app.members for each row
    when (old.break_glass) execute function app.keep_sso();
