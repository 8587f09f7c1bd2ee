-- The report of projects reads them.

call app.allow('app.projects', 'freehold_report', 'select');
