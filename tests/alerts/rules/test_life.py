"""The life of rule sets: draft, review, published, retired. What is refused, by whom, and that the database keeps it."""

import copy
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from alerts.content import rules_mapping
from alerts.engine import RuleError
from alerts.models import Evaluation, Flag, Replay, RuleSet, RuleSetEvent, SilentFlag
from alerts.queries.rules.in_force import published_default, rule_set_for
from alerts.services.rules import drafting, life_trial, publishing, reviewing
from alerts.services.rules.default import publish_default
from alerts.services.rules.drafting import DraftChanged, NoReason, NotADraft, NothingToSetAside
from alerts.services.rules.life_merging import NothingToTakeIn, Source, Undecided, take_in
from alerts.services.rules.life_trial import AnotherRuns, NotApproved, NotOnTrial
from alerts.services.rules.reviewing import (
    NotAnAdmin,
    NothingChanged,
    NotInReview,
    NotReplayed,
    Overtaken,
    OwnWork,
    ReasonsMissing,
    WhyMissing,
)
from tests.alerts.conftest import told_us
from tests.cast import NOW, make_member

SOON = NOW + timedelta(hours=1)
LATER = NOW + timedelta(hours=2)
REASON = 'Our emergency room asked us to wait for a second sign.'
UNREPLAYED = 'There is no history yet to replay it on.'
SOONER = {'title': 'Diarrhea', 'when': {'symptom': 'DIARRHEA', 'field': 'stools_24h', 'over_baseline_gte': 3}}


@pytest.fixture
def hugo(riverside):
    """The second admin of Riverside."""
    return make_member(riverside, 'Hugo Lang', is_admin=True)


@pytest.fixture
def draft(riverside, grace, hugo, content):
    return begin(riverside, grace)


def begin(clinic, person):
    return drafting.begin(clinic=clinic, by=person.user, title='Sooner', why='Two calls came late.', now=NOW)


def rule_of(draft, rule):
    return draft.content['rules'][rule]


def change(draft, rule, person, *, seen=None, **fields):
    """Change some of a rule's mapping; `None` as the only field takes it out."""
    after = None if fields == {'out': True} else {**draft.content['rules'].get(rule, {}), **fields}
    seen = draft.edits if seen is None else seen
    return drafting.change_rule(draft=draft, rule=rule, after=after, by=person.user, seen=seen, now=NOW)


def submit(draft, person, **given):
    given = {'title': draft.title, 'why': draft.why, 'seen': draft.edits, 'now': NOW, 'unreplayed': UNREPLAYED} | given
    return reviewing.submit(draft=draft, by=person.user, **given)


def approve(found, person, **given):
    return reviewing.approve(rule_set=found, by=person.user, **{'seen': found.edits, 'now': SOON} | given)


def publish(found, person, now=LATER):
    return publishing.publish(rule_set=found, by=person.user, now=now)


def ready(clinic, author, reviewer, *, rule='R04', **fields):
    """A draft that is approved and can be published."""
    draft = change(begin(clinic, author), rule, author, **(fields or SOONER))
    return approve(submit(draft, author), reviewer)


def kinds(rule_set):
    return list(rule_set.events.values_list('kind', flat=True))


# -- the whole life -------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_draft_is_written_by_one_approved_by_another_and_published(riverside, grace, hugo, draft):
    changed = change(draft, 'R04', grace, **SOONER)
    published = publish(approve(submit(changed, grace), hugo, note='Fits our calls.'), grace)
    assert rule_set_for(riverside.pk) == published
    assert (published.created_by, published.reviewed_by, published.published_by) == (grace.user, hugo.user, grace.user)
    assert (published.submitted_at, published.reviewed_at, published.published_at) == (NOW, SOON, LATER)
    assert kinds(published) == ['begun', 'changed', 'submitted', 'approved', 'published']
    assert published.events.get(kind='approved').note == 'Fits our calls.'
    assert published_default().status == 'published'


