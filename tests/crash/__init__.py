"""The power goes, or somebody sends SIGKILL, at every moment at which it could matter.

`tracing` stops the program at each system call that changes a file, `gateway` at each boundary of an HTTP call; `disk` knows what a power cut
would leave. `scenarios` are the runs that are killed, `trial` kills one of them at one point and looks what became of it. `python -m crash`
does so at all points (`make crash`); `test_crash_points.py` at a sample.
"""
