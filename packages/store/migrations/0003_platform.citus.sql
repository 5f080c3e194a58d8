select create_reference_table('api_key');
select create_distributed_table('tenant_state', 'tenant_id', colocate_with => 'task');
select create_distributed_table('ingest_health', 'tenant_id', colocate_with => 'task');