@pytest.mark.django_db
def test_the_next_version_retires_the_one_before(riverside, grace, hugo, content):
    first = publish(ready(riverside, grace, hugo), grace)
    second = publish(ready(riverside, hugo, grace, rule='R01', cites=['cleveland-call-1']), grace)
    first.refresh_from_db()
    assert (first.status, first.retired_at) == ('retired', LATER)
    assert rule_set_for(riverside.pk) == second
    assert (second.version, second.based_on) == (2, first)


@pytest.mark.django_db
def test_the_next_entry_is_checked_by_what_was_published_and_older_flags_keep_their_words(
    riverside, grace, hugo, ana, content
):
    old = told_us(ana, {'DIARRHEA': {'severity': 1, 'stools_24h': 8}})
    renamed = publish(ready(riverside, grace, hugo, rule='R04', title='Many stools'), grace, now=SOON)
    new = told_us(ana, {'DIARRHEA': {'severity': 1, 'stools_24h': 8}}, at=LATER)
    assert Evaluation.objects.get(revision__entry=new).rule_set == renamed
    assert Evaluation.objects.get(revision__entry=old).rule_set == content
    titles = {flag.evaluation.rule_set_id: flag.title for flag in Flag.objects.filter(rule='R04')}
    assert titles == {content.pk: 'Diarrhea, many stools, at night, or with blood', renamed.pk: 'Many stools'}


# -- handing in -----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_draft_is_handed_in_with_a_name_and_a_reason_and_with_a_change(grace, draft):
    with pytest.raises(NothingChanged):
        submit(draft, grace)
    changed = change(draft, 'R04', grace, **SOONER)
    for missing in ({'title': ' '}, {'why': ''}):
        with pytest.raises(WhyMissing):
            submit(changed, grace, **missing)
    handed_in = submit(changed, grace, title='Loose stools sooner', why='Four patients were admitted in June.')
    assert (handed_in.title, handed_in.why) == ('Loose stools sooner', 'Four patients were admitted in June.')


@pytest.mark.django_db
def test_what_somebody_else_changed_meanwhile_is_not_handed_in_unread(grace, hugo, draft):
    seen = draft.edits
    change(draft, 'R04', hugo, **SOONER)
    with pytest.raises(DraftChanged):
        submit(draft, grace, seen=seen)


@pytest.mark.django_db
def test_a_draft_in_review_cannot_be_changed(grace, draft):
    handed_in = submit(change(draft, 'R04', grace, **SOONER), grace)
    with pytest.raises(NotADraft):
        change(handed_in, 'R04', grace, title='Other words')


@pytest.mark.django_db
def test_only_an_admin_of_the_clinic_hands_in_approves_and_publishes(riverside, lakeside, grace, hugo, rosa, draft):
    stranger = make_member(lakeside, 'Iris Moor', is_admin=True)
    changed = change(draft, 'R04', grace, **SOONER)
    for person in (rosa, stranger):
        with pytest.raises(NotAnAdmin):
            submit(changed, person)
    handed_in = submit(changed, grace)
    for person in (rosa, stranger):
        with pytest.raises(NotAnAdmin):
            approve(handed_in, person)
    approved = approve(handed_in, hugo)
    for person in (rosa, stranger):
        with pytest.raises(NotAnAdmin):
            publish(approved, person)


# -- review ---------------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_author_cannot_review_her_own_draft(grace, hugo, draft):
    handed_in = submit(change(draft, 'R04', hugo, **SOONER), hugo)
    with pytest.raises(OwnWork):
        approve(handed_in, grace)


@pytest.mark.django_db
def test_whoever_changed_anything_cannot_review_it_not_even_in_a_later_round(riverside, grace, hugo, draft):
    iris = make_member(riverside, 'Iris Moor', is_admin=True)
    changed = change(draft, 'R04', hugo, **SOONER)
    back = reviewing.send_back(rule_set=submit(changed, grace), by=iris.user, note='Say it shorter.', now=NOW)
    handed_in = submit(change(back, 'R04', grace, title='Stools'), grace)
    with pytest.raises(OwnWork):
        approve(handed_in, hugo)
    assert approve(handed_in, iris).reviewed_by == iris.user


