-- The life of a period of the partitioned tables. Of the whole store, not of a tenant: only the owner
-- reads it.

create table record_period (
  from_at timestamptz primary key,
  to_at timestamptz not null,
  seen_at timestamptz not null,       -- when its partitions were first noticed: old data is young then
  compacted_at timestamptz
);

-- Files that hold the documents of a tenant and period after they have left the store. A period
-- that has one takes no facts of that tenant any more.
create table archive_part (
  tenant_id int not null,
  from_at timestamptz not null,       -- the period
  file text not null collate "C",     -- relative to the data directory; contains its own digest
  to_at timestamptz not null,
  facts bigint not null,
  bytes bigint not null,              -- of the file
  sha256 text not null,
  archived_at timestamptz not null,
  moved_at timestamptz,               -- when the documents left the store
  deleted_at timestamptz,             -- when the file was deleted
  primary key (tenant_id, from_at, file)
);

alter table archive_part enable row level security;
alter table archive_part force row level security;
create policy tenant_iso on archive_part
  using (tenant_id = any (string_to_array(nullif(current_setting('app.tenants', true), ''), ',')::int[]))
  with check (tenant_id = any (string_to_array(nullif(current_setting('app.tenants', true), ''), ',')::int[]));
grant select, insert, update, delete on archive_part to app;
