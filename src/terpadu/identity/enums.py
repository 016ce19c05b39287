"""The words of identity that have a fixed set of values."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Sex(TextChoices):
    """Sex as the population registry writes it: L (laki-laki) or P (perempuan)."""

    MALE = "L", _("Male")
    FEMALE = "P", _("Female")


class NikFault(TextChoices):
    """Which part of a NIK is wrong, in the order in which it is checked."""

    FORMAT = "format", _("A NIK has exactly 16 digits.")
    PROVINCE = "province", _("The first two digits of the NIK are not the code of a province.")
    REGION = "wilayah", _("Digits 3 to 6 of the NIK (city and district) cannot be 00.")
    BIRTH_DATE = "birth_date", _("Digits 7 to 12 of the NIK are not a date of birth.")
    SERIAL = "serial", _("The last four digits of the NIK cannot be 0000.")


class PasswordFault(TextChoices):
    """Why a password cannot be used."""

    SHORT = "short", _("Use at least 8 characters.")
    LONG = "long", _("Use at most 128 characters.")
    COMMON = "common", _("Many people use this password, so it is easy to guess. Choose another one.")
    PERSONAL = "personal", _("Do not use your name, your NIK or your date of birth as a password.")


class SignInMethod(TextChoices):
    """How somebody signed in, or tried to."""

    PASSKEY = "passkey", _("Passkey")
    PASSWORD = "password", _("Password")
    TOTP = "totp", _("Password and authenticator app")
    RECOVERY_CODE = "recovery_code", _("Password and recovery code")
    DEMO = "demo", _("One tap, demo only")


class SignInOutcome(TextChoices):
    """How a sign-in ended."""

    SIGNED_IN = "signed_in", _("Signed in")
    WRONG_PASSWORD = "wrong_password", _("Wrong password")
    WRONG_CODE = "wrong_code", _("Wrong code")
    LIMITED = "limited", _("Stopped: too many tries")
