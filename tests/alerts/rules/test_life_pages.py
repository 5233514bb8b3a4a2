"""The pages of rule sets: the hub, one set with its life, and who finds them."""

import pytest
from django.urls import reverse

from alerts.models import RuleSet
from alerts.queries.rules.in_force import rule_set_for
from alerts.services.rules import publishing, reviewing
from alerts.services.rules.drafting import begin, change_rule
from tests.alerts.conftest import alert_of, told_us
from tests.alerts.rules.test_life import LATER, REASON, SOON, SOONER, new_default
from tests.cast import NOW, client_of, make_member

pytestmark = pytest.mark.django_db
LOOSE = {'when': {'symptom': 'DYSPNEA', 'gte': 4}}


@pytest.fixture
def hugo(riverside):
    """The second admin of Riverside."""
    return make_member(riverside, 'Hugo Lang', is_admin=True)


@pytest.fixture
def draft(riverside, grace, content, now):
    return begin(clinic=riverside, by=grace.user, title='Sooner', why='Two calls came late.', now=NOW)


@pytest.fixture
def changed(draft, grace):
    return change(draft, 'R04', grace, **SOONER)


def change(draft, rule, person, **fields):
    after = {**draft.content['rules'].get(rule, {}), **fields} if fields else None
    given = {'by': person.user, 'seen': draft.edits, 'now': NOW, 'note': 'As we agreed.'}
    return change_rule(draft=draft, rule=rule, after=after, **given)


def page(person, name, *args, **query):
    return client_of(person).get(reverse(f'alerts:{name}', args=args), query)


def text(person, name, *args, **query):
    return page(person, name, *args, **query).content.decode()


def post(person, name, *args, follow=True, **data):
    return client_of(person).post(reverse(f'alerts:{name}', args=args), data, follow=follow)


def hand_in(found, person):
    return reviewing.submit(
        draft=found,
        by=person.user,
        seen=found.edits,
        now=NOW,
        title=found.title,
        why='Two calls came late.',
        unreplayed='There is no history yet to replay it on.',
    )


def publish(found, author, reviewer):
    handed_in = hand_in(found, author)
    approved = reviewing.approve(rule_set=handed_in, by=reviewer.user, seen=handed_in.edits, now=SOON)
    return publishing.publish(rule_set=approved, by=author.user, now=LATER)


# -- who finds what -------------------------------------------------------------------------------------------------------
def test_another_clinics_admin_finds_no_set_of_ours_and_steps_nowhere(draft, lakeside):
    stranger = make_member(lakeside, 'Iris Moor', is_admin=True)
    assert page(stranger, 'rule_set', draft.pk).status_code == 404
    assert 'Sooner' not in text(stranger, 'rules')
    for step in ('submit', 'send_back', 'approve', 'publish', 'discard'):
        assert post(stranger, f'rule_set_{step}', draft.pk, note='Mine now, all of it.').status_code == 404
    assert page(stranger, 'rules_begin', start=draft.pk).status_code == 404
    assert page(stranger, 'rules_begin', start='9' * 5000).status_code == 404
    draft.refresh_from_db()
    assert draft.status == 'draft'


def test_a_nurse_reads_the_rules_and_finds_nothing_to_press(changed, rosa):
    for said in (text(rosa, 'rules'), text(rosa, 'rule_set', changed.pk)):
        assert '<form' not in said.split('<main')[1]
    assert 'Sooner' in text(rosa, 'rule_set', changed.pk)
    assert post(rosa, 'rule_set_submit', changed.pk).status_code == 404


def test_nobody_steps_with_the_shared_rules(content, grace, now):
    for step in ('submit', 'send_back', 'approve', 'publish', 'discard'):
        assert post(grace, f'rule_set_{step}', content.pk, note='No').status_code == 404


