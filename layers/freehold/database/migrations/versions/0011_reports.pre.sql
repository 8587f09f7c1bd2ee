-- Reports: who may ask for which, and what whoever writes one may read.

call app.permission('activity:read', 'See what everybody has done', 'restricted', 'owner', 'admin');
call app.worker('reports', 'Reads the rows of a report, in the tenant of the job that writes it');
call app.allow('app.audit', 'freehold_report', 'select');
