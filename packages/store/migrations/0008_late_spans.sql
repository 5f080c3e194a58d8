-- Executions that are read from spans, some of which come late. The lowest bit of task.flags marks a
-- span that may change, or first make, the execution of its trace: a queue that survives every
-- process. Each revision of a fact adds 2. The index is nearly always empty.
create index task_unsettled on task (tenant_id, task_ref) where (flags & 1) <> 0;

create table task_revision (
  tenant_id int not null,
  id uuid not null,                   -- task.id
  line text not null,                 -- the JSON that stands for the one in the block
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
    execute format('create table task_revision_%s partition of task_revision %s', p.suffix, p.bounds);
  end loop;
end $$;

alter table task_revision enable row level security;
alter table task_revision force row level security;
create policy tenant_iso on task_revision
  using (tenant_id = any (string_to_array(nullif(current_setting('app.tenants', true), ''), ',')::int[]))
  with check (tenant_id = any (string_to_array(nullif(current_setting('app.tenants', true), ''), ',')::int[]));
grant select, insert, update, delete on task_revision to app;
