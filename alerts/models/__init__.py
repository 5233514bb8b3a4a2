from alerts.models.alert import Alert, AlertEvent, AlertEventKind, AlertState, Line, Outcome
from alerts.models.evaluation import Evaluation, Flag, TierChoice
from alerts.models.notification import Channel, Notification, NotificationStatus
from alerts.models.rule_set import RuleSet, RuleSetStatus
from alerts.models.source import Citation, Document, DocumentKind

__all__ = [
    'Alert',
    'AlertEvent',
    'AlertEventKind',
    'AlertState',
    'Channel',
    'Citation',
    'Document',
    'DocumentKind',
    'Evaluation',
    'Flag',
    'Line',
    'Notification',
    'NotificationStatus',
    'Outcome',
    'RuleSet',
    'RuleSetStatus',
    'TierChoice',
]
