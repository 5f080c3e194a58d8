select create_distributed_table('tenant_change', 'tenant_id', colocate_with => 'task');
