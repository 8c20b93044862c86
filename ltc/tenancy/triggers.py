"""The two trigger functions that tenant tables use. Installed with the tenant table."""

LOG_CHANGE = """
CREATE OR REPLACE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_row jsonb; new_row jsonb; was jsonb; became jsonb; owner_tenant bigint; row_key text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        old_row := to_jsonb(OLD); new_row := to_jsonb(NEW); owner_tenant := NEW.tenant_id; row_key := NEW.id::text;
        SELECT jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, new_row -> o.key) INTO was, became
          FROM jsonb_each(old_row) o
         WHERE o.value IS DISTINCT FROM new_row -> o.key AND o.key NOT IN ('updated_at', 'version', 'last_used_at');
        IF was IS NULL THEN RETURN NULL; END IF;
    ELSIF TG_OP = 'DELETE' THEN
        was := to_jsonb(OLD); owner_tenant := OLD.tenant_id; row_key := OLD.id::text;
    ELSE
        owner_tenant := NEW.tenant_id; row_key := NEW.id::text;
    END IF;
    INSERT INTO timeline_change (tenant_id, at, actor, request, table_name, "row", operation, before, after)
    VALUES (owner_tenant, clock_timestamp(), coalesce(current_setting('app.actor', true), ''),
            coalesce(current_setting('app.request_id', true), ''), TG_TABLE_NAME, row_key, lower(TG_OP), was, became);
    RETURN NULL;
END $$
"""

REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: add a correcting row instead', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""

DROP = "DROP FUNCTION IF EXISTS log_change() CASCADE; DROP FUNCTION IF EXISTS refuse_change() CASCADE"
