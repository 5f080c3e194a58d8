select create_distributed_table('archive_part', 'tenant_id', colocate_with => 'task');
