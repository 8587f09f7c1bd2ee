-- API keys: the former secret of one can stay good for a while after a rotation, and each shows when it was last used.

-- step: keep the former secret
alter table app.api_keys add column previous_hash bytea, add column previous_until timestamptz;
comment on column app.api_keys.previous_hash is 'secret';
create or replace trigger audit after insert or update or delete on app.api_keys
    for each row execute function app.audit_row('secret_hash', 'previous_hash');
call app.allow('app.api_keys', 'freehold_api',
    'update (secret_hash, hint, previous_hash, previous_until, created_by, revoked_at, version, updated_at)');

-- step: find a key by its former secret
create unique index concurrently api_keys_previous on app.api_keys (tenant_id, previous_hash) where previous_hash is not null;

-- step: keep when keys were used
create table app.api_key_uses (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    api_key_id uuid not null,
    last_used_at timestamptz not null default now(),
    primary key (tenant_id, api_key_id),
    foreign key (tenant_id, api_key_id) references app.api_keys on delete cascade
);
call app.tenant_table('app.api_key_uses', unaudited => 'a machine''s note that a key is in use; what is done with one is audited');
call app.allow('app.api_key_uses', 'freehold_registrar', 'select', 'insert', 'update (last_used_at)');
call app.allow('app.api_key_uses', 'freehold_api', 'select');

-- step: let former secrets in, and note uses
grant create on schema app to freehold_door, freehold_registrar;
set local role freehold_door;
alter default privileges revoke execute on functions from public;

-- As before, and by the former secret for as long as it is good.
create or replace function app.enter_key(
    tenant uuid, epoch integer, secret_hash bytea, permission text, granted boolean, request_id text, address text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
grant execute on function app.can_grant to freehold_api;

set local role freehold_registrar;
alter default privileges revoke execute on functions from public;

-- Notes that a key was let in, five minutes after the note before at the earliest. It is asked behind the COMMIT of what the key
-- did, in a transaction of its own, and whoever asked is waiting: it skips a key that somebody is changing, waits for no lock
-- longer than a moment, and not for the disk. A note that is lost with a crash is made again. It lets nobody in: whoever asked
-- is in no tenant afterwards.
create function app.touch_key(tenant uuid, secret_hash bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
grant execute on function app.touch_key to freehold_api;

set local role freehold_owner;
revoke create on schema app from freehold_door, freehold_registrar;
