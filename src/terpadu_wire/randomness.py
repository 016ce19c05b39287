"""Random bytes of the operating system, fetched by the page: many small needs share one system call."""

import os

SIZE = 32
_PAGE = 128 * SIZE
_pieces: list[bytes] = []
os.register_at_fork(after_in_child=_pieces.clear)


def random_bytes() -> bytes:
    """Return SIZE random bytes that nobody else gets: no other call, thread or process."""
    try:
        return _pieces.pop()
    except IndexError:
        page = os.urandom(_PAGE)
        _pieces.extend([page[at : at + SIZE] for at in range(SIZE, _PAGE, SIZE)])
        return page[:SIZE]
