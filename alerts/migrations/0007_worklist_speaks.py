"""The database says which clinic's worklist changed, whoever wrote: config/streams/ listens (decision 24).

It says so at commit, once per clinic and transaction. A fire drill's alert is nobody's work.
"""

from django.db import migrations

SPEAK = """
CREATE FUNCTION alert_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('vigil_worklist', NEW.clinic_id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER alert_changed AFTER INSERT OR UPDATE ON alerts_alert
    FOR EACH ROW WHEN (NOT NEW.is_drill) EXECUTE FUNCTION alert_changed();
"""
SILENCE = 'DROP TRIGGER alert_changed ON alerts_alert; DROP FUNCTION alert_changed();'


class Migration(migrations.Migration):
    dependencies = [('alerts', '0006_notification_rank')]
    operations = [migrations.RunSQL(SPEAK, SILENCE)]