# -- the hub --------------------------------------------------------------------------------------------------------------
def test_the_hub_says_what_is_in_force_and_who_works_at_what(changed, grace, hugo):
    said = text(grace, 'rules')
    assert 'Default rules' in said
    assert 'the shared rules; their thresholds need your clinic’s sign-off' in said
    assert 'Two calls came late.' in said
    assert 'waits for your review' not in said
    hand_in(changed, grace)
    assert 'waits for your review' in text(hugo, 'rules')
    assert 'waits for your review' not in text(grace, 'rules')


def test_the_hub_names_who_wrote_reviewed_and_published_what_is_in_force(changed, grace, hugo, riverside):
    publish(changed, grace, hugo)
    said = text(grace, 'rules')
    assert 'your clinic’s own, on top of the shared rules, version 1' in said
    assert said.count('Hugo Lang') >= 2
    assert 'Sooner' in said


def test_the_hub_says_that_the_shared_rules_have_a_newer_version_and_begins_a_draft_that_takes_it_in(
    changed, grace, hugo
):
    publish(changed, grace, hugo)
    shared = new_default()
    said = text(grace, 'rules')
    assert '2 rules changed' in said
    assert 'Another emergency' in said
    response = post(grace, 'rules_take_in')
    draft = RuleSet.objects.get(status='draft')
    assert response.redirect_chain[-1][0] == reverse('alerts:rule_set_take_in', args=[draft.pk, 'shared'])
    assert 'Comes in by itself' in response.content.decode()
    post(grace, 'rule_set_take_in', draft.pk, 'shared', seen=0)
    draft.refresh_from_db()
    assert draft.default == shared
    assert 'E15' in draft.content['rules']


def test_a_page_without_published_rules_says_so(riverside, grace, content, now):
    RuleSet.objects.filter(pk=content.pk).update(status='retired', retired_at=NOW)
    assert 'No rules are published: no entry can be checked.' in text(grace, 'rules')


# -- one set --------------------------------------------------------------------------------------------------------------
def test_every_page_of_a_set_has_its_name_and_state_on_top(draft, grace):
    said = text(grace, 'rule_set', draft.pk)
    assert '<h1>Sooner</h1>' in said
    assert 'version 1' in said
    assert '>draft<' in said


def test_a_set_shows_every_rule_as_a_sentence_with_its_basis(content, grace, now):
    said = text(grace, 'rule_set', content.pk)
    for rule in content.content['rules']:
        assert f'id="rule-{rule}"' in said
    assert 'Phone the care team now for' in said
    assert 'Substitute: the founding list was lost' in said
    assert 'for no diary entry in 24 hours' in said


def test_a_change_shows_the_words_before_and_after_who_made_it_and_what_it_does(changed, grace):
    said = text(grace, 'rule_set', changed.pk)
    assert 'Before' in said
    assert '<del>' in said
    assert '<ins>3</ins> ' in said
    assert 'May miss some of what it caught' in said
    assert 'As we agreed.' in said
    assert 'changed R04' in said


def test_a_rule_of_the_clinics_own_is_told_apart(changed, grace):
    own = {**changed.content['rules']['R01'], 'title': 'Our own rule'}
    said = text(grace, 'rule_set', change(changed, 'X01', grace, **own).pk)
    assert 'your clinic’s own' in said
    assert 'changed by your clinic' in said
    assert 'There was no such rule.' in said


def test_a_set_is_compared_with_the_shared_rules_when_asked(changed, grace, hugo, riverside):
    publish(changed, grace, hugo)
    second = change(
        begin(clinic=riverside, by=grace.user, title='Next', why='More', now=LATER), 'R01', grace, title='Heart'
    )
    assert 'id="change-R04"' not in text(grace, 'rule_set', second.pk)
    assert 'id="change-R04"' in text(grace, 'rule_set', second.pk, against='shared')


def test_a_set_that_the_catalogue_can_no_longer_read_is_still_told_of(draft, grace):
    RuleSet.objects.filter(pk=draft.pk).update(content={**draft.content, 'rules': {'X': {'when': 'gone'}}})
    said = text(grace, 'rule_set', draft.pk)
    assert 'These rules cannot be read with the symptoms of now' in said
    assert 'Two calls came late.' in said


