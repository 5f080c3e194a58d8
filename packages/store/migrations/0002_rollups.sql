-- Rollups per hour and per day. Runs (n, ok, tokens, cost, latency) count executions and whole
-- tasks; quality counts evaluations too. Histograms are [bucket, count, bucket, count, ...]
-- ascending: latency in log buckets of gamma 1.0202, quality in round(100 q). lat_pack is the same
-- latency histogram with 12 decimal digits per bucket: sum() merges thousands of them in C, where
-- unpacking their buckets in SQL is ten times slower.

create table rollup_hour (
  tenant_id int not null,
  hour timestamptz not null,
  agent_id int not null,
  type_id int not null,
  n bigint not null,
  ok bigint not null,
  success_n bigint not null,          -- runs whose success is known
  q_n bigint not null,
  q_sum float8 not null,
  q_sq float8 not null,
  tok_n bigint not null,
  tok bigint not null,
  cost_n bigint not null,
  cost_sum float8 not null,
  lat_n bigint not null,
  lat_sum bigint not null,
  lat_hist int[],
  q_hist int[],
  lat_pack numeric not null,          -- lat_hist as one number: sum of count * 10^(12 bucket)
  primary key (tenant_id, hour, agent_id, type_id)
) with (fillfactor = 70);

create table rollup_day (like rollup_hour including all) with (fillfactor = 70);

-- Adds two histograms. The concatenation unpacks a compressed array once, not per subscript.
create or replace function hist_merge(a int[], b int[]) returns int[]
language sql immutable parallel safe as $$
  select array_agg(x order by k, o) from (
    select k, o, x from (
      select k, sum(n)::int as n from (
        select h[i] k, h[i+1] n from (select a || b as h offset 0) u,
          generate_series(1, coalesce(array_length(h, 1), 0), 2) i) v
      group by k) g, lateral (values (1, k), (2, n)) w(o, x)) z
$$;