@pytest.mark.django_db
def test_whoever_handed_it_in_cannot_review_it(grace, hugo, draft):
    handed_in = submit(change(draft, 'R04', grace, **SOONER), hugo)
    with pytest.raises(OwnWork):
        approve(handed_in, hugo)


@pytest.mark.django_db
def test_a_copy_gives_two_authors_a_way_out(riverside, grace, hugo, draft):
    """Both wrote at it, so nobody is left to approve; one makes it her own, and the other can read it."""
    both = change(change(draft, 'R04', grace, **SOONER), 'R01', hugo, title='Heart')
    own = drafting.begin_from(clinic=riverside, by=grace.user, source=both, title='Sooner', why=draft.why, now=NOW)
    assert own.content == both.content
    assert approve(submit(own, grace), hugo).is_approved


@pytest.mark.django_db
def test_what_is_sent_back_says_why_and_loses_its_approval(grace, hugo, draft):
    approved = approve(submit(change(draft, 'R04', grace, **SOONER), grace), hugo)
    with pytest.raises(NoReason):
        reviewing.send_back(rule_set=approved, by=hugo.user, note='  ', now=LATER)
    back = reviewing.send_back(rule_set=approved, by=hugo.user, note='Not for children.', now=LATER)
    assert (back.status, back.reviewed_by, back.reviewed_at, back.submitted_at) == ('draft', None, None, None)
    assert back.events.last().note == 'Not for children.'
    with pytest.raises(NotApproved):
        publish(back, grace)


@pytest.mark.django_db
def test_what_changed_between_reading_and_approving_is_not_approved(grace, hugo, draft):
    handed_in = submit(change(draft, 'R04', grace, **SOONER), grace)
    seen = handed_in.edits
    back = reviewing.send_back(rule_set=handed_in, by=grace.user, note='One more thing.', now=NOW)
    again = submit(change(back, 'R04', grace, title='Stools'), grace)
    with pytest.raises(NotInReview):
        approve(again, hugo, seen=seen)


@pytest.mark.django_db
def test_a_draft_is_approved_once(riverside, grace, hugo, draft):
    handed_in = submit(change(draft, 'R04', grace, **SOONER), grace)
    approve(handed_in, hugo)
    with pytest.raises(NotInReview):
        approve(handed_in, make_member(riverside, 'Iris Moor', is_admin=True))


@pytest.mark.django_db
def test_nothing_is_published_without_an_approval(grace, draft):
    with pytest.raises(NotApproved):
        publish(submit(change(draft, 'R04', grace, **SOONER), grace), grace)


@pytest.mark.django_db
def test_a_discarded_draft_stays_on_record_and_goes_nowhere(grace, hugo, draft):
    gone = publishing.discard(rule_set=draft, by=hugo.user, note='No longer needed.', now=SOON)
    assert (gone.status, gone.retired_at, kinds(gone)) == ('retired', SOON, ['begun', 'discarded'])
    with pytest.raises(NotADraft):
        change(gone, 'R04', grace, **SOONER)
    with pytest.raises(NotInReview):
        publishing.discard(rule_set=gone, by=hugo.user, note='', now=SOON)


# -- setting an emergency rule aside --------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_loosened_emergency_rule_needs_a_reason_before_it_is_handed_in(grace, draft):
    loose = change(draft, 'E01', grace, when={'symptom': 'DYSPNEA', 'gte': 4})
    with pytest.raises(ReasonsMissing) as missing:
        submit(loose, grace)
    assert missing.value.rules == ('E01',)
    with pytest.raises(NoReason):
        drafting.set_aside(draft=loose, rule='E01', reason='Too many.', by=grace.user, seen=loose.edits, now=NOW)
    told = drafting.set_aside(draft=loose, rule='E01', reason=REASON, by=grace.user, seen=loose.edits, now=NOW)
    assert submit(told, grace).set_aside == {'E01': REASON}
    assert told.events.filter(rule='E01').last().note == REASON


