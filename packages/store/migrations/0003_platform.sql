-- Keys of the callers, small documents of a tenant, counts of what was sent, and job slots.

create table api_key (
  key_id text primary key,
  tenant_id int not null,
  hash text not null,
  name text not null,
  roles json not null,
  scopes json not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);

create table tenant_state (
  tenant_id int not null,
  collection text not null,
  key text not null collate "C",
  value json not null,
  updated_at timestamptz not null,
  primary key (tenant_id, collection, key)
);

create table ingest_health (
  tenant_id int not null,
  day timestamptz not null,
  accepted bigint not null,
  duplicates bigint not null,
  rejected bigint not null,
  last_at timestamptz not null,       -- when the engine last received something
  primary key (tenant_id, day)
);

create table job_slot (
  job text not null,
  slot timestamptz not null,
  lease_until timestamptz,
  attempt int not null default 0,
  done_at timestamptz,
  by text,
  note json,
  primary key (job, slot)
);
