"""What was handed in for review is what is reviewed, and what was published stays as it was: the database refuses anything else."""

from django.db import migrations

GUARD = """
CREATE FUNCTION rule_sets_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'rule sets are kept for good' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (OLD.clinic_id, OLD.version, OLD.created_at, OLD.created_by_id)
        IS DISTINCT FROM (NEW.clinic_id, NEW.version, NEW.created_at, NEW.created_by_id) THEN
        RAISE EXCEPTION 'a rule set keeps its clinic, version and author' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.status <> 'draft' AND (OLD.content, OLD.digest, OLD.title, OLD.why, OLD.set_aside, OLD.default_id, OLD.based_on_id)
        IS DISTINCT FROM (NEW.content, NEW.digest, NEW.title, NEW.why, NEW.set_aside, NEW.default_id, NEW.based_on_id) THEN
        RAISE EXCEPTION 'only a draft can be changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.status IN ('published', 'retired')
        AND (OLD.published_at, OLD.published_by_id, OLD.reviewed_at, OLD.reviewed_by_id, OLD.submitted_at)
        IS DISTINCT FROM (NEW.published_at, NEW.published_by_id, NEW.reviewed_at, NEW.reviewed_by_id, NEW.submitted_at) THEN
        RAISE EXCEPTION 'who published and reviewed a rule set stays on record' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('draft', 'in_review'), ('draft', 'retired'), ('in_review', 'draft'), ('in_review', 'published'), ('in_review', 'retired'),
        ('published', 'retired')
    ) THEN
        RAISE EXCEPTION 'a rule set that is % cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rule_sets_are_kept BEFORE UPDATE OR DELETE ON alerts_ruleset
    FOR EACH ROW EXECUTE FUNCTION rule_sets_are_kept();
CREATE FUNCTION rule_set_events_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rule set events are append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER rule_set_events_only_grow BEFORE UPDATE OR DELETE ON alerts_rulesetevent
    FOR EACH ROW EXECUTE FUNCTION rule_set_events_only_grow();
"""
UNGUARD = """
DROP TRIGGER rule_sets_are_kept ON alerts_ruleset;
DROP FUNCTION rule_sets_are_kept();
DROP TRIGGER rule_set_events_only_grow ON alerts_rulesetevent;
DROP FUNCTION rule_set_events_only_grow();
"""


class Migration(migrations.Migration):
    dependencies = [('alerts', '0013_rules_life')]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
