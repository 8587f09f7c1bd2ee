-- says: {object} fixes {setting}, which only an entrance or a migration may.
-- fix: Run: {reset}
select fixed.object, fixed.setting, fixed.reset
  from (select format('%s (%s)', whose.name, split_part(each, '=', 1)) as object, each as setting,
               format('alter %s reset %s;', whose.name, split_part(each, '=', 1)) as reset, true as of_everything
          from pg_db_role_setting s cross join lateral unnest(s.setconfig) each
          cross join lateral (
            select concat_ws(' in ', case when s.setrole <> 0 then 'role ' || quote_ident(pg_get_userbyid(s.setrole)) end,
                             (select 'database ' || quote_ident(d.datname) from pg_database d where d.oid = s.setdatabase)) as name
          ) whose
         where s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
        union all
        select format('%s (%s)', f.name, split_part(each, '=', 1)), each,
               format('alter routine %s reset %s;', f.name, split_part(each, '=', 1)), false
          from functions f cross join lateral unnest(f.proconfig) each) fixed
 where lower(fixed.setting) ~ '^(app\.|row_security=|session_replication_role=|role=|session_authorization=)'
    -- A function may choose its own path; a role whose path begins elsewhere takes another's `=` for PostgreSQL's.
    or fixed.of_everything and fixed.setting ~ '^search_path=(?!pg_catalog(,|$))'