@pytest.mark.django_db
def test_a_rule_made_stricter_again_drops_its_reason(grace, draft):
    before = rule_of(draft, 'E01')
    loose = change(draft, 'E01', grace, out=True)
    told = drafting.set_aside(draft=loose, rule='E01', reason=REASON, by=grace.user, seen=loose.edits, now=NOW)
    assert told.set_aside == {'E01': REASON}
    assert change(told, 'E01', grace, **before).set_aside == {}


@pytest.mark.django_db
def test_there_is_no_reason_to_give_for_a_rule_that_is_as_strict_as_ever(grace, draft):
    wider = {'any': [{'symptom': 'DYSPNEA', 'gte': 2}, *rule_of(draft, 'E01')['when']['any']]}
    tightened = change(draft, 'E01', grace, when=wider)
    for rule in ('E01', 'R04'):
        with pytest.raises(NothingToSetAside):
            drafting.set_aside(draft=tightened, rule=rule, reason=REASON, by=grace.user, seen=tightened.edits, now=NOW)
    assert submit(tightened, grace).set_aside == {}


# -- published meanwhile --------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_draft_that_was_overtaken_is_not_published_until_it_takes_the_others_in(riverside, grace, hugo, content):
    mine = ready(riverside, grace, hugo)
    theirs = publish(ready(riverside, hugo, grace, rule='R01', title='Heart'), hugo)
    with pytest.raises(Overtaken) as overtaken:
        publish(mine, grace)
    assert overtaken.value.current == theirs
    again = take_in(draft=mine, source=Source.IN_FORCE, take={}, by=grace.user, seen=mine.edits, now=LATER)
    assert (again.status, again.based_on, again.reviewed_by) == ('draft', theirs, None)
    assert rule_of(again, 'R01')['title'] == 'Heart'
    assert rule_of(again, 'R04')['title'] == 'Diarrhea'
    assert kinds(again)[-2:] == ['sent_back', 'changed']
    publish(approve(submit(again, grace), hugo), grace)
    assert rule_set_for(riverside.pk) == again


@pytest.mark.django_db
def test_an_overtaken_draft_is_not_even_handed_in(riverside, grace, hugo, draft, content):
    publish(ready(riverside, hugo, grace, rule='R01', title='Heart'), hugo)
    with pytest.raises(Overtaken):
        submit(change(draft, 'R04', grace, **SOONER), grace)


@pytest.mark.django_db
@pytest.mark.parametrize(('theirs_wanted', 'title'), [(False, 'Ours'), (True, 'Theirs')])
def test_a_rule_that_both_changed_waits_for_a_decision(riverside, grace, hugo, draft, content, theirs_wanted, title):
    mine = change(draft, 'R01', grace, title='Ours')
    publish(ready(riverside, hugo, grace, rule='R01', title='Theirs'), hugo)
    asked = {'draft': mine, 'source': Source.IN_FORCE, 'by': grace.user, 'seen': mine.edits, 'now': LATER}
    with pytest.raises(Undecided) as undecided:
        take_in(take={}, **asked)
    assert undecided.value.pieces == ('rules.R01',)
    mine.refresh_from_db()
    assert mine.edits == asked['seen']
    assert rule_of(take_in(take={'rules.R01': theirs_wanted}, **asked), 'R01')['title'] == title


@pytest.mark.django_db
def test_there_is_nothing_to_take_in_where_nothing_was_published(grace, draft):
    for source in Source:
        with pytest.raises(NothingToTakeIn):
            take_in(draft=draft, source=source, take={}, by=grace.user, seen=0, now=LATER)


# -- the shared rules -----------------------------------------------------------------------------------------------------
def new_default(now=LATER):
    """The shared rules learn something."""
    content = copy.deepcopy(rules_mapping())
    content['rules']['R05']['title'] = 'Confusion'
    content['rules']['E15'] = {**content['rules']['E06'], 'title': 'Another emergency'}
    return publish_default(content=content, now=now)


