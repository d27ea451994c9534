"""Settings for an archive that is served without flags: `datasette archive.db` is to be a site already.

Only where every database served is an archive, and only where the operator kept Datasette's default.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from datasette.app import DEFAULT_SETTINGS

from newsarchive.publication.archives import only_archives

if TYPE_CHECKING:
    from datasette.app import Datasette

# Suggesting facets takes nine tenths of a table page's time; a facet that is asked for deserves an answer.
SETTINGS: Final = {"suggest_facets": False, "facet_time_limit_ms": 1000, "default_cache_ttl": 60}

# Python's own 5 ms are longer than a page takes; beside a file that is being made, each of a page's threads would
# wait so long for its turn.
SWITCH_SECONDS: Final = 0.001


def settle(datasette: Datasette) -> None:
    """Change what still stands at Datasette's default, and how often threads take turns."""
    if not only_archives(datasette):
        return
    sys.setswitchinterval(SWITCH_SECONDS)
    for name, value in SETTINGS.items():
        if datasette.setting(name) == DEFAULT_SETTINGS[name]:
            datasette._settings[name] = value  # noqa: SLF001 - 0.65 has no public way; 1.0 reads datasette.yaml
