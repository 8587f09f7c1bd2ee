-- Projects can be shared one by one.

call app.permission('projects:share', 'Decide who may do what with a project', 'full', 'owner', 'admin');
call app.grantable('app.projects', 'id', 'projects:read', 'projects:write', 'projects:delete', 'projects:share');