@pytest.mark.django_db
def test_a_clinic_on_its_own_rules_stays_on_them_when_the_shared_ones_change_and_can_take_them_in(
    riverside, grace, hugo, content
):
    own = publish(ready(riverside, grace, hugo), grace)
    shared = new_default()
    assert rule_set_for(riverside.pk) == own
    draft = begin(riverside, grace)
    taken = take_in(draft=draft, source=Source.SHARED, take={}, by=grace.user, seen=0, now=LATER)
    assert (taken.default, taken.based_on) == (shared, own)
    assert (rule_of(taken, 'R05')['title'], rule_of(taken, 'R04')['title']) == ('Confusion', 'Diarrhea')
    assert 'E15' in taken.content['rules']


@pytest.mark.django_db
def test_going_back_to_the_shared_rules_is_reviewed_too_and_follows_them_from_then_on(riverside, grace, hugo, content):
    publish(ready(riverside, grace, hugo), grace)
    asked = {'title': 'Back', 'why': 'We follow the shared rules again.', 'now': NOW}
    draft = drafting.begin_from(clinic=riverside, by=grace.user, source=published_default(), **asked)
    back = publish(approve(submit(draft, grace), hugo), grace)
    assert (back.status, back.published_by, back.reviewed_by) == ('retired', grace.user, hugo.user)
    assert kinds(back)[-2:] == ['published', 'retired']
    assert rule_set_for(riverside.pk) == content
    assert rule_set_for(riverside.pk) != (shared := new_default())
    assert rule_set_for(riverside.pk) == shared


@pytest.mark.django_db
def test_an_older_version_is_published_again_as_a_draft_that_goes_through_review(riverside, grace, hugo, content):
    first = publish(ready(riverside, grace, hugo), grace)
    publish(ready(riverside, hugo, grace, rule='R01', title='Heart'), hugo)
    asked = {'title': 'As in spring', 'why': 'It was better.', 'now': NOW}
    draft = drafting.begin_from(clinic=riverside, by=grace.user, source=first, **asked)
    again = publish(approve(submit(draft, grace), hugo), grace)
    assert again.content == first.content
    assert rule_set_for(riverside.pk) == again


@pytest.mark.django_db
def test_an_older_version_does_not_lose_an_emergency_rule_of_the_shared_rules_without_a_reason(
    riverside, grace, hugo, content
):
    first = publish(ready(riverside, grace, hugo), grace)
    shared = new_default()
    draft = take_in(draft=begin(riverside, grace), source=Source.SHARED, take={}, by=grace.user, seen=0, now=LATER)
    publish(approve(submit(draft, grace), hugo), grace)
    older = drafting.begin_from(clinic=riverside, by=grace.user, source=first, title='Old', why='Better', now=LATER)
    assert older.default == shared
    with pytest.raises(ReasonsMissing) as missing:
        submit(older, grace)
    assert missing.value.rules == ('E15',)


@pytest.mark.django_db
def test_nobody_begins_with_another_clinics_rules(riverside, lakeside, grace, hugo, draft):
    stranger = make_member(lakeside, 'Iris Moor', is_admin=True)
    with pytest.raises(ValueError, match='its own clinic'):
        drafting.begin_from(clinic=lakeside, by=stranger.user, source=draft, title='Theirs', why='Copied', now=NOW)


# -- the silent run -------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_an_approved_draft_runs_silently_and_publishing_ends_the_run(riverside, grace, hugo, content):
    approved = ready(riverside, grace, hugo)
    running = life_trial.begin_trial(rule_set=approved, by=grace.user, now=SOON)
    assert running.on_trial
    published = publish(running, grace)
    assert (published.trial_since, published.trial_until) == (SOON, LATER)
    assert kinds(published)[-4:] == ['approved', 'trial_begun', 'trial_ended', 'published']


