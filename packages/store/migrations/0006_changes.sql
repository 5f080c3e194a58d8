-- What other server processes have to know of a tenant: blocks that were rolled up, documents that
-- were written. Numbered without a gap in the order of commits, because whoever writes a row holds
-- the tenant's lock until its commit. Empty on the embedded store.

create table tenant_change (
  tenant_id int not null,
  seq bigint not null,
  at timestamptz not null,
  blocks text,                        -- doc_block.id joined by commas
  collection text,                    -- tenant_state.collection and key
  key text,
  primary key (tenant_id, seq)
);

alter table tenant_change enable row level security;
alter table tenant_change force row level security;
create policy tenant_iso on tenant_change
  using (tenant_id = any (string_to_array(nullif(current_setting('app.tenants', true), ''), ',')::int[]))
  with check (tenant_id = any (string_to_array(nullif(current_setting('app.tenants', true), ''), ',')::int[]));
grant select, insert, update, delete on tenant_change to app;
