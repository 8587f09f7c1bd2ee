-- Members come and go: what an invitation gives is given once, and who was removed begins anew.

-- step: let workers hear whether they have kept a token
call app.allow('app.invitation_tokens', 'freehold_worker', 'select (tenant_id, invitation_id)', 'insert');

-- step: let whoever comes back begin anew
call app.allow('app.members', 'freehold_registrar',
    'update (role, custom_role, status, email, break_glass, version, updated_at)');
grant create on schema app to freehold_registrar;
set local role freehold_registrar;
alter default privileges revoke execute on functions from public;

-- As before. The provider of another tenant vouches for nobody here; a session that was ended lets nobody in; and who was
-- removed comes back by an invitation that was made after that. Whom the tenant's directory has named already becomes no second
-- member: they are that one from now on, with the role that it has given them.
create or replace function app.accept_invitation(
    tenant uuid, token_hash bytea, issuer text, subject text, issued_at timestamptz, email text, person text,
    request_id text, address text
) returns table (member_id uuid, tenant_id uuid, replayed boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    invited record;
    known record;
    inviter record;
    another text;  -- the status of somebody else with this address
    done boolean := app.open(tenant, request_id, address);
begin
    perform set_config('app.issuer', issuer, true), set_config('app.subject', subject, true);
    if starts_with(issuer, 'sso:') and not starts_with(issuer, 'sso:' || tenant || ':') then
        raise sqlstate 'FH403' using message = 'invitation_for_another';
    end if;
    select i.* into invited from app.invitation_tokens k
      join app.invitations i on i.tenant_id = k.tenant_id and i.id = k.invitation_id
     where k.tenant_id = tenant and k.token_hash = accept_invitation.token_hash for update of i;
    if not found or invited.status = 'revoked' or invited.status = 'pending' and invited.expires_at <= now() then
        raise sqlstate 'FH404' using message = 'invitation_gone';
    end if;
    select m.* into known from app.members m
     where m.tenant_id = tenant and m.issuer = accept_invitation.issuer and m.subject = accept_invitation.subject for update;
    if known.id is null and invited.status = 'pending' and lower(email) = lower(invited.email) then
        select m.* into known from app.members m
         where m.tenant_id = tenant and m.issuer is null and lower(m.email) = lower(invited.email) and m.status <> 'removed'
         order by m.id limit 1 for update;
    end if;
    select m.status into another from app.members m
     where m.tenant_id = tenant and lower(m.email) = lower(invited.email) and m.status <> 'removed'
       and m.id is distinct from known.id
     order by m.status = 'active' limit 1;
    if (issued_at > coalesce(known.sessions_ended_at, '-infinity')) is not true then
        raise sqlstate 'FH401' using message = 'session_ended';
    end if;
    if invited.status = 'accepted' then
        if known.id is distinct from invited.accepted_by or known.status <> 'active' then
            raise sqlstate 'FH404' using message = 'invitation_gone';
        end if;
        return query select known.id, tenant, true;
        return;
    elsif lower(email) is distinct from lower(invited.email) then
        raise sqlstate 'FH403' using message = 'invitation_for_another';
    elsif not starts_with(issuer, 'sso:') and exists (
        select from app.tenants t where t.id = tenant and t.sso_required) then
        raise sqlstate 'FH403' using message = 'sso_required';
    elsif known.status = 'active' and known.issuer is not null or known.id is null and another = 'active' then
        raise sqlstate 'FH409' using message = 'already_a_member';
    elsif known.status not in ('active', 'removed') or another is not null then
        raise sqlstate 'FH403' using message = 'not_a_member';
    elsif known.status = 'removed' and invited.created_at <= known.updated_at then
        raise sqlstate 'FH404' using message = 'invitation_gone';
    end if;
    select m.id, app.permissions_of(m.role, m.custom_role) as held into inviter from app.members m
     where m.tenant_id = tenant and m.id = invited.invited_by and m.status = 'active';
    if not found or not 'members:invite' = any (inviter.held) then
        raise sqlstate 'FH404' using message = 'invitation_gone';
    end if;
    perform set_config('app.principal', 'member:' || coalesce(known.id, invited.id), true),
            set_config('app.member_id', coalesce(known.id, invited.id)::text, true),
            set_config('app.permissions', array_to_string(inviter.held, ' '), true);
    if known.id is null or known.issuer is null then
        insert into directory.memberships (issuer, subject, tenant_id) values (issuer, subject, tenant) on conflict do nothing;
    end if;
    if known.id is null then  -- the member has the invitation's id: two acceptances would be one row
        insert into app.members (id, issuer, subject, email, name, role, custom_role)
        values (invited.id, issuer, subject, invited.email, person, invited.role, invited.custom_role);
    elsif known.issuer is null then
        update app.members m set issuer = accept_invitation.issuer, subject = accept_invitation.subject, version = version + 1,
               updated_at = now()
         where m.tenant_id = tenant and m.id = known.id;
    else
        update app.members m set status = 'active', role = invited.role, custom_role = invited.custom_role,
               email = invited.email, break_glass = false, version = version + 1, updated_at = now()
         where m.tenant_id = tenant and m.id = known.id;
    end if;
    update app.invitations i set status = 'accepted', accepted_by = coalesce(known.id, invited.id), version = version + 1,
           updated_at = now()
     where i.tenant_id = tenant and i.id = invited.id;
    perform app.announce(case when known.status = 'active' then 'member.linked' else 'member.joined' end, made.id, 1, to_jsonb(made)) from (
        select m.id, m.email, m.name, coalesce(m.role, m.custom_role::text) as role, m.status, m.version, m.created_at,
               m.updated_at
          from app.members m where m.tenant_id = tenant and m.id = coalesce(known.id, invited.id)) made;
    return query select coalesce(known.id, invited.id), tenant, false;
end $$;

set local role freehold_owner;
revoke create on schema app from freehold_registrar;
