import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from receivables.history.running import Report, as_json, import_history


class Command(BaseCommand):
    help = "Bring the past of a tenant in from a file of facts, one JSON object a line (docs/history.md). All or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="the code of the tenant")
        parser.add_argument("file", help="the file, or - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="check everything and write nothing")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(code=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}. Found it with create_tenant.")
        report = self._import(tenant, options)
        if options["json"]:
            self._print_json(report)
        else:
            self._print(report)
        if not report.clean:
            sys.exit(1)

    def _import(self, tenant: Tenant, options: dict[str, Any]) -> Report:
        progress = self._tell if not options["json"] and sys.stderr.isatty() else lambda step, lines: None
        try:
            file = sys.stdin.buffer if options["file"] == "-" else open(options["file"], "rb")  # noqa: SIM115
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        with file, acting_for(tenant):
            return import_history(file, file_name=options["file"].rpartition("/")[2], dry_run=options["dry_run"], progress=progress)

    def _tell(self, step: str, lines: int) -> None:
        self.stderr.write(f"{step}: {lines} lines")

    def _print_json(self, report: Report) -> None:
        """One object; the faults are written as they are read, since there may be very many."""
        head = json.dumps(as_json(report), ensure_ascii=False)
        self.stdout.write(head[:-1] + ', "faults": [', ending="")
        for number, fault in enumerate(report.faults):
            self.stdout.write(("," if number else "") + json.dumps(asdict(fault), ensure_ascii=False), ending="")
        self.stdout.write("]}")

    def _print(self, report: Report) -> None:
        for fault in report.faults:
            self.stdout.write(str(fault))
        done = "would be added" if report.dry_run and report.clean else "added" if report.clean else "not added"
        self.stdout.write(
            f"{report.lines} lines: {report.added} facts {done}, {report.skipped} known already, {report.faults.count} faults."
        )
