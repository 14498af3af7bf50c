"""Run one whole process; print its seconds, its peak memory in GiB and its exit code.

    python bench/launch.py PROGRAM [ARGUMENT]...

Linux hands a process's peak memory down to what it starts: this one is small, and so are peaks.
"""

import json
import os
import subprocess
import sys
import time

QUIET = subprocess.DEVNULL

start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdin=QUIET, stdout=QUIET, stderr=QUIET)
_, status, usage = os.wait4(process.pid, 0)
seconds = time.perf_counter() - start
process.returncode = os.waitstatus_to_exitcode(status)
print(
    json.dumps(
        {"seconds": seconds, "peak_gib": usage.ru_maxrss / 1024**2, "code": process.returncode}
    )
)
