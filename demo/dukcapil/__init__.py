"""The population registry of Disdukcapil Kota Tangerang: an existing system, a program of its own.

It has its own storage (SQLite), its own REST interface (`openapi.json`) and the habits of an old
national system: names in capitals, dates DD-MM-YYYY, an envelope of status, pesan and data, the NIK
in the body of a POST. It knows nothing of the platform that connects to it.

Run it with `python -m demo.dukcapil --data DIR --port 9001 --size 5000 --seed 3671`. `--faults FILE`
makes it fail on purpose (`demo.faults`). The API key is made at the first start, in `DIR/api_key`.
"""
