"""Times as the indexes of web archives print them: YYYYMMDDhhmmss, UTC."""

from __future__ import annotations

import re
from datetime import datetime


def is_timestamp(value: str) -> bool:
    """Whether this is one, of a moment that was."""
    if not re.fullmatch(r"[0-9]{14}", value):
        return False
    try:
        datetime.strptime(value, "%Y%m%d%H%M%S")  # noqa: DTZ007 - only asked whether it can be read
    except ValueError:
        return False
    return True
