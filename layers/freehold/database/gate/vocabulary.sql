-- The words that the rules use, put in front of them. Names are quoted where SQL needs it.
with recursive
-- Every schema that is not PostgreSQL's own, whoever made it.
schemas as materialized (
    select oid, nspname, nspowner, nspacl from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
),
-- What an extension made belongs to a superuser; what somebody else's was added to one stays that somebody's.
relations as materialized (
    select c.oid, format('%I.%I', s.nspname, c.relname) as name, c.relkind, c.relowner, c.relacl, c.reloptions,
           o.rolsuper and exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
                                     and d.deptype = 'e') as of_extension
      from pg_class c join schemas s on s.oid = c.relnamespace join pg_roles o on o.oid = c.relowner
     where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
),
functions as materialized (
    select p.oid, f.name, f.bare_name, p.prosecdef, p.proconfig, p.proowner, p.proacl, p.provolatile, p.proleakproof, p.prokind, l.lanname,
           f.body, squeezed.text, squeezed.call,
           -- What a review is of: not a name, but whatever decides what the function does. 12 hexadecimal digits of it.
           f.name || ' @ ' || left(encode(sha256(convert_to(concat_ws(chr(31), pg_get_function_arguments(p.oid),
               pg_get_function_result(p.oid), l.lanname, p.provolatile, p.prosecdef, p.proconfig, o.rolname, p.probin, f.body
           ), 'UTF8')), 'hex'), 12) as version,
           o.rolsuper and exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid
                                     and d.deptype = 'e') as of_extension
      from pg_proc p join schemas s on s.oid = p.pronamespace join pg_language l on l.oid = p.prolang
      join pg_roles o on o.oid = p.proowner
      cross join lateral (
        select format('%I.%I(%s)', s.nspname, p.proname, oidvectortypes(p.proargtypes)) as name,
               format('%I.%I', s.nspname, p.proname) as bare_name, coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) as body
      ) f
      -- However it is written: without spaces, quotes and capitals.
      cross join lateral (select lower(translate(f.body, E' \t\n\r\f\v"', '')) as text,
                                 lower(translate(f.bare_name, E' \t\n\r\f\v"', '')) || '(' as call) squeezed
),
-- What runs with the rights of a function's owner: the functions that are declared so, and what their text calls, at any
-- distance.
borrowing as materialized (
    select oid, text, name as caller from functions where prosecdef
    union
    select f.oid, f.text, b.caller from borrowing b join functions f on position(f.call in b.text) > 0 and not f.of_extension
),

