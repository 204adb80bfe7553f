# The tooling is in dev/, in Python; this file only names its commands.
.PHONY: help run stop clean test lint format pot bench compat screenshots
help:
	@echo "make run      serve Odoo 19 with the module and demo data (PORT=8069)"
	@echo "make stop     stop that server, and the database server"
	@echo "make test     run the whole suite (ARGS=\"-k review\" for a part)"
	@echo "make lint     check the code; make format mends what it can"
	@echo "make pot      export the terms and merge them into the translations"
	@echo "make bench    measure against plain Odoo"
	@echo "make compat   run Odoo's own tests with and without the module"
	@echo "make screenshots  take the README's pictures anew"
	@echo "make clean    remove this checkout's databases (ALL=1: downloads too)"
	@echo "dev/odoo, dev/pytest, dev/race: Odoo's command line, tests, many processes"

run stop clean test lint format pot bench compat screenshots:
	@dev/task $@
