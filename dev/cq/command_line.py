"""Where Odoo's commands take their configuration file."""

# Commands whose own sub-command takes -c, after its name: odoo i18n export -c FILE …
WITH_SUBCOMMAND = {"i18n", "module"}
# Commands that take no configuration at all.
WITHOUT = {"help", "scaffold", "cloc", "upgrade_code", "start"}


def with_configuration(arguments, configuration):
    """Return the arguments of Odoo's command line with `-c configuration` where it belongs."""
    arguments = list(arguments)
    if "-c" in arguments or any(argument.startswith("--config") for argument in arguments):
        return arguments
    option = ["-c", str(configuration)]
    if not arguments or arguments[0].startswith("-"):
        return [*option, *arguments]
    command = arguments[0]
    if command in WITHOUT:
        return arguments
    position = 2 if command in WITH_SUBCOMMAND and len(arguments) > 1 else 1
    if command in WITH_SUBCOMMAND and (len(arguments) < 2 or arguments[1].startswith("-")):
        return arguments
    return [*arguments[:position], *option, *arguments[position:]]
