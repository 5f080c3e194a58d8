-- What the migrations come to, read from the catalogue. Written by the conformance suite:
-- ASSAY_WRITE_SCHEMA=1 npx vitest run packages/store/test/conformance/schema.test.ts

-- tables
table agent (
  tenant_id integer not null,
  agent_id integer not null,
  key text not null,
  version text not null default ''::text,
  family text,
  meta json) row security forced
table api_key (
  key_id text not null,
  tenant_id integer not null,
  hash text not null,
  name text not null,
  roles json not null,
  scopes json not null,
  created_at timestamp with time zone not null,
  revoked_at timestamp with time zone) row security forced
table archive_part (
  tenant_id integer not null,
  from_at timestamp with time zone not null,
  file text not null,
  to_at timestamp with time zone not null,
  facts bigint not null,
  bytes bigint not null,
  sha256 text not null,
  archived_at timestamp with time zone not null,
  moved_at timestamp with time zone,
  deleted_at timestamp with time zone) row security forced
partitioned table doc_block by RANGE (id) (
  tenant_id integer not null,
  id uuid not null,
  n integer not null,
  codec smallint not null,
  rolled boolean not null default false,
  body bytea not null) row security forced
table ingest_health (
  tenant_id integer not null,
  day timestamp with time zone not null,
  accepted bigint not null,
  duplicates bigint not null,
  rejected bigint not null,
  last_at timestamp with time zone not null) row security forced
table job_slot (
  job text not null,
  slot timestamp with time zone not null,
  lease_until timestamp with time zone,
  attempt integer not null default 0,
  done_at timestamp with time zone,
  by text,
  note json)
table record_period (
  from_at timestamp with time zone not null,
  to_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  compacted_at timestamp with time zone)
table rollup_day (
  tenant_id integer not null,
  hour timestamp with time zone not null,
  agent_id integer not null,
  type_id integer not null,
  n bigint not null,
  ok bigint not null,
  success_n bigint not null,
  q_n bigint not null,
  q_sum double precision not null,
  q_sq double precision not null,
  tok_n bigint not null,
  tok bigint not null,
  cost_n bigint not null,
  cost_sum double precision not null,
  lat_n bigint not null,
  lat_sum bigint not null,
  lat_pack numeric not null,
  q_pack numeric not null default 0) row security forced
table rollup_hour (
  tenant_id integer not null,
  hour timestamp with time zone not null,
  agent_id integer not null,
  type_id integer not null,
  n bigint not null,
  ok bigint not null,
  success_n bigint not null,
  q_n bigint not null,
  q_sum double precision not null,
  q_sq double precision not null,
  tok_n bigint not null,
  tok bigint not null,
  cost_n bigint not null,
  cost_sum double precision not null,
  lat_n bigint not null,
  lat_sum bigint not null,
  lat_pack numeric not null,
  q_pack numeric not null default 0) row security forced
table schema_migration (
  name text not null,
  sha256 text not null,
  applied_at_ms bigint not null)
table score_day (
  tenant_id integer not null,
  day timestamp with time zone not null,
  agent_id integer not null,
  type_id integer not null,
  is_reasoning boolean not null,
  scorer text not null,
  n bigint not null,
  unscored_n bigint not null,
  below_n bigint not null,
  composite_sum double precision not null,
  composite_sq double precision not null,
  answer_sum double precision not null,
  reasoning_n bigint not null,
  reasoning_sum double precision not null,
  pack numeric not null) row security forced
partitioned table score_value by RANGE (id) (
  prompt_ref bigint not null,
  id uuid not null,
  tenant_id integer not null,
  composite real,
  answer real,
  reasoning real,
  is_reasoning boolean not null,
  is_below boolean not null,
  scorer text not null) row security forced
