"""What the platform tells people: notices from templates, kept in each person's inbox.

Main words: message (one notice to one person), template (its text in both languages, with typed placeholders and a
version), context (the values for the placeholders), channel (a way to a person; the inbox is the truth, other ways
only point to it), dedup key (names the reason for a message, so that one reason sends one message). The door is
`public`.
"""
