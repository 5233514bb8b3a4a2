"""The ways by which a person is told. A channel has two verbs (`reaches`, `send`) and one error, permanent or temporary."""

from alerts.channels import email, other, push, sms
from alerts.channels.base import ChannelModule, Message, SendFailed
from alerts.models import Channel

CHANNELS: dict[str, ChannelModule] = {
    Channel.EMAIL: email,
    Channel.PUSH: push,
    Channel.SMS: sms,
    Channel.OTHER: other,
}

__all__ = ['CHANNELS', 'ChannelModule', 'Message', 'SendFailed']
