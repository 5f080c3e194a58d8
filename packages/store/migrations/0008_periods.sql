-- The life of a period of the partitioned tables. Of the whole store, not of a tenant: only the owner
-- reads it.

create table record_period (
  from_at timestamptz primary key,
  to_at timestamptz not null,
  seen_at timestamptz not null,       -- when its partitions were first noticed: old data is young then
  compacted_at timestamptz,
  removed_at timestamptz              -- its documents are gone, and it takes no facts any more
);
