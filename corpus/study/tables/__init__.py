"""The tables of a study's database, one per noun; `database` creates, reads and writes them."""

from .answers import *  # noqa: F403
from .base import *  # noqa: F403
from .drawn import *  # noqa: F403
from .fetched import *  # noqa: F403
from .keys import *  # noqa: F403
from .repeated import *  # noqa: F403
from .texts import *  # noqa: F403
from .versions import *  # noqa: F403
