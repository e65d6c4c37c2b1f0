"""Makes what runs the conformance suite importable: it is a folder of the repository, not a part of the packages."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
