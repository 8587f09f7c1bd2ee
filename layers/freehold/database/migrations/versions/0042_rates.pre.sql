-- Rates: how often a tenant may ask, in buckets that fill with time. A process leases a part of what is in them, in a short
-- transaction ahead of its request's own, and admits requests by itself until that is used up.

-- step: keep what may still be asked
-- One bucket for each class of requests, and where one caller may take a share alone, one for each caller. One that is not there
-- is full. There are no more of them than a tenant has members and keys, for each class; they go when it goes.
create table app.allowances (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    bucket text not null check (length(bucket) between 1 and 120),
    tokens double precision not null check (tokens >= 0),
    refilled_at timestamptz not null,
    primary key (tenant_id, bucket)
) with (fillfactor = 50);
call app.tenant_table('app.allowances', unaudited => 'a machine''s count of what may still be asked; what is asked is audited');
call app.allow('app.allowances', 'freehold_door', 'select', 'insert', 'update (tokens, refilled_at)');

-- step: lease it
grant select (catalog) on app.snapshot to freehold_door;
grant create on schema app to freehold_door;
set local role freehold_door;
alter default privileges revoke execute on functions from public;

-- How many requests of a class the tenant that is entered may make in how many seconds, the share of that which one caller may
-- take alone, and the rule that says so. `most` is null where nothing limits them: then nobody has published a rate.
create function app.rate_of(
    rate_class text, out most integer, out period integer, out share double precision, out rule text
)
language plpgsql stable as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    catalog jsonb := (select s.catalog from app.snapshot s);
    plan text;
    rate jsonb;
    older record;
