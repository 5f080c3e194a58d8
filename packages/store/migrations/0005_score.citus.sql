select create_distributed_table('score_value', 'tenant_id', colocate_with => 'task');
select create_distributed_table('score_day', 'tenant_id', colocate_with => 'task');
