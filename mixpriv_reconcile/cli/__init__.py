"""The command line: one file a command. Only here is anything printed, asked or exited.

A command's file imports click for its options, and all else inside of the functions that need it: `--help` and a wrong option answer
without loading what the command would do.
"""
