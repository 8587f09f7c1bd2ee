-- A row may have no tenant at all.
-- focus: gate

alter table app.idempotency drop constraint idempotency_pkey;
alter table app.idempotency alter tenant_id drop not null;
