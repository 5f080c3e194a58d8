select create_distributed_table('task_revision', 'tenant_id', colocate_with => 'task');
