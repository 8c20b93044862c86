"""What the database itself holds of the delivery rules."""

from ltc.tenancy.constraints import DatabaseRule, Editor, Model

WITHIN_COMMITMENT = """
CREATE OR REPLACE FUNCTION refuse_more_than_promised() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE promised numeric; planned numeric;
BEGIN
    SELECT qty INTO promised FROM delivery_deliverycommitment
     WHERE tenant_id = NEW.tenant_id AND id = NEW.commitment_id FOR UPDATE;
    SELECT coalesce(sum(line.qty), 0) INTO planned FROM delivery_shipmentline line
      JOIN delivery_shipment shipment ON shipment.tenant_id = line.tenant_id AND shipment.id = line.shipment_id
     WHERE line.tenant_id = NEW.tenant_id AND line.commitment_id = NEW.commitment_id AND line.id <> NEW.id
       AND shipment.state NOT IN ('cancelled', 'returned');
    IF planned + NEW.qty > promised THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            MESSAGE = 'shipments of ' || planned + NEW.qty || ' would exceed the promised ' || promised;
    END IF;
    RETURN NEW;
END $$
"""


class WithinCommitment(DatabaseRule):
    """The shipments of a commitment that are not cancelled sum to at most what was promised (invariant L3), however many plan at once.

    The commitment's row is locked first, so that of two planners the second sees the first one's quantity.
    """

    def up(self, model: Model, editor: Editor) -> list[str]:
        table, name = editor.quote_name(model._meta.db_table), editor.quote_name(self.name)
        return [
            WITHIN_COMMITMENT,
            f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_more_than_promised()",
        ]

    def down(self, model: Model, editor: Editor) -> list[str]:
        table, name = editor.quote_name(model._meta.db_table), editor.quote_name(self.name)
        return [f"DROP TRIGGER IF EXISTS {name} ON {table}", "DROP FUNCTION IF EXISTS refuse_more_than_promised() CASCADE"]
