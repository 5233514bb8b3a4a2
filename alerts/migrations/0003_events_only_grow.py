"""AlertEvent rows are only ever added: the database refuses to change or delete one, whoever asks."""

from django.db import migrations

GUARD = """
CREATE FUNCTION alert_events_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'alert events are append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER alert_events_only_grow BEFORE UPDATE OR DELETE ON alerts_alertevent
    FOR EACH ROW EXECUTE FUNCTION alert_events_only_grow();
"""
UNGUARD = 'DROP TRIGGER alert_events_only_grow ON alerts_alertevent; DROP FUNCTION alert_events_only_grow();'


class Migration(migrations.Migration):
    dependencies = [('alerts', '0002_initial')]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
