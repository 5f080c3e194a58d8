-- same effect as 8fbef2ccb8e7e6a86f7b147c4b93ab04c9f1486893ba63b391ab65259ed9961f
-- The role of requests and row-level security. Grants on parents only, never on a partition:
-- a granted partition would bypass the policy of its parent.

-- Asked first: who may not create roles is refused even when the role exists.
do $$ begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'app') then
    create role app login nosuperuser nobypassrls;
  end if;
exception when duplicate_object or unique_violation then null;
end $$;

do $$
declare t text;
begin
  foreach t in array array['agent', 'task_type', 'task', 'doc_block', 'task_text', 'rollup_hour',
                           'rollup_day', 'tenant_state', 'ingest_health'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format($p$create policy tenant_iso on %I
      using (tenant_id = any (string_to_array(nullif(current_setting('app.tenants', true), ''), ',')::int[]))
      with check (tenant_id = any (string_to_array(nullif(current_setting('app.tenants', true), ''), ',')::int[]))$p$, t);
    execute format('grant select, insert, update, delete on %I to app', t);
  end loop;
  -- Read before a tenant is known: only the owner, and no grant for app.
  foreach t in array array['tenant', 'api_key'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy owner_only on %I to current_user using (true) with check (true)', t);
  end loop;
end $$;

-- Without this mark a policy keeps the text index from being used. Needs a superuser; where the
-- owner is none, search is slower and still right.
do $$ begin
  alter function pg_catalog.ts_match_vq(tsvector, tsquery) leakproof;
exception when insufficient_privilege then null;
end $$;
