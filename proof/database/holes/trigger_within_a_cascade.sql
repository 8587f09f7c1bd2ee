-- A trigger runs while a deletion cascades, where row-level security is suspended, and copies everybody's rows.
-- focus: app.api_keys

set role freehold_owner;
create table app.planted_notes (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(), key_id uuid not null, body text not null default '',
    primary key (tenant_id, id), foreign key (tenant_id, key_id) references app.api_keys on delete cascade);
create index planted_notes_key on app.planted_notes (tenant_id, key_id);
create table app.planted_trash (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(), body text not null default '', primary key (tenant_id, id));
call app.tenant_table('app.planted_notes');
call app.tenant_table('app.planted_trash');
create function app.planted_keep() returns trigger language plpgsql as
$$ begin insert into app.planted_trash (tenant_id, body) select old.tenant_id, n.body from app.planted_notes n; return old; end $$;
create trigger keep before delete on app.planted_notes for each row execute function app.planted_keep();
call app.allow('app.api_keys', 'freehold_api', 'delete');
call app.allow('app.planted_notes', 'freehold_api', 'select', 'insert', 'delete');
reset role;
