-- Distribution, after the tables and before their partitions.
select create_reference_table('tenant');
select create_distributed_table('task', 'tenant_id', shard_count => 32);
select create_distributed_table('agent', 'tenant_id', colocate_with => 'task');
select create_distributed_table('task_type', 'tenant_id', colocate_with => 'task');
select create_distributed_table('doc_block', 'tenant_id', colocate_with => 'task');
select create_distributed_table('task_text', 'tenant_id', colocate_with => 'task');
