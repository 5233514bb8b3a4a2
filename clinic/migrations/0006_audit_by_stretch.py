"""An index by patient and stretch of 30 days, so that the cost of a patient's page does not grow with all that was ever looked at.

A list names fifty patients in one row, so an index needs the patient and the time of each of them: a number for both (`stretches_of`).
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION clinic_audit_stretches(patients bigint[], at timestamptz) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(patient * 10000 + floor(extract(epoch FROM at) / 2592000)::bigint) FROM unnest(patients) AS patient
$$
"""
INDEX = 'CREATE INDEX audit_event_stretches ON clinic_auditevent USING gin (clinic_audit_stretches(patients, at))'


class Migration(migrations.Migration):
    dependencies = [('clinic', '0005_helpers')]

    operations = [
        migrations.RemoveIndex(model_name='auditevent', name='audit_event_patients'),
        migrations.RunSQL(FUNCTION, 'DROP FUNCTION clinic_audit_stretches(bigint[], timestamptz)'),
        migrations.RunSQL(INDEX, 'DROP INDEX audit_event_stretches'),
    ]