begin
    if not coalesce(catalog -> 'rates' ? rate_class, false) then
        return;
    end if;
    select o.rates -> rate_class, 'override:' || o.id into rate, rule from app.overrides o
     where o.tenant_id = tenant and o.ended_at is null and coalesce(o.until, 'infinity') > now() and o.rates ? rate_class
     order by o.id desc limit 1;
    if not found then
        select p.plan, p.rule into plan, rule from app.plan_of(catalog) p;
        rate := catalog #> array['plans', plan, 'rates', rate_class];
        select g.value -> 'rates' -> rate_class as rate, 'grandfathered:' || (g.value ->> 'id') as rule into older
          from jsonb_array_elements(catalog -> 'grandfathered') with ordinality g (value, entry)
         where g.value ->> 'plan' = plan and g.value -> 'rates' ? rate_class
           and coalesce((g.value ->> 'until')::timestamptz, 'infinity') > now()
           and (g.value ->> 'before')::timestamptz > (
                   select b.started_at from app.billing_accounts a
                     join app.subscriptions b on b.tenant_id = a.tenant_id and b.stripe_id = a.subscription_id
                    where a.tenant_id = tenant)
         order by coalesce((g.value #>> array['rates', rate_class, '0'])::float
                           / (g.value #>> array['rates', rate_class, '1'])::float, 'infinity') desc, g.entry
         limit 1;
        if found and (rate ->> 0)::float / (rate ->> 1)::float
                     < coalesce((older.rate ->> 0)::float / (older.rate ->> 1)::float, 'infinity') then
            rate := older.rate;
            rule := older.rule;
        end if;
    end if;
    most := (rate ->> 0)::integer;
    period := (rate ->> 1)::integer;
    share := coalesce((catalog #>> array['rates', rate_class, 'key_share'])::float, 1);
    rule := rule || '/rate:' || rate_class;
end $$;

-- Takes at most `asked` out of a bucket, at the moment `at`: a twentieth of what is in it, or as much as it gains in a twentieth of
-- a second, and one at least. A bucket holds what it gains in its period; of more than a minute, what it gains in a minute, or ten.
-- `wait` is how many seconds are left until there is one, and null where there was. `full` is in how many it will be full.
create function app.draw(
    bucket text, asked integer, most integer, period integer, at timestamptz,
    out granted integer, out remaining integer, out full_in double precision, out wait double precision
)
language plpgsql as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    gain double precision := most::float / period;
    holds double precision := least(most, greatest(gain * 60, 10));
    held record;
    there double precision;
begin
    select a.tokens, a.refilled_at into held from app.allowances a
     where a.tenant_id = tenant and a.bucket = draw.bucket for update;
    if not found then
        insert into app.allowances as a (bucket, tokens, refilled_at) values (draw.bucket, holds, at)
        on conflict on constraint allowances_pkey do update set tokens = a.tokens  -- of two at once, the second sees what the first left
        returning a.tokens, a.refilled_at into held;
    end if;
    there := least(holds, held.tokens + gain * greatest(0, extract(epoch from at - held.refilled_at)::float));
    if there < 1 then
        wait := (1 - there) / gain;
        full_in := (holds - there) / gain;
        return;
    end if;
    granted := least(asked, floor(there), greatest(1, floor(there / 20), floor(gain / 20)));
    there := there - granted;
    remaining := floor(there);
    full_in := (holds - there) / gain;
    update app.allowances a set tokens = there, refilled_at = greatest(at, held.refilled_at)
     where a.tenant_id = tenant and a.bucket = draw.bucket;
end $$;

-- Which bucket is a caller's own: null for whoever is nobody in the tenant that is entered, and for a credential that is over.
create function app.who_asks(kind text, issuer text, subject text, issued_at timestamptz, secret_hash bytea) returns text
language plpgsql stable as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
begin
    if kind = 'person' then
        return (select 'member:' || m.id from app.members m
                 where m.tenant_id = tenant and m.issuer = who_asks.issuer and m.subject = who_asks.subject
                   and m.status = 'active' and who_asks.issued_at > coalesce(m.sessions_ended_at, '-infinity'));
    elsif kind = 'api_key' then
        return (select 'api_key:' || k.id from app.api_keys k
                  join app.members m on m.tenant_id = k.tenant_id and m.id = k.created_by and m.status = 'active'
                 where k.tenant_id = tenant
                   and (k.secret_hash = who_asks.secret_hash
                        or k.previous_hash = who_asks.secret_hash and k.previous_until > now())
                   and k.revoked_at is null and (k.expires_at is null or k.expires_at > now()));
    elsif kind = 'scim' then
        return (select 'scim:' || k.id from app.scim_tokens k
                 where k.tenant_id = tenant and k.token_hash = who_asks.secret_hash
                   and k.revoked_at is null and (k.expires_at is null or k.expires_at > now()));
    end if;
    return (select 'member:' || m.id from app.impersonations i
              join app.members m on m.tenant_id = i.tenant_id and m.id = i.member_id and m.status = 'active'
              join app.tenants t on t.id = i.tenant_id and t.support_access
             where i.tenant_id = tenant and i.token_hash = who_asks.secret_hash and i.ended_at is null and i.expires_at > now());
end $$;

-- Leases a part of what a tenant, and of what a caller of it, may still ask: `of_tenant` and `of_caller` are how many the process
-- would like, 0 where it holds some. It is asked ahead of a request, in a transaction of its own, and what was leased is gone,
-- whatever becomes of the request: so requests that fail count too. Whoever is nobody in the tenant is given nothing and told
-- nothing, so that no stranger uses up what is a tenant's; the entrance refuses them. Where nothing is left, the flight ends here.
-- It waits for no disk: what a crash forgets is given a second time. It lets nobody in: whoever asked is in no tenant afterwards.
create function app.lease(
    tenant uuid, rate_class text, kind text, issuer text, subject text, issued_at timestamptz, secret_hash bytea,
    of_tenant integer, of_caller integer
) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    done boolean := app.open(tenant, '', '') and set_config('synchronous_commit', 'off', true) is not null;
    who text := app.who_asks(kind, issuer, subject, issued_at, secret_hash);
    rate record;
    drawn record;
    own integer;
    answer jsonb;
begin
    if who is not null then
        rate := app.rate_of(rate_class);
        if rate.most is null then
            answer := '{"unlimited": true}';
        else
            answer := jsonb_build_object('rule', rate.rule);
            if of_tenant > 0 then
                drawn := app.draw(rate_class, of_tenant, rate.most, rate.period, clock_timestamp());
                if drawn.wait is not null then
                    raise sqlstate 'FH429' using message = 'rate_limited', detail = jsonb_build_object(
                        'of', 'tenant', 'rule', rate.rule, 'most', rate.most, 'period', rate.period,
                        'wait', drawn.wait, 'full_in', drawn.full_in);
                end if;
                answer := answer || jsonb_build_object('tenant', to_jsonb(drawn) || jsonb_build_object(
                    'most', rate.most, 'period', rate.period));
            end if;
            if rate.share >= 1 then
                answer := answer || '{"caller": "as the tenant"}';
            elsif of_caller > 0 then
                own := greatest(1, floor(rate.most * rate.share));
                drawn := app.draw(rate_class || ' ' || who, of_caller, own, rate.period, clock_timestamp());
                if drawn.wait is not null then
                    raise sqlstate 'FH429' using message = 'rate_limited', detail = jsonb_build_object(
                        'of', 'caller', 'rule', rate.rule || '/key', 'most', own, 'period', rate.period,
                        'wait', drawn.wait, 'full_in', drawn.full_in);
                end if;
                answer := answer || jsonb_build_object('caller', to_jsonb(drawn) || jsonb_build_object(
                    'most', own, 'period', rate.period));
            end if;
        end if;
    end if;
    perform set_config('app.tenant_id', '', true);
    return answer;
end $$;
grant execute on function app.lease to freehold_api;

set local role freehold_owner;
revoke create on schema app from freehold_door;
