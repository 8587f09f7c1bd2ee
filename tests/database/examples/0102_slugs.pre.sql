-- A column that every row has to have: added, filled and required while the old code runs.

-- step: add the column, and make new rows right
alter table app.notes add column slug text;
create function app.slug() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    new.slug := coalesce(new.slug, new.id::text);
    return new;
end $$;
create trigger slug before insert on app.notes for each row execute function app.slug();
call app.allow('app.notes', 'freehold_api', 'update');

-- step: fill the old rows
call app.backfill('app.notes', 'slug = id::text', 'slug is null', 7);

-- step: require it
alter table app.notes add constraint slug_required not null slug not valid;

-- step: prove it
alter table app.notes validate constraint slug_required;

-- step: build the index
create unique index concurrently if not exists notes_slug on app.notes (tenant_id, slug);