# -- beginning and handing in ---------------------------------------------------------------------------------------------
def test_a_draft_is_begun_with_a_name_and_a_reason(grace, content, now):
    assert post(grace, 'rules_begin', title='', why='').status_code == 422
    response = post(grace, 'rules_begin', title='Sooner', why='Two calls came late.')
    draft = RuleSet.objects.get(title='Sooner')
    assert response.redirect_chain[-1][0] == reverse('alerts:rule_set', args=[draft.pk])
    assert (draft.created_by, draft.why, draft.based_on) == (grace.user, 'Two calls came late.', content)


def test_beginning_says_kindly_what_is_missing(grace, content, now):
    said = post(grace, 'rules_begin', title='', why='').content.decode()
    assert 'Give it a name' in said
    assert 'Say why' in said
    assert 'This field is required' not in said


def test_a_draft_that_is_begun_for_a_rule_opens_at_that_rule(grace, content, now):
    assert 'name="rule" value="R04"' in text(grace, 'rules_begin', rule='R04')
    named = {'title': 'Sooner', 'why': 'Two calls came late.'}
    begun = post(grace, 'rules_begin', follow=False, rule='R04', **named)
    assert begun.url == reverse('alerts:rule_edit', args=[RuleSet.objects.get(title='Sooner').pk, 'R04'])
    other = post(grace, 'rules_begin', follow=False, rule='NONE', **named | {'title': 'Other'})
    assert other.url == reverse('alerts:rule_set', args=[RuleSet.objects.get(title='Other').pk])


def test_handing_in_says_what_is_missing(draft, grace):
    named = {
        'in-title': 'Sooner',
        'in-why': 'Late calls.',
        'in-seen': draft.edits,
        'in-unreplayed': 'No history yet to replay.',
    }
    assert 'This draft says just what is in force' in post(grace, 'rule_set_submit', draft.pk, **named).content.decode()
    assert post(grace, 'rule_set_submit', draft.pk, **{**named, 'in-why': ''}).status_code == 422
    stale = post(grace, 'rule_set_submit', draft.pk, **{**named, 'in-seen': 7})
    assert 'Somebody changed the draft meanwhile' in stale.content.decode()


def test_handing_in_without_a_replay_asks_why_at_its_field_and_the_reviewer_reads_it(draft, grace, hugo):
    changed = change(draft, 'R04', grace, title='Diarrhea')
    assert 'Why it is handed in without a replay' in text(grace, 'rule_set', changed.pk)
    named = {'in-title': 'Sooner', 'in-why': 'Late calls.', 'in-seen': changed.edits}
    silent = post(grace, 'rule_set_submit', changed.pk, **named)
    assert silent.status_code == 422
    assert 'Replay it on the last 90 days first, or say why not.' in silent.content.decode()
    post(
        grace, 'rule_set_submit', changed.pk, **named, **{'in-unreplayed': 'We opened last week: there is nothing yet.'}
    )
    assert 'We opened last week: there is nothing yet.' in text(hugo, 'rule_set', changed.pk)


def test_an_emergency_rule_set_aside_asks_for_its_reason_beside_it(draft, grace):
    loose = change(draft, 'E01', grace, **LOOSE)
    said = text(grace, 'rule_set', loose.pk)
    assert '1 emergency rule is set aside and needs a typed reason' in said
    assert 'id="aside-E01"' in said
    short = post(grace, 'rule_set_aside', loose.pk, 'E01', seen=loose.edits, reason='Too many.')
    assert short.status_code == 422
    assert 'Say it in at least 20 characters' in short.content.decode()
    assert REASON in post(grace, 'rule_set_aside', loose.pk, 'E01', seen=loose.edits, reason=REASON).content.decode()
    loose.refresh_from_db()
    assert loose.set_aside == {'E01': REASON}


