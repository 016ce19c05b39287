"""The driving licences (Polri): an application with a database and no API at all; the names are as its makers left them.

There is no program here: the "application" is the SQLite file that it writes, and nobody may change it.
"""
