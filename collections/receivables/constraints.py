"""What the database itself holds of the ledger."""

from typing import Any

from ltc.tenancy.constraints import DatabaseRule, Editor, Model

REFUSE_UNBALANCED = """
CREATE OR REPLACE FUNCTION refuse_unbalanced_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bound text; in_base numeric; unbalanced int;
BEGIN
    bound := coalesce(current_setting('app.tenant_id', true), '');
    PERFORM set_config('app.tenant_id', NEW.tenant_id::text, true);
    SELECT coalesce(sum(amount_base), 0) INTO in_base FROM collections_journalline
     WHERE tenant_id = NEW.tenant_id AND entry_id = NEW.entry_id;
    SELECT count(*) INTO unbalanced FROM (
        SELECT currency FROM collections_journalline
         WHERE tenant_id = NEW.tenant_id AND entry_id = NEW.entry_id GROUP BY currency HAVING sum(amount_doc) <> 0) odd;
    PERFORM set_config('app.tenant_id', bound, true);
    IF in_base <> 0 OR unbalanced > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'journal entry ' || NEW.entry_id || ' does not sum to zero';
    END IF;
    RETURN NULL;
END $$
"""


class Balanced(DatabaseRule):
    """The lines of a journal entry sum to zero in base currency, and in each currency of its documents, when the transaction commits.

    A transaction may commit bound to no tenant any more (a nested block), so the check binds itself to the row's tenant.
    """

    def up(self, model: Model, editor: Editor) -> list[str]:
        table, name = editor.quote_name(model._meta.db_table), editor.quote_name(self.name)
        return [
            REFUSE_UNBALANCED,
            f"CREATE CONSTRAINT TRIGGER {name} AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_entry()",
        ]

    def down(self, model: Model, editor: Editor) -> list[str]:
        table, name = editor.quote_name(model._meta.db_table), editor.quote_name(self.name)
        return [f"DROP TRIGGER IF EXISTS {name} ON {table}", "DROP FUNCTION IF EXISTS refuse_unbalanced_entry() CASCADE"]


REFUSE_OTHER_CHANGE = """
CREATE OR REPLACE FUNCTION refuse_other_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - TG_ARGV = to_jsonb(NEW) - TG_ARGV THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: reverse the row instead', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


class FixedFacts(DatabaseRule):
    """Rows are added; later only the columns named here change, and no row is deleted."""

    def __init__(self, changeable: list[str], *, name: str) -> None:
        super().__init__(name=name)
        self.changeable = changeable

    def up(self, model: Model, editor: Editor) -> list[str]:
        table, name = editor.quote_name(model._meta.db_table), editor.quote_name(self.name)
        columns = ", ".join(f"'{column}'" for column in self.changeable)
        return [
            REFUSE_OTHER_CHANGE,
            f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_other_change({columns})",
        ]

    def down(self, model: Model, editor: Editor) -> list[str]:
        return [f"DROP TRIGGER IF EXISTS {editor.quote_name(self.name)} ON {editor.quote_name(model._meta.db_table)}"]

    def deconstruct(self) -> Any:
        path, _, kwargs = super().deconstruct()
        return path, (self.changeable,), kwargs
