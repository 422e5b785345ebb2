"""Train a classifier on annotations, evaluate it and make suggestions."""

import os

# Set before torch starts its threads. By default waiting threads spin, and while another program is busy training then
# took five times as long; sleeping threads share the processor.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
