"""How much memory this process holds."""

from __future__ import annotations

import gc
import os
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes resident at the highest and now, and what of now is no file's page."""

    peak: float
    steady: float
    private: float

    def as_dict(self) -> dict[str, float]:
        """The figures by name."""
        return asdict(self)


def memory() -> Memory:
    """The memory of this process, after what can be freed was freed."""
    gc.collect()
    if Path("/proc/self/status").exists():
        return memory_of(os.getpid())
    unit = 1024**2 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return Memory(peak, peak, peak)


def memory_of(process: int) -> Memory:
    """The memory of another process; Linux only."""
    text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    peak, steady, private = (float(fields[name].split()[0]) / 1024 for name in ("VmHWM", "VmRSS", "RssAnon"))
    return Memory(peak, steady, private)


def cpu_seconds_of(process: int) -> float:
    """Seconds that all threads of another process have worked; Linux only."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
