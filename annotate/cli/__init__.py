"""The command line: a folder or file for each group of commands; only it imports both models and annotate."""

import signal
import sys
from pathlib import Path

is_program = Path(sys.argv[0]).stem in ("-m", "slantwise")  # and not a test or notebook that imports it
if is_program and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the command begins: no traceback of an import
