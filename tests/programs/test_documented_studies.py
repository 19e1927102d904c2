"""The larger studies that are printed run as printed, on small data."""
import unittest

import documented_commands
import documented_studies
from test_documented_commands import FirstLook as _Commands


class Studies(_Commands):
    """Skips, early exits, cut networks, many nodes."""
    entries, prepare = documented_studies.STUDIES, documented_commands.PREPARE_STUDIES

    def left(self, checkout):
        self.assertEqual(len(checkout.submitted()), 1)


del _Commands

if __name__ == "__main__":
    unittest.main()
