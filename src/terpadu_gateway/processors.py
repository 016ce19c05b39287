"""On which processor core a gateway runs.

Its threads hand every call to each other and only one of them runs Python at a time. Wherever they wake each other across
cores, the call waits for the other core and finds none of its data in that core's caches.
"""

import os

from terpadu_gateway.config import ConfigError


def keep_to(processor: int | None) -> None:
    """Keep this process, and every thread that it starts from now on, to one core; None leaves it on all of them.

    Args:
        processor: number of the core, as the operating system counts them.

    Raises:
        ConfigError: the process may not run there.
    """
    if processor is None:
        return
    try:
        os.sched_setaffinity(0, {processor})
    except OSError as error:
        raise ConfigError(f"limits.processor: there is no core {processor} to run on") from error
