"""What the tests of portable SQL share lies beside them in `portable_stage`: test directories are no packages."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
