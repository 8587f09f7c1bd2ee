-- says: {object} is declared immutable and {what}: its answer for one tenant would be kept for the next.
-- fix: Run: alter function {object} stable;
select f.name as object,
       case when f.words ~ 'current_setting|current_user|session_user|pg_settings' then 'reads settings'
            when f.words ~ '\mexecute\M' then 'executes text'
            when f.lanname in ('c', 'internal') then 'is not SQL'
            else 'reads tables or calls a function that may' end as what
  -- Without comments; one with a quote or a dollar stays, for it may be no comment but the inside of a string.
  from (select name, lanname, text,
               regexp_replace(lower(replace(regexp_replace(body, '--[^''"$\n]*(\n|$)|/\*[^''"$*]*\*/', ' ', 'g'), '"', '')),
                              '\s*\.\s*', '.', 'g') as words
          from functions where provolatile = 'i' and prokind <> 'a' and not of_extension offset 0) f
 where f.words ~ 'current_setting|current_user|session_user|pg_settings|\mexecute\M' or f.lanname in ('c', 'internal')
    -- Named with its schema anywhere, or by a search path where a table would be.
    or exists (select from relations r
                cross join lateral (select regexp_replace(lower(replace(r.name, '"', '')), '([^[:alnum:]_])', '\\\1', 'g'),
                                           regexp_replace(lower((parse_ident(r.name))[2]), '([^[:alnum:]_])', '\\\1', 'g')
                                   ) escaped (name, bare)
                where position(translate(lower((parse_ident(r.name))[2]), E' \t\n\r\f\v"', '') in f.text) > 0
                  and (f.words ~ format('(?<![[:alnum:]_.])%s(?![[:alnum:]_])', escaped.name)
                    or f.words ~ format('(\m(from|join|only|table|using)\M|,)[\s(]*%s(?![[:alnum:]_.]|\s*\()', escaped.bare)))
    or exists (select from functions g
                where g.provolatile <> 'i' and not g.of_extension
                  and (position(g.call in f.text) > 0
                       or f.words ~ format('(?<![[:alnum:]_.])%s\s*\(',
                                           regexp_replace(split_part(rtrim(g.call, '('), '.', 2), '([^[:alnum:]_])', '\\\1', 'g'))))
