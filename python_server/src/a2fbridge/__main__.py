"""``python -m a2fbridge``: the command line."""

import sys

from a2fbridge.cli import main

sys.exit(main())
