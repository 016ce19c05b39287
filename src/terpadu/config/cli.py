"""The command line: `terpadu` with one verb for each thing an operator does."""

from __future__ import annotations

import os

import typer

app = typer.Typer(
    name="terpadu",
    help="One account, one portal and one toll road over the applications that government already has.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)
def manage(context: typer.Context) -> None:
    """Run one of Django's management commands, such as `terpadu manage migrate`."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["terpadu manage", *context.args])


def main() -> None:
    """Start the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "terpadu.config.settings")
    app(prog_name="terpadu")


if __name__ == "__main__":
    main()