# -- the review -----------------------------------------------------------------------------------------------------------
def test_a_reviewer_ticks_each_change_that_she_has_read(changed, grace, hugo):
    handed_in = hand_in(changed, grace)
    said = text(hugo, 'rule_set', handed_in.pk)
    assert 'This draft waits for you' in said
    assert 'name="read" value="R04" form="review"' in said
    assert 'checked' not in said.split('<main')[1]
    unread = post(hugo, 'rule_set_approve', handed_in.pk, seen=handed_in.edits)
    assert unread.status_code == 422
    assert 'Read these changes too, and tick them: R04.' in unread.content.decode()
    post(hugo, 'rule_set_approve', handed_in.pk, seen=handed_in.edits, read=['R04'], note='Fits.')
    handed_in.refresh_from_db()
    assert (handed_in.reviewed_by, handed_in.is_approved) == (hugo.user, True)


def test_the_author_reads_who_can_approve_and_cannot_herself(changed, grace, hugo):
    handed_in = hand_in(changed, grace)
    said = text(grace, 'rule_set', handed_in.pk)
    assert 'It waits for another admin: <strong>Hugo Lang</strong>' in said
    assert 'name="read"' not in said
    refused = post(grace, 'rule_set_approve', handed_in.pk, seen=handed_in.edits, read=['R04'])
    assert 'Another admin has to approve it' in refused.content.decode()
    handed_in.refresh_from_db()
    assert handed_in.reviewed_by is None


def test_where_nobody_is_left_to_approve_the_page_says_the_way_out(changed, grace):
    said = text(grace, 'rule_set', hand_in(changed, grace).pk)
    assert 'Nobody is left who can approve it' in said
    assert 'invite another admin' in said


def test_what_was_sent_back_stands_above_the_draft(changed, grace, hugo):
    handed_in = hand_in(changed, grace)
    assert post(hugo, 'rule_set_send_back', handed_in.pk, note='').status_code == 422
    post(hugo, 'rule_set_send_back', handed_in.pk, note='Say it shorter.')
    said = text(grace, 'rule_set', handed_in.pk)
    assert 'Sent back by Hugo Lang' in said
    assert 'Say it shorter.' in said


# -- publishing -----------------------------------------------------------------------------------------------------------
def test_an_approved_draft_is_published_from_its_page(changed, grace, hugo, riverside):
    handed_in = hand_in(changed, grace)
    assert 'Publish' not in text(grace, 'rule_set', handed_in.pk).split('<main')[1]
    reviewing.approve(rule_set=handed_in, by=hugo.user, seen=handed_in.edits, now=SOON)
    assert 'Approved by Hugo Lang' in text(grace, 'rule_set', handed_in.pk)
    assert 'The next entry is checked by these rules' in post(grace, 'rule_set_publish', handed_in.pk).content.decode()
    assert rule_set_for(riverside.pk).pk == handed_in.pk


def test_the_second_to_publish_is_told_and_led_to_what_came_first(changed, grace, hugo, riverside):
    handed_in = hand_in(changed, grace)
    mine = reviewing.approve(rule_set=handed_in, by=hugo.user, seen=handed_in.edits, now=SOON)
    other = change(begin(clinic=riverside, by=hugo.user, title='Hearts', why='x', now=NOW), 'R01', hugo, title='Heart')
    publish(other, hugo, grace)
    told = post(grace, 'rule_set_publish', mine.pk).content.decode()
    assert 'Version 2, “Hearts”, was published meanwhile by Hugo Lang' in told
    assert reverse('alerts:rule_set_take_in', args=[mine.pk, 'in-force']) in told
    taken = post(grace, 'rule_set_take_in', mine.pk, 'in-force', seen=mine.edits)
    assert 'Taken in' in taken.content.decode()
    mine.refresh_from_db()
    assert (mine.status, mine.based_on.title) == ('draft', 'Hearts')


