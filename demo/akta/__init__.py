"""The birth-record service of Kota Tangerang: a second existing system, unlike the registry beside it.

Plain WSGI on the standard library with a small router of its own, over a CSV file that is only
appended to and a sorted index; Basic authentication; lower-case snake fields, ISO dates, no envelope.

Run it with `python -m demo.akta --data DIR --port 9002 --size 5000 --seed 3671`. `--faults FILE` makes
it fail on purpose (`demo.faults`). `DIR/authorization` holds the whole `Authorization` header that it
accepts, made at the first start.
"""
