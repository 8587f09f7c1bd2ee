-- Asking where one belongs tells about other people.
-- focus: directory.memberships

drop policy identity on directory.memberships;
do $$
declare source text := pg_get_functiondef('app.tenants_of'::regproc);
begin
    source := replace(source, 'where d.issuer = tenants_of.issuer and d.subject = tenants_of.subject ', '');
    source := replace(source, 'and m.issuer = tenants_of.issuer and m.subject = tenants_of.subject', '');
    execute source;
end $$;