@pytest.mark.django_db
def test_only_an_approved_draft_runs_and_only_one_of_a_clinic(riverside, grace, hugo, draft, content):
    with pytest.raises(NotApproved):
        life_trial.begin_trial(rule_set=draft, by=grace.user, now=SOON)
    first = life_trial.begin_trial(rule_set=ready(riverside, grace, hugo), by=grace.user, now=SOON)
    second = ready(riverside, hugo, grace, rule='R01', title='Heart')
    with pytest.raises(AnotherRuns) as other:
        life_trial.begin_trial(rule_set=second, by=grace.user, now=SOON)
    assert other.value.rule_set == first
    life_trial.end_trial(rule_set=first, by=grace.user, now=LATER)
    with pytest.raises(NotOnTrial):
        life_trial.end_trial(rule_set=first, by=grace.user, now=LATER)
    assert life_trial.begin_trial(rule_set=second, by=grace.user, now=LATER).on_trial


@pytest.mark.django_db
@pytest.mark.parametrize('act', ['send_back', 'discard'])
def test_a_draft_that_is_taken_out_of_review_runs_no_more(riverside, grace, hugo, content, act):
    running = life_trial.begin_trial(rule_set=ready(riverside, grace, hugo), by=grace.user, now=SOON)
    service = reviewing.send_back if act == 'send_back' else publishing.discard
    ended = service(rule_set=running, by=hugo.user, note='It flags too much.', now=LATER)
    assert not ended.on_trial
    assert 'trial_ended' in kinds(ended)


@pytest.mark.django_db
def test_a_second_run_begins_without_what_the_first_one_found(riverside, grace, hugo, ana, content):
    running = life_trial.begin_trial(rule_set=ready(riverside, grace, hugo), by=grace.user, now=SOON)
    revision = told_us(ana, {}).revisions.get()
    found = {'clinic': riverside, 'patient': ana, 'revision': revision, 'rule': 'R04', 'tier': 'urgent', 'title': 'x'}
    SilentFlag.objects.create(rule_set=running, kind='trial', evidence={}, found_at=SOON, **found)
    back = reviewing.send_back(rule_set=running, by=hugo.user, note='Again, please.', now=LATER)
    assert SilentFlag.objects.exists()
    life_trial.begin_trial(rule_set=approve(submit(back, grace), hugo), by=grace.user, now=LATER)
    assert not SilentFlag.objects.exists()


# -- what the database keeps ----------------------------------------------------------------------------------------------
SQL = {
    'content': "UPDATE alerts_ruleset SET content = '{}' WHERE id = %s",
    'title': "UPDATE alerts_ruleset SET title = 'other' WHERE id = %s",
    'reasons': """UPDATE alerts_ruleset SET set_aside = '{"E01": "none"}' WHERE id = %s""",
    'reviewer': 'UPDATE alerts_ruleset SET reviewed_by_id = published_by_id WHERE id = %s',
    'author': 'UPDATE alerts_ruleset SET created_by_id = reviewed_by_id WHERE id = %s',
    'back to draft': "UPDATE alerts_ruleset SET status = 'draft' WHERE id = %s",
    'gone': 'DELETE FROM alerts_ruleset WHERE id = %s',
    'event': "UPDATE alerts_rulesetevent SET note = 'other' WHERE rule_set_id = %s",
    'no event': 'DELETE FROM alerts_rulesetevent WHERE rule_set_id = %s',
}


@pytest.mark.django_db
@pytest.mark.parametrize('what', SQL)
def test_raw_sql_cannot_rewrite_what_was_published(riverside, grace, hugo, content, what):
    published = publish(ready(riverside, grace, hugo), grace)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL[what], [published.pk])
    before = (published.content, published.title, published.reviewed_by_id)
    published.refresh_from_db()
    assert (published.content, published.title, published.reviewed_by_id) == before


