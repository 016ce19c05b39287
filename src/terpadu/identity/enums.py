"""The words of identity that have a fixed set of values."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Sex(TextChoices):
    """Sex as the population registry writes it: L (laki-laki) or P (perempuan)."""

    MALE = "L", _("Male")
    FEMALE = "P", _("Female")


class ClientKind(TextChoices):
    """What sort of program a client is; decides which grants and which sign-in fit."""

    WEB = "web", _("Web application")
    NATIVE = "native", _("Application on a phone")
    SYSTEM = "system", _("System without people")
    DEVICE = "device", _("Counter or kiosk")


class ClientStage(TextChoices):
    """How far a client has come: tried at once, used by everybody after approval."""

    SANDBOX = "sandbox", _("Sandbox")
    REQUESTED = "requested", _("Waiting for approval")
    PRODUCTION = "production", _("Production")


class ClientProfile(TextChoices):
    """Which security profile a client follows; plain OpenID Connect is an exception with an end date."""

    FAPI2 = "fapi2", _("FAPI 2.0 Security Profile")
    OIDC = "oidc", _("Plain OpenID Connect, by exception")


class ClientAuthMethod(TextChoices):
    """How a client proves at the token endpoint who it is (RFC 7591, section 2)."""

    PRIVATE_KEY_JWT = "private_key_jwt", _("Signed assertion")
    SECRET_BASIC = "client_secret_basic", _("Secret in the header")
    SECRET_POST = "client_secret_post", _("Secret in the form")
    NONE = "none", _("None: proves possession of its key by DPoP")


class KeyState(TextChoices):
    """Where a signing key stands; all three are published, so that no rotation drops a login."""

    NEXT = "next", _("Published, not used yet")
    ACTIVE = "active", _("Signs")
    RETIRED = "retired", _("Signs no longer, still verifies")


class DeviceState(TextChoices):
    """How far a device authorization (RFC 8628) has come."""

    WAITING = "waiting", _("Waiting")
    GRANTED = "granted", _("Allowed")
    DENIED = "denied", _("Refused")
    USED = "used", _("Used")


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
