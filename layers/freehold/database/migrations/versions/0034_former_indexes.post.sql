-- What found the jobs that a tenant sees, before payments were among them.

-- step: drop the index of what a tenant saw
drop index concurrently if exists app.jobs_visible;

-- step: drop the index of what waited
drop index concurrently if exists app.jobs_backlog;
