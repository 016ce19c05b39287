"""``python -m terpadu_gateway --config FILE.toml``: run one gateway."""

import argparse
import gc
import sys
from pathlib import Path


def main() -> int:
    """Run a gateway until it is told to stop; return the process's exit code."""
    parser = argparse.ArgumentParser(prog="terpadu_gateway", description="Run one gateway of the toll road.")
    parser.add_argument("--config", type=Path, required=True, help="the gateway's TOML file")
    # What is imported stays: looking through it again and again is a sixth of a start. `run` turns the collector on.
    gc.disable()
    return _serve(parser.parse_args().config)


def _serve(path: Path) -> int:
    import uvloop

    from terpadu_gateway.config import ConfigError, load_config
    from terpadu_gateway.logs import configure_logs
    from terpadu_gateway.process import PartFailedError, run
    from terpadu_gateway.processors import keep_to

    try:
        config = load_config(path)
        configure_logs(config.name)
        keep_to(config.limits.processor)
        uvloop.run(run(config, path=path))
    except ConfigError as error:
        sys.stderr.write(f"terpadu gateway: {error}\n")
        return 2
    except PartFailedError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
