-- One form of a histogram instead of two: a number with 12 decimal digits per bucket. Adding such
-- numbers merges histograms in C; merging arrays in SQL took most of the time of a rollup.
alter table rollup_hour add column q_pack numeric not null default 0;
alter table rollup_day add column q_pack numeric not null default 0;

update rollup_hour set q_pack = coalesce((
  select sum(q_hist[i + 1] * ('1e' || 12 * q_hist[i])::numeric)
  from generate_series(1, array_length(q_hist, 1), 2) i), 0);
update rollup_day set q_pack = coalesce((
  select sum(q_hist[i + 1] * ('1e' || 12 * q_hist[i])::numeric)
  from generate_series(1, array_length(q_hist, 1), 2) i), 0);

alter table rollup_hour drop column lat_hist, drop column q_hist;
alter table rollup_day drop column lat_hist, drop column q_hist;
drop function hist_merge(int[], int[]);
