"""The door of messaging."""

from terpadu.messaging.catalogue import templates
from terpadu.messaging.selectors import MessageView, inbox_for, message_get, unread_count
from terpadu.messaging.services import inbox_read, message_read, message_send

__all__ = [
    "MessageView",
    "inbox_for",
    "inbox_read",
    "message_get",
    "message_read",
    "message_send",
    "templates",
    "unread_count",
]
