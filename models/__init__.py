"""Learning and measuring: from annotations to a classifier, its suggestions and what they are worth."""

import os

# Before torch loads threads: by default they wait by spinning, and beside any other busy program training then takes
# five times as long (seen); sleeping costs nothing measurable when the machine is free.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
