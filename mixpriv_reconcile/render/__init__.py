"""Stage 6. SHOW: Plan, State, Status, Event and Diagnostic values → text or JSON on a stream, and nothing else."""
