-- says: {object} is not under enabled and forced row-level security.
-- fix: Run: {template}
select t.name as object,
       case t.holder when 'identity' then format('alter table %1$s enable row level security; alter table %1$s force row level security;', t.name)
            else coalesce(t.template, format('alter table %1$s enable row level security, force row level security;', t.name))
       end as template
  from tables t where t.holder <> 'global' and not (t.relrowsecurity and t.relforcerowsecurity)
