-- The record: who wrote (tenant), the dictionaries, one narrow row per fact, the raw lines in
-- compressed blocks, and the words of the facts for search. Wide columns first (alignment).

create table tenant (
  tenant_id int primary key,
  slug text not null unique,
  settings json,
  created_at timestamptz not null
);

create table agent (
  tenant_id int not null,
  agent_id int not null,
  key text not null,
  version text not null default '',
  family text,
  meta json,
  primary key (tenant_id, agent_id),
  unique (tenant_id, key, version)
);

create table task_type (
  tenant_id int not null,
  type_id int not null,
  key text not null,
  task_kind text not null default '',
  primary key (tenant_id, type_id),
  unique (tenant_id, key, task_kind)
);

create table task (
  ts timestamptz not null,            -- the fact's own time
  id uuid not null,                   -- time of the fact and hash of its identity
  block uuid not null,                -- doc_block.id that holds the document
  task_ref bigint not null,           -- hash of the caller's task id
  session_ref bigint not null default 0,
  tenant_id int not null,
  agent_id int not null,
  type_id int not null,
  latency_ms int,                     -- null = unknown, never 0
  tokens int,
  quality real,
  cost_usd real,
  flags smallint not null default 0,
  idx smallint not null,              -- position inside the block, 0-based
  kind smallint not null,
  success boolean,
  primary key (tenant_id, id)
) partition by range (id);
create index task_agent on task (tenant_id, agent_id, id);
create index task_by_ref on task (tenant_id, task_ref);
create index task_by_session on task (tenant_id, session_ref, id) where session_ref <> 0;

create table doc_block (
  tenant_id int not null,
  id uuid not null,
  n int not null,                     -- documents in it
  codec smallint not null,            -- 1 brotli NDJSON
  rolled boolean not null default false,
  body bytea not null,
  primary key (tenant_id, id)
) partition by range (id);
alter table doc_block alter column body set storage external;
create index doc_block_todo on doc_block (tenant_id, id) where not rolled;

create table task_text (
  tenant_id int not null,
  id uuid not null,
  tsv tsvector not null,
  primary key (tenant_id, id)
) partition by range (id);
create index task_text_tsv on task_text using gin (tsv);
