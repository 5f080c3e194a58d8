-- Scores that Assay computed: one narrow row beside the task row of the evaluation that holds the
-- score, and sums per day. A null composite means that the response could not be scored.

create table score_value (
  prompt_ref bigint not null,         -- hash of the query: what bias is clustered by; 0 = none
  id uuid not null,                   -- task.id of the evaluation
  tenant_id int not null,
  composite real,
  answer real,
  reasoning real,                     -- null = a direct answer, or unscored
  is_reasoning boolean not null,
  is_below boolean not null,          -- below the threshold for storing as experience
  scorer text not null collate "C",   -- version of the score
  primary key (tenant_id, id)
) partition by range (id);

-- The periods that exist already: every partitioned table has the same ones.
do $$
declare p record;
begin
  for p in
    select substr(c.relname, 6) as suffix, pg_get_expr(c.relpartbound, c.oid) as bounds
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'task'::regclass
  loop
    execute format('create table score_value_%s partition of score_value %s', p.suffix, p.bounds);
  end loop;
end $$;

-- The histogram has the buckets round(100 composite), packed into one number as in rollup_day.
create table score_day (
  tenant_id int not null,
  day timestamptz not null,
  agent_id int not null,
  type_id int not null,
  is_reasoning boolean not null,
  scorer text not null collate "C",
  n bigint not null,
  unscored_n bigint not null,
  below_n bigint not null,
  composite_sum float8 not null,
  composite_sq float8 not null,
  answer_sum float8 not null,
  reasoning_n bigint not null,
  reasoning_sum float8 not null,
  pack numeric not null,              -- sum of count * 10^(12 bucket)
  primary key (tenant_id, day, agent_id, type_id, is_reasoning, scorer)
) with (fillfactor = 70);

do $$
declare t text;
begin
  foreach t in array array['score_value', 'score_day'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format($p$create policy tenant_iso on %I
      using (tenant_id = any (string_to_array(nullif(current_setting('app.tenants', true), ''), ',')::int[]))
      with check (tenant_id = any (string_to_array(nullif(current_setting('app.tenants', true), ''), ',')::int[]))$p$, t);
    execute format('grant select, insert, update, delete on %I to app', t);
  end loop;
end $$;