@pytest.mark.django_db
def test_raw_sql_cannot_publish_what_nobody_reviewed_nor_let_the_author_review(grace, draft):
    handed_in = submit(change(draft, 'R04', grace, **SOONER), grace)
    for fields in (
        {'status': 'published', 'published_by': grace.user},
        {'reviewed_by': grace.user, 'reviewed_at': NOW},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            RuleSet.objects.filter(pk=handed_in.pk).update(**fields)


@pytest.mark.django_db
def test_a_refused_step_leaves_no_event(grace, draft):
    before = RuleSetEvent.objects.count()
    with pytest.raises(RuleError):
        change(draft, 'R04', grace, when={'symptom': 'NOT_THERE', 'gte': 1})
    with pytest.raises(NothingChanged):
        submit(draft, grace)
    assert RuleSetEvent.objects.count() == before


# -- two at once ----------------------------------------------------------------------------------------------------------
def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts at the same time, each on its own connection; what each came to, or the error."""
    start, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            start.wait(20)
            results[place] = act()
        except Exception as error:  # noqa: BLE001  (the test looks at it)
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_publish_the_same_draft_at_once_publish_it_once(riverside, grace, hugo, content):
    approved = ready(riverside, grace, hugo)
    results = at_once(lambda: publish(approved, grace), lambda: publish(approved, hugo))
    assert sorted(type(one).__name__ for one in results) == ['NotApproved', 'RuleSet']
    assert RuleSetEvent.objects.filter(kind='published').count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_drafts_published_at_once_exactly_one_wins_and_the_other_is_told(riverside, grace, hugo, content):
    mine, theirs = ready(riverside, grace, hugo), ready(riverside, hugo, grace, rule='R01', title='Heart')
    results = at_once(lambda: publish(mine, grace), lambda: publish(theirs, hugo))
    (lost,) = [one for one in results if isinstance(one, Exception)]
    (won,) = [one for one in results if isinstance(one, RuleSet)]
    assert isinstance(lost, Overtaken)
    assert lost.current == won == rule_set_for(riverside.pk)
    assert RuleSet.objects.filter(clinic=riverside, status='published').count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_begin_at_once_get_different_versions(riverside, grace, hugo, content):
    begun = at_once(lambda: begin(riverside, grace), lambda: begin(riverside, hugo))
    assert sorted(one.version for one in begun) == [1, 2]


# -- its effect is seen before it is handed in --------------------------------------------------------------------------------
def replay_of(draft, person, **given):
    """A replay that ran to its end just now over the last 90 days, unless said otherwise."""
    today = NOW.date()
    usual = {'since': today - timedelta(days=89), 'until': today, 'state': 'done', 'digest': draft.digest}
    people = {'clinic': draft.clinic, 'against': draft.based_on, 'asked_by': person.user}
    times = {'asked_at': NOW, 'started_at': NOW, 'finished_at': NOW}
    return Replay.objects.create(rule_set=draft, **people, **times, **usual | given)


@pytest.mark.parametrize('reason', ['', '   ', 'No time for that.'])
def test_a_draft_whose_effect_nobody_saw_is_not_handed_in_without_a_reason(draft, grace, reason):
    changed = change(draft, 'R04', grace, **SOONER)
    with pytest.raises(NotReplayed):
        submit(changed, grace, unreplayed=reason)
    changed.refresh_from_db()
    assert changed.status == 'draft'


def test_the_reason_for_handing_in_without_a_replay_is_kept(draft, grace):
    handed_in = submit(change(draft, 'R04', grace, **SOONER), grace, unreplayed=UNREPLAYED)
    assert handed_in.events.get(kind='submitted').detail == {'unreplayed': UNREPLAYED}


@pytest.mark.parametrize(
    'given',
    [
        {'since': NOW.date() - timedelta(days=60)},
        {'since': NOW.date() - timedelta(days=200), 'until': NOW.date() - timedelta(days=30)},
        {'digest': 'of other words'},
        {'state': 'cancelled'},
    ],
    ids=['too short', 'too old', 'other words', 'not run to its end'],
)
def test_only_a_whole_replay_of_these_words_over_the_last_90_days_counts(draft, grace, given):
    changed = change(draft, 'R04', grace, **SOONER)
    replay_of(changed, grace, **given)
    with pytest.raises(NotReplayed):
        submit(changed, grace, unreplayed='')


def test_after_a_replay_no_reason_is_asked_for(draft, grace):
    changed = change(draft, 'R04', grace, **SOONER)
    replay_of(changed, grace)
    assert submit(changed, grace, unreplayed='').events.get(kind='submitted').detail == {}
