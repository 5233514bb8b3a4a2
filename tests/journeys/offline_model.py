"""Two people's devices that come and go, against the real server: hypothesis looks for an order of events that loses or doubles.

A device does what static/js/offline/{form,send}.js do: write down first, send oldest first, forget only what the server named as
stored. Its clock is wrong; its requests and their answers get lost or arrive twice; its store is wiped; its session ends.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from clinic.models import Patient
from diary.models import Entry, Revision
from tests import cast

STUCK = {'mend', 'newer', 'refused'}
SLACK = timedelta(seconds=1)  # a phone names whole seconds


@dataclass
class Item:
    """One thing that was written: `at` is the true time, `written` what the device's clock showed."""

    path: str
    fields: dict[str, str]
    at: datetime
    written: datetime
    by: int
    id: UUID = field(default_factory=uuid4)
    stuck: str = ''


@dataclass
class Device:
    """A phone with somebody signed in; `behind` is how far its clock is off."""

    person: cast.Person
    client: Client
    user: int
    diary: str
    behind: timedelta
    online: bool = True
    kept: list[Item] = field(default_factory=list)
    acknowledged: list[Item] = field(default_factory=list)

    def clock(self) -> datetime:
        return timezone.now() - self.behind

    def write(self, path: str, **fields: str) -> Item:
        item = Item(path, fields, timezone.now(), self.clock(), self.user)
        self.kept.append(item)
        return item

    def waiting(self) -> list[Item]:
        return sorted((item for item in self.kept if not item.stuck), key=lambda item: item.written)

    def post(self, item: Item) -> tuple[int, dict[str, Any]]:
        kept = max(0, round((self.clock() - item.written).total_seconds()))
        said = {'diary_of': self.diary, 'client_uuid': str(item.id), 'kept_seconds': str(kept), **item.fields}
        answer = self.client.post(item.path, said, headers={'X-Vigil-Phone': str(self.user)})
        if answer.status_code == 302:  # to the page where one signs in
            return 302, {'why': 'signin'}
        return answer.status_code, json.loads(answer.content)

    def flush(self, fates: list[str]) -> None:
        """`fates`, one for each request: it arrives, or it or its answer gets lost, or it arrives twice. Then all arrive."""
        for item, fate in zip(self.waiting(), [*fates, *['arrives'] * len(self.kept)], strict=False):
            if not self.online or fate == 'request lost':
                return
            _status, told = self.post(item)
            if fate == 'twice':
                _status, told = self.post(item)
            if fate == 'answer lost':
                return
            if told.get('why') == 'signin':
                self.sign_in()
                return
            self.hear(item, told)

    def sign_in(self) -> None:
        """After two weeks without a word; what waits goes on waiting."""
        self.client = cast.client_of(self.person)

    def hear(self, item: Item, told: dict[str, Any]) -> None:
        if 'to' in told:
            self.kept.remove(item)
            self.acknowledged.append(item)
        else:
            assert told['why'] in STUCK, told
            item.stuck = told['why']

    def wipe(self) -> None:
        """What was not acknowledged is gone: that is why pages say in words that it is not sent yet."""
        self.kept.clear()


class TwoDevices(RuleBasedStateMachine):
    """Ana on her phone, Luis on his; both write in her diary."""

    stage: tuple[Patient, cast.Person] | None = None

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.time = time_machine.travel(cast.NOW, tick=False)
        self.clock = self.time.start()
        assert self.stage
        ana, luis = self.stage
        self.patient = ana
        skews = (timedelta(hours=-3), timedelta(days=2))
        self.devices = [
            Device(who, cast.client_of(who), cast.user_of(who).pk, str(ana.public_id), behind)
            for who, behind in zip((ana, luis), skews, strict=True)
        ]
        self.written: dict[UUID, Item] = {}

    def teardown(self) -> None:
        try:
            self.everybody_comes_back()
        finally:
            self.time.stop()
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def everybody_comes_back(self) -> None:
        """In the end all are online and every request arrives: whatever a device still knew is stored, or stuck and shown."""
        for device in self.devices:
            device.online = True
            while device.waiting():
                device.flush([])
            assert all(item.stuck for item in device.kept)
        self.nothing_is_lost_or_doubled()

    devices_of = st.integers(0, 1)

    @rule(which=devices_of, minutes=st.integers(1, 90), level=st.integers(1, 2))
    def somebody_writes(self, which: int, minutes: int, level: int) -> None:
        self.clock.shift(timedelta(minutes=minutes))
        item = self.devices[which].write('/entry/new/', **{'COUGH.on': '1', 'COUGH.severity': str(level)})
        self.written[item.id] = item

    @rule(which=devices_of, minutes=st.integers(1, 90))
    def somebody_taps(self, which: int, minutes: int) -> None:
        self.clock.shift(timedelta(minutes=minutes))
        item = self.devices[which].write('/entry/nothing-new/', say='nothing')
        self.written[item.id] = item

    @rule(which=devices_of)
    def somebody_comes_or_goes(self, which: int) -> None:
        self.devices[which].online = not self.devices[which].online

    @precondition(lambda self: any(device.waiting() for device in self.devices))
    @rule(
        which=devices_of,
        fates=st.lists(st.sampled_from(['arrives', 'twice', 'request lost', 'answer lost']), max_size=4),
    )
    def a_device_sends(self, which: int, fates: list[str]) -> None:
        self.devices[which].flush(fates)

    @rule(which=devices_of)
    def a_late_copy_arrives(self, which: int) -> None:
        """The network delivers again what was acknowledged long ago."""
        device = self.devices[which]
        for item in device.acknowledged[-1:]:
            status, _told = device.post(item)
            if status == 302:
                device.sign_in()
                status, _told = device.post(item)
            assert status == 200

    @rule(hours=st.integers(1, 100))
    def time_passes(self, hours: int) -> None:
        self.clock.shift(timedelta(hours=hours))

    @rule(which=devices_of)
    def a_store_is_wiped(self, which: int) -> None:
        self.devices[which].wipe()

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        revisions = list(Revision.objects.select_related('entry'))
        stored = {revision.entry.client_uuid for revision in revisions}
        assert len(stored) == len(revisions) == Entry.objects.count()
        assert stored <= self.written.keys()
        acknowledged = [item.id for device in self.devices for item in device.acknowledged]
        assert len(set(acknowledged)) == len(acknowledged)
        assert set(acknowledged) <= stored
        for revision in revisions:
            it_is_what_was_written(self.written[revision.entry.client_uuid], revision)


def it_is_what_was_written(item: Item, revision: Revision) -> None:
    said = revision.document['answers'].get('COUGH', {}).get('values', {}).get('severity')
    assert said == (int(item.fields['COUGH.severity']) if 'COUGH.severity' in item.fields else None)
    assert revision.recorded_by_id == item.by
    assert abs(revision.entry.about_at - item.at) <= SLACK
