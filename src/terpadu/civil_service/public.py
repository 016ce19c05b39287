"""The door of the civil service."""

from terpadu.civil_service.rules import Month, Nip, NipFault, parse_nip
from terpadu.civil_service.selectors import (
    CreditView,
    EmployeeView,
    credit_list_for,
    employee_find,
    employee_get,
)
from terpadu.civil_service.services import employee_register

__all__ = [
    "CreditView",
    "EmployeeView",
    "Month",
    "Nip",
    "NipFault",
    "credit_list_for",
    "employee_find",
    "employee_get",
    "employee_register",
    "parse_nip",
]
