"""How much memory this process holds."""

from __future__ import annotations

import gc
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

_STATUS = Path("/proc/self/status")


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
    if _STATUS.exists():
        fields = dict(line.split(":", 1) for line in _STATUS.read_text(encoding="ascii").splitlines() if ":" in line)
        peak, steady, private = (float(fields[name].split()[0]) / 1024 for name in ("VmHWM", "VmRSS", "RssAnon"))
        return Memory(peak, steady, private)
    unit = 1024**2 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return Memory(peak, peak, peak)