partitioned table task by RANGE (id) (
  ts timestamp with time zone not null,
  id uuid not null,
  block uuid not null,
  task_ref bigint not null,
  session_ref bigint not null default 0,
  tenant_id integer not null,
  agent_id integer not null,
  type_id integer not null,
  latency_ms integer,
  tokens integer,
  quality real,
  cost_usd real,
  flags smallint not null default 0,
  idx smallint not null,
  kind smallint not null,
  success boolean) row security forced
partitioned table task_revision by RANGE (id) (
  tenant_id integer not null,
  id uuid not null,
  line text not null) row security forced
partitioned table task_text by RANGE (id) (
  tenant_id integer not null,
  id uuid not null,
  tsv tsvector not null) row security forced
table task_type (
  tenant_id integer not null,
  type_id integer not null,
  key text not null,
  task_kind text not null default ''::text) row security forced
table tenant (
  tenant_id integer not null,
  slug text not null,
  settings json,
  created_at timestamp with time zone not null) row security forced
table tenant_change (
  tenant_id integer not null,
  seq bigint not null,
  at timestamp with time zone not null,
  blocks text,
  collection text,
  key text) row security forced
table tenant_state (
  tenant_id integer not null,
  collection text not null,
  key text not null,
  value json not null,
  updated_at timestamp with time zone not null) row security forced

-- constraints
agent: PRIMARY KEY (tenant_id, agent_id)
agent: UNIQUE (tenant_id, key, version)
api_key: PRIMARY KEY (key_id)
archive_part: PRIMARY KEY (tenant_id, from_at, file)
doc_block: PRIMARY KEY (tenant_id, id)
ingest_health: PRIMARY KEY (tenant_id, day)
job_slot: PRIMARY KEY (job, slot)
record_period: PRIMARY KEY (from_at)
rollup_day: PRIMARY KEY (tenant_id, hour, agent_id, type_id)
rollup_hour: PRIMARY KEY (tenant_id, hour, agent_id, type_id)
schema_migration: PRIMARY KEY (name)
score_day: PRIMARY KEY (tenant_id, day, agent_id, type_id, is_reasoning, scorer)
score_value: PRIMARY KEY (tenant_id, id)
task: PRIMARY KEY (tenant_id, id)
task_revision: PRIMARY KEY (tenant_id, id)
task_text: PRIMARY KEY (tenant_id, id)
task_type: PRIMARY KEY (tenant_id, type_id)
task_type: UNIQUE (tenant_id, key, task_kind)
tenant: PRIMARY KEY (tenant_id)
tenant: UNIQUE (slug)
tenant_change: PRIMARY KEY (tenant_id, seq)
tenant_state: PRIMARY KEY (tenant_id, collection, key)

