-- says: {object} is a key over all identities: it does not begin with issuer and subject.
-- fix: Put issuer and subject first in it.
select format('%s (%s)', i.name, split_part(i.index, '.', 2)) as object
  from indexes i
 where i.holder = 'identity' and (i.indisunique or i.indisexclusion)
   and (pg_get_indexdef(i.indexrelid, 1, true) <> 'issuer' or pg_get_indexdef(i.indexrelid, 2, true) <> 'subject')
