"""The command line: one file a command. Only here is anything printed, asked or exited."""
