from alerts.models.alert import (
    BETWEEN_TITLES,
    WAITING,
    Alert,
    AlertEvent,
    AlertEventKind,
    AlertState,
    Line,
    Mark,
    Outcome,
)
from alerts.models.budget import EntrySample, Rating, RuleBudget, SampleDay
from alerts.models.escalation import EscalationPolicy, EscalationStep, Told, When
from alerts.models.evaluation import Evaluation, Flag, TierChoice
from alerts.models.notification import Channel, ContactWay, Notification, NotificationStatus
from alerts.models.on_call import OnCallOverride, OnCallShift
from alerts.models.replay import Replay, ReplayBatch, ReplayCase, ReplayFlag, ReplayState
from alerts.models.rule_set import RuleSet, RuleSetEvent, RuleSetEventKind, RuleSetStatus
from alerts.models.silence import Silence, SilenceEnd, SilenceWhy
from alerts.models.silent import SilentCheck, SilentFlag, SilentKind
from alerts.models.snooze import Snooze, SnoozeEnd
from alerts.models.source import Citation, Document, DocumentKind
from alerts.models.watching import Check, Drill, Heartbeat

__all__ = [
    'BETWEEN_TITLES',
    'WAITING',
    'Alert',
    'AlertEvent',
    'AlertEventKind',
    'AlertState',
    'Channel',
    'Check',
    'Citation',
    'ContactWay',
    'Document',
    'DocumentKind',
    'Drill',
    'EntrySample',
    'EscalationPolicy',
    'EscalationStep',
    'Evaluation',
    'Flag',
    'Heartbeat',
    'Line',
    'Mark',
    'Notification',
    'NotificationStatus',
    'OnCallOverride',
    'OnCallShift',
    'Outcome',
    'Rating',
    'Replay',
    'ReplayBatch',
    'ReplayCase',
    'ReplayFlag',
    'ReplayState',
    'RuleBudget',
    'RuleSet',
    'RuleSetEvent',
    'RuleSetEventKind',
    'RuleSetStatus',
    'SampleDay',
    'Silence',
    'SilenceEnd',
    'SilenceWhy',
    'SilentCheck',
    'SilentFlag',
    'SilentKind',
    'Snooze',
    'SnoozeEnd',
    'TierChoice',
    'Told',
    'When',
]
