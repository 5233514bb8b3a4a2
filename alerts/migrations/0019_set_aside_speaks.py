"""Open worklists hear of rules that a clinic has set aside, too. Of drafts on trial nobody hears anything."""

from django.db import migrations, models

SPEAK = """
CREATE FUNCTION set_aside_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('vigil_worklist', COALESCE(NEW.clinic_id, OLD.clinic_id)::text);
    RETURN NULL;
END $$;
CREATE TRIGGER set_aside_found AFTER INSERT ON alerts_silentflag
    FOR EACH ROW WHEN (NEW.kind = 'set_aside') EXECUTE FUNCTION set_aside_changed();
CREATE TRIGGER set_aside_gone AFTER DELETE ON alerts_silentflag
    FOR EACH ROW WHEN (OLD.kind = 'set_aside') EXECUTE FUNCTION set_aside_changed();
"""
SILENCE = """
DROP TRIGGER set_aside_found ON alerts_silentflag;
DROP TRIGGER set_aside_gone ON alerts_silentflag;
DROP FUNCTION set_aside_changed();
"""


class Migration(migrations.Migration):
    dependencies = [('alerts', '0018_replay_of_a_clinic')]
    operations = [
        migrations.AddIndex(
            model_name='silentflag',
            index=models.Index(
                fields=['clinic', '-found_at'], condition=models.Q(kind='set_aside'), name='silent_flag_set_aside'
            ),
        ),
        migrations.RunSQL(SPEAK, SILENCE),
    ]