-- indexes
CREATE UNIQUE INDEX agent_pkey ON public.agent USING btree (tenant_id, agent_id)
CREATE UNIQUE INDEX agent_tenant_id_key_version_key ON public.agent USING btree (tenant_id, key, version)
CREATE UNIQUE INDEX api_key_pkey ON public.api_key USING btree (key_id)
CREATE UNIQUE INDEX archive_part_pkey ON public.archive_part USING btree (tenant_id, from_at, file)
CREATE UNIQUE INDEX doc_block_pkey ON ONLY public.doc_block USING btree (tenant_id, id)
CREATE INDEX doc_block_todo ON ONLY public.doc_block USING btree (tenant_id, id) WHERE (NOT rolled)
CREATE UNIQUE INDEX ingest_health_pkey ON public.ingest_health USING btree (tenant_id, day)
CREATE UNIQUE INDEX job_slot_pkey ON public.job_slot USING btree (job, slot)
CREATE UNIQUE INDEX record_period_pkey ON public.record_period USING btree (from_at)
CREATE UNIQUE INDEX rollup_day_pkey ON public.rollup_day USING btree (tenant_id, hour, agent_id, type_id)
CREATE UNIQUE INDEX rollup_hour_pkey ON public.rollup_hour USING btree (tenant_id, hour, agent_id, type_id)
CREATE UNIQUE INDEX schema_migration_pkey ON public.schema_migration USING btree (name)
CREATE UNIQUE INDEX score_day_pkey ON public.score_day USING btree (tenant_id, day, agent_id, type_id, is_reasoning, scorer)
CREATE UNIQUE INDEX score_value_pkey ON ONLY public.score_value USING btree (tenant_id, id)
CREATE INDEX task_agent ON ONLY public.task USING btree (tenant_id, agent_id, id)
CREATE INDEX task_by_ref ON ONLY public.task USING btree (tenant_id, task_ref)
CREATE INDEX task_by_session ON ONLY public.task USING btree (tenant_id, session_ref, id) WHERE (session_ref <> 0)
CREATE UNIQUE INDEX task_pkey ON ONLY public.task USING btree (tenant_id, id)
CREATE UNIQUE INDEX task_revision_pkey ON ONLY public.task_revision USING btree (tenant_id, id)
CREATE UNIQUE INDEX task_text_pkey ON ONLY public.task_text USING btree (tenant_id, id)
CREATE INDEX task_text_tsv ON ONLY public.task_text USING gin (tsv)
CREATE UNIQUE INDEX task_type_pkey ON public.task_type USING btree (tenant_id, type_id)
CREATE UNIQUE INDEX task_type_tenant_id_key_task_kind_key ON public.task_type USING btree (tenant_id, key, task_kind)
CREATE INDEX task_unsettled ON ONLY public.task USING btree (tenant_id, task_ref) WHERE (((flags)::integer & 1) <> 0)
CREATE UNIQUE INDEX tenant_change_pkey ON public.tenant_change USING btree (tenant_id, seq)
CREATE UNIQUE INDEX tenant_pkey ON public.tenant USING btree (tenant_id)
CREATE UNIQUE INDEX tenant_slug_key ON public.tenant USING btree (slug)
CREATE UNIQUE INDEX tenant_state_pkey ON public.tenant_state USING btree (tenant_id, collection, key)

-- policies
tenant_iso on agent to public using ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[]))) with check ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[])))
owner_only on api_key to owner using (true) with check (true)
tenant_iso on archive_part to public using ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[]))) with check ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[])))
tenant_iso on doc_block to public using ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[]))) with check ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[])))
tenant_iso on ingest_health to public using ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[]))) with check ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[])))
tenant_iso on rollup_day to public using ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[]))) with check ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[])))
tenant_iso on rollup_hour to public using ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[]))) with check ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[])))
tenant_iso on score_day to public using ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[]))) with check ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[])))
tenant_iso on score_value to public using ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[]))) with check ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[])))
tenant_iso on task to public using ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[]))) with check ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[])))
tenant_iso on task_revision to public using ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[]))) with check ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[])))
tenant_iso on task_text to public using ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[]))) with check ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[])))
tenant_iso on task_type to public using ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[]))) with check ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[])))
owner_only on tenant to owner using (true) with check (true)
tenant_iso on tenant_change to public using ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[]))) with check ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[])))
tenant_iso on tenant_state to public using ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[]))) with check ((tenant_id = ANY ((string_to_array(NULLIF(current_setting('app.tenants'::text, true), ''::text), ','::text))::integer[])))

-- grants
delete, insert, select, update to app on agent
delete, insert, select, update to app on archive_part
delete, insert, select, update to app on doc_block
delete, insert, select, update to app on ingest_health
delete, insert, select, update to app on rollup_day
delete, insert, select, update to app on rollup_hour
delete, insert, select, update to app on score_day
delete, insert, select, update to app on score_value
delete, insert, select, update to app on task
delete, insert, select, update to app on task_revision
delete, insert, select, update to app on task_text
delete, insert, select, update to app on task_type
delete, insert, select, update to app on tenant_change
delete, insert, select, update to app on tenant_state

-- functions