-- Each table with what it is a partition or an inheritance child of, at any distance; itself too.
family as materialized (
    select oid as member, oid as ancestor from pg_class where relkind in ('r', 'p')
    union
    select f.member, i.inhparent from family f join pg_inherits i on i.inhrelid = f.ancestor
),
-- Whose rows a table holds is said by its own comment, or else by that of its ancestors. Where nobody says anything they
-- are a tenant's, and the table follows the whole template.
tables as materialized (
    select c.oid, format('%I.%I', s.nspname, c.relname) as name, c.relname, c.relowner, c.relrowsecurity, c.relforcerowsecurity,
           said.child, said.own ~ '^unaudited: \S' or said.unaudited as unaudited,
           coalesce(substring(said.own from '^(global|identity): \S'), said.holder) as holder, said.holder as ancestors_holder,
           root.yes as is_root, case when root.yes then 'id' else 'tenant_id' end as key,
           (select a.attnum from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
               and a.attname = case when root.yes then 'id' else 'tenant_id' end) as key_number,
           case s.nspname when 'directory' then 'directory.tenants' else 'app.tenants' end as registry,
           case when not c.relispartition
                 and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant')
                 and not exists (select from pg_trigger g where g.tgrelid = c.oid and g.tgname = 'audit')
                then concat(
                    case when not root.yes and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
                         then format('alter table %1$I.%2$I add column if not exists tenant_id uuid not null;'
                                     ' alter table %1$I.%2$I alter column tenant_id set default current_setting(''app.tenant_id'')::uuid; ',
                                     s.nspname, c.relname) end,
                    format('call app.tenant_table(%L);', format('%I.%I', s.nspname, c.relname))) end as template
      from pg_class c join schemas s on s.oid = c.relnamespace
      cross join lateral (select s.nspname in ('app', 'directory') and c.relname = 'tenants' as yes) root
      cross join lateral (
        -- One that says nothing leaves it to its own ancestors; where they disagree, the rows are a tenant's.
        select coalesce(obj_description(c.oid, 'pg_class'), '') as own, count(*) > 0 as child,
               coalesce(max(coalesce(substring(f.comment from '^(global|identity): \S'), 'tenant'))
                        filter (where f.speaks), 'tenant') as holder,
               coalesce(bool_and(f.comment ~ '^unaudited: \S') filter (where f.speaks), false) as unaudited
          from (select a.comment, a.comment ~ '^(global|identity|unaudited): \S'
                                  or not exists (select from pg_inherits i where i.inhrelid = a.ancestor) as speaks
                  from (select ancestor, coalesce(obj_description(ancestor, 'pg_class'), '') as comment
                          from family where member = c.oid and ancestor <> c.oid) a) f
      ) said
     where c.relkind in ('r', 'p')
),
tenant_tables as materialized (select * from tables where holder = 'tenant'),
identity_tables as materialized (select * from tables where holder = 'identity'),
global_tables as materialized (select * from tables where holder = 'global'),

policies as materialized (
    select p.*, coalesce(p.everybody and p.visible = p.checked and p.visible in (p.bound, p.crossed), false) as binds,
           coalesce(p.everybody and p.visible = p.checked and p.visible = p.crossed, false) as crosses
      from (
        select t.oid, t.name, t.key, t.holder, p.oid as policy, p.polname, p.polpermissive, p.polroles,
               pg_get_expr(p.polqual, t.oid) as visible, pg_get_expr(p.polwithcheck, t.oid) as checked,
               concat_ws(' ', p.polqual::text, p.polwithcheck::text) as tree,
               not p.polpermissive and p.polcmd = '*' and p.polroles = '{0}' as everybody,
               case t.holder
                   when 'tenant' then format('(%s = (current_setting(''app.tenant_id''::text))::uuid)', t.key)
                   when 'identity' then '((issuer = current_setting(''app.issuer''::text))'
                                        ' AND (subject = current_setting(''app.subject''::text)))' end as bound,
               -- What app.cross writes, and on a machine's table only.
               case when t.holder = 'tenant' and t.unaudited and not t.is_root and t.name ~ '^app[.]' then
                   '((CURRENT_USER = ''freehold_relay''::name) OR (tenant_id = (current_setting(''app.tenant_id''::text))::uuid))'
               end as crossed
          from tables t join pg_policy p on p.polrelid = t.oid) p
),
-- Indexes as they were written; those of partitions that come from the parent's count there.
indexes as materialized (
    select t.oid, t.name, t.key, t.key_number, t.holder, i.indexrelid, i.indisunique, i.indisprimary, i.indisexclusion,
           format('%I.%I', n.nspname, c.relname) as index, k.conname, k.conexclop, (i.indkey::int2[])[0] as first,
           (select string_agg(part, ', ' order by place) from (
               select place, pg_get_indexdef(i.indexrelid, place, true) as part
                 from generate_series(1, i.indnkeyatts) place) parts where part <> t.key) as others
      from tables t join pg_index i on i.indrelid = t.oid
      join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
      left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = t.oid and k.contype in ('p', 'u', 'x')
     where not exists (select from pg_inherits h where h.inhrelid = i.indexrelid)
),
-- Foreign keys, those of partitions counted at the parent.
references_ as materialized (
    select t.oid, t.name, t.key, t.key_number, t.holder, k.conname, k.conkey, k.confkey, k.confdeltype, k.confupdtype,
           k.confdelsetcols,
           (k.conkey[1], k.confkey[1]) is not distinct from (t.key_number, r.key_number) as carries, r.is_root as to_registry,
           r.oid as referred, r.name as referred_name, r.key_number as referred_key,
           r.key as referred_key_name, r.holder as referred_holder,
           (select string_agg(quote_ident(a.attname), ', ' order by o.place) from unnest(k.conkey) with ordinality o (number, place)
              join pg_attribute a on a.attrelid = k.conrelid and a.attnum = o.number) as columns
      from tables t join pg_constraint k on k.conrelid = t.oid and k.contype = 'f' and k.conparentid = 0
      join tables r on r.oid = k.confrelid
),

