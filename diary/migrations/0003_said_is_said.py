"""What a patient said, and the wording she answered, are never changed: the database refuses it, whoever asks."""

from django.db import migrations

GUARD = """
CREATE FUNCTION diary_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a stored % is never changed: add a new one', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER revision_never_changed BEFORE UPDATE ON diary_revision
    FOR EACH ROW EXECUTE FUNCTION diary_never_changed('revision');
CREATE TRIGGER symptom_version_never_changed BEFORE UPDATE ON diary_symptomversion
    FOR EACH ROW EXECUTE FUNCTION diary_never_changed('symptom version');
"""
UNGUARD = """
DROP TRIGGER revision_never_changed ON diary_revision;
DROP TRIGGER symptom_version_never_changed ON diary_symptomversion;
DROP FUNCTION diary_never_changed();
"""


class Migration(migrations.Migration):
    dependencies = [('diary', '0002_measurement_words')]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
