select create_distributed_table('rollup_hour', 'tenant_id', colocate_with => 'task');
select create_distributed_table('rollup_day', 'tenant_id', colocate_with => 'task');
