-- A plan says how many projects there may be. Archived ones count: they are kept, and can be taken up again.

call app.limited('app.projects', 'projects');