-- The roles of the cluster itself, by their exact names: PostgreSQL lets nobody make one that begins with pg_, and anybody
-- make one that begins with rds.
clusters as materialized (
    select oid from pg_roles
     where rolname ~ '^pg_' or oid = 10
        or rolname in ('rdsadmin', 'rdsproxyadmin', 'rdsrepladmin', 'rdstopmgr', 'rdswriteforwarduser', 'rds_ad',
                       'rds_extension', 'rds_iam', 'rds_password', 'rds_replication', 'rds_reserved', 'rds_superuser')
),
-- Who is trusted with the whole schema: whoever owns it, becomes its owner, or made both; and the cluster's own roles.
trusted as materialized (
    select oid from clusters
    union select oid from pg_roles where rolname in ('freehold_owner', 'freehold_migrator', 'freehold_admin')
),
-- Every privilege on a relation or its column that somebody was given: not its owner, nobody trusted. 0 is PUBLIC.
grants as materialized (
    select r.oid, r.name, r.relkind, g.attname, g.grantee, lower(g.privilege_type) as privilege, g.is_grantable,
           case g.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end as role
      from relations r cross join lateral (
        select null::name as attname, a.* from aclexplode(r.relacl) a
        union all
        select c.attname, a.* from pg_attribute c, aclexplode(c.attacl) a
         where c.attrelid = r.oid and not c.attisdropped
      ) g
     where g.grantee <> r.relowner and g.grantee not in (select oid from trusted)
),
-- The roles of requests and entrances: those that we name, whoever was or will be given anything here, and whoever can
-- become one.
runtime as materialized (
    select oid from pg_roles where rolname ~ '^freehold_' and oid not in (select oid from trusted)
    union
    select given.grantee from (
        select grantee from grants
        union all select a.grantee from functions f, aclexplode(f.proacl) a where a.grantee <> f.proowner
        union all select a.grantee from schemas s, aclexplode(s.nspacl) a where a.grantee <> s.nspowner
        union all select a.grantee from pg_database d, aclexplode(d.datacl) a
                   where d.datname = current_database() and a.grantee <> d.datdba
        union all select a.grantee from pg_default_acl d, aclexplode(d.defaclacl) a where a.grantee <> d.defaclrole
        union all select a.grantee from pg_parameter_acl p, aclexplode(p.paracl) a
    ) given where given.grantee <> 0 and given.grantee not in (select oid from trusted)
    union
    select m.member from runtime r join pg_auth_members m on m.roleid = r.oid where m.member not in (select oid from trusted)
),
roles as materialized (
    select r.oid, r.rolname, quote_ident(r.rolname) as name, r.rolcanlogin, r.rolsuper, r.rolbypassrls, r.rolcreaterole,
           r.rolcreatedb, r.rolreplication
      from pg_roles r where r.oid in (select oid from runtime)
),
owners as materialized (
    select oid from pg_roles where rolname in ('freehold_owner', 'freehold_door', 'freehold_registrar', 'freehold_auditor', 'freehold_relay')
    union select relowner from relations where not of_extension
    union select proowner from functions where not of_extension
)
