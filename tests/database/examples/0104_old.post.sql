-- What the old code alone used goes, and an index with it.

-- step: drop the index
drop index concurrently if exists app.notes_slug;

-- step: drop the column
alter table app.notes drop column old;
