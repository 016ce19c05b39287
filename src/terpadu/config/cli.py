"""The command line: `terpadu` with one verb for each thing an operator does."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Annotated

import typer

app = typer.Typer(
    name="terpadu",
    help="One account, one portal and one toll road over the applications that government already has.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


@app.command()
def up(
    demo: Annotated[bool, typer.Option(help="Add the demo country and its one-tap accounts.")] = False,
) -> None:
    """Start everything, show the addresses, keep it running; Ctrl-C stops it."""
    from terpadu.config.up import up as start

    raise typer.Exit(start(demo=demo))


@app.command()
def worker() -> None:
    """Deliver events and fire timers until told to stop."""
    _set_up()
    from terpadu.config.worker import Worker

    Worker().run()


@app.command()
def prepare() -> None:
    """Bring the tables up to date and collect the static files."""
    _set_up()
    from terpadu.config.prepare import prepare as run

    run()


@app.command()
def demo() -> None:
    """Make the demo country's part of each domain; does nothing for what is there already."""
    _set_up()
    from terpadu.config.prepare import seed_demo

    seed_demo()


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)
def manage(context: typer.Context) -> None:
    """Run one of Django's management commands, such as `terpadu manage migrate`."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["terpadu manage", *context.args])


def _set_up() -> None:
    """Load settings and domains; whatever imports a table must come after."""
    import django

    from terpadu.config.loading import importing

    with importing():
        django.setup()


@cache
def whole() -> typer.Typer:
    """Return the command line with the verbs of every domain too, whose modules take most of a second to import."""
    from terpadu.casework import cli as casework_cli
    from terpadu.exchange import cli as exchange_cli
    from terpadu.exchange import cli_connect, cli_log
    from terpadu.maturity import cli as maturity_cli
    from terpadu.portfolio import cli as portfolio_cli

    for domain in (casework_cli, exchange_cli, maturity_cli, cli_connect, portfolio_cli, cli_log):
        app.add_typer(domain.app)
    app.command()(cli_log.verify)
    return app


def main() -> None:
    """Start the command line; the platform's own verbs need not wait for the domains'."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "terpadu.config.settings")
    own = [command.callback.__name__ for command in app.registered_commands if command.callback]
    chosen = app if sys.argv[1:2] and sys.argv[1] in own else whole()
    chosen(prog_name="terpadu")


if __name__ == "__main__":
    main()