def test_a_clash_is_shown_side_by_side_and_asks_for_a_choice(changed, grace, hugo, riverside):
    other = change(begin(clinic=riverside, by=hugo.user, title='Theirs', why='x', now=NOW), 'R04', hugo, title='Stools')
    publish(other, hugo, grace)
    said = text(grace, 'rule_set_take_in', changed.pk, 'in-force')
    assert 'Both sides changed these: choose' in said
    unchosen = post(grace, 'rule_set_take_in', changed.pk, 'in-force', seen=changed.edits)
    assert unchosen.status_code == 422
    assert 'Choose one of the two.' in unchosen.content.decode()
    post(grace, 'rule_set_take_in', changed.pk, 'in-force', seen=changed.edits, **{'rules.R04': 'theirs'})
    changed.refresh_from_db()
    assert changed.content['rules']['R04']['title'] == 'Stools'


def test_there_is_nothing_to_take_in_when_nothing_was_published(changed, grace):
    assert (
        'There is nothing to take in'
        in client_of(grace)
        .get(reverse('alerts:rule_set_take_in', args=[changed.pk, 'in-force']), follow=True)
        .content.decode()
    )
    assert page(grace, 'rule_set_take_in', changed.pk, 'elsewhere').status_code == 404


def test_going_back_to_the_shared_rules_says_what_it_means(changed, grace, hugo, content):
    publish(changed, grace, hugo)
    assert 'your clinic follows the shared rules again' in text(grace, 'rules_begin', start=content.pk)
    post(grace, 'rules_begin', title='Back', why='Simpler.', start=content.pk)
    back = hand_in(RuleSet.objects.get(title='Back'), grace)
    reviewing.approve(rule_set=back, by=hugo.user, seen=back.edits, now=SOON)
    assert 'your clinic has no rules of its own and follows the shared ones' in text(grace, 'rule_set', back.pk)


def test_a_draft_is_given_up_and_stays_on_record(changed, grace):
    post(grace, 'rule_set_discard', changed.pk, **{'discard-note': 'Not needed.'})
    assert '1 draft was given up' in text(grace, 'rules')
    said = text(grace, 'rule_set', changed.pk)
    assert 'Not needed.' in said
    assert 'This draft was given up.' in said


def test_the_pages_ask_the_database_no_more_for_more_rule_sets(
    riverside, grace, hugo, content, now, django_assert_max_num_queries
):
    for number in range(3):
        draft = begin(clinic=riverside, by=grace.user, title=f'Number {number}', why='x', now=NOW)
        publish(change(draft, 'R01', grace, title=f'Heart {number}'), grace, hugo)
    client = client_of(grace)
    with django_assert_max_num_queries(16):
        client.get(reverse('alerts:rules'))
    with django_assert_max_num_queries(24):
        client.get(reverse('alerts:rule_set', args=[draft.pk]))


# -- where a flag is read -------------------------------------------------------------------------------------------------
def test_the_alerts_page_says_the_words_of_the_version_that_fired_not_those_of_today(ana, rosa, changed, grace, hugo):
    """The rule asks for 4 more than usual when Ana writes, for 3 more by the time her nurse reads it."""
    entry = told_us(ana, {'DIARRHEA': {'severity': 1, 'stools_24h': 8}})
    publish(changed, grace, hugo)
    said = text(rosa, 'alert', alert_of(entry).public_id)
    assert 'Diarrhea, many stools, at night, or with blood' in said
    assert '4 or more over usual in 24 hours' in said
    assert '3 or more over usual' not in said
    shared = changed.based_on
    assert f'href="{reverse("alerts:rule_set", args=[shared.pk])}#rule-R04">Default rules, version 1</a>' in said
    assert 'id="rule-R04"' in text(rosa, 'rule_set', shared.pk)


def test_where_no_rules_are_published_there_is_nothing_to_begin_from(content, grace):
    RuleSet.objects.update(status='retired')
    page = client_of(grace).get(reverse('alerts:rules_begin'), follow=True)
    assert page.status_code == 200
    assert 'No rules are published, so there is nothing to begin from.' in page.content.decode()
