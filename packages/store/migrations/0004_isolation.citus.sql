alter role app set citus.propagate_set_commands = 'local';
