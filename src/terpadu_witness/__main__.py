"""``python -m terpadu_witness --config FILE.toml``: run one witness; ``--key`` prints its verifier key and ends."""

import argparse
import asyncio
import sys
from pathlib import Path

from terpadu_witness.config import WitnessConfigError, load_config
from terpadu_witness.server import make_witness, serve


def main() -> int:
    """Run a witness until it is told to stop; return the process's exit code."""
    parser = argparse.ArgumentParser(prog="terpadu_witness", description="Witness transparency logs.")
    parser.add_argument("--config", type=Path, required=True, help="the witness's TOML file")
    parser.add_argument("--key", action="store_true", help="print the verifier key and end")
    arguments = parser.parse_args()
    try:
        config = load_config(arguments.config)
        if arguments.key:
            witness, memory = make_witness(config)
            sys.stdout.write(f"{witness.public_key.vkey()}\n")
            memory.close()
        else:
            asyncio.run(serve(config))
    except WitnessConfigError as error:
        sys.stderr.write(f"terpadu witness: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
