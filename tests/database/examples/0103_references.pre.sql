-- A foreign key between tables that are in use, with its index.

-- step: build the index
create index concurrently notes_project on app.notes (tenant_id, project_id);

-- step: bind new rows
alter table app.notes
    add constraint notes_project_fkey foreign key (tenant_id, project_id) references app.projects not valid;

-- step: prove the old ones
call app.validate_reference('app.notes', 'notes_project_fkey');
