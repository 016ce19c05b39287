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
    ENDED = "ended", _("Ended")


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
    CROSS_DEVICE = "cross_device", _("With a phone, by QR code")
    RECOVERY = "recovery", _("Recovered at a counter")
    AGENCY = "agency", _("With the agency's login")
    DEMO = "demo", _("One tap, demo only")


class SignInOutcome(TextChoices):
    """How a sign-in ended."""

    SIGNED_IN = "signed_in", _("Signed in")
    WRONG_PASSWORD = "wrong_password", _("Wrong password")
    WRONG_CODE = "wrong_code", _("Wrong code")
    LIMITED = "limited", _("Stopped: too many tries")
    LOCKED = "locked", _("Stopped: the account is locked")


class ProofingMethod(TextChoices):
    """How somebody found out who a person is."""

    REGISTRY = "registry", _("Matched with the population registry")
    FACE = "face", _("Face matched with the population registry")
    COUNTER = "counter", _("Confirmed by an officer at a counter")


class ProofingLevel(TextChoices):
    """How sure it is that a person is who they say; weakest first."""

    DECLARED = "declared", _("Declared by the person")
    MATCHED = "matched", _("Matched with the population registry")
    CONFIRMED = "confirmed", _("Confirmed in person or by face")


class AuthenticationLevel(TextChoices):
    """How strongly somebody signed in (`acr`); weakest first."""

    LOA1 = "loa1", _("One factor")
    LOA2 = "loa2", _("Two factors")
    LOA3 = "loa3", _("Passkey with finger, face or PIN")


class EvidenceKind(TextChoices):
    """What an officer has seen and compared."""

    IDENTITY_CARD = "ktp_el", _("Identity card (KTP-el)")
    CHILD_CARD = "kia", _("Child identity card (KIA)")
    FAMILY_CARD = "kk", _("Family card (KK)")
    PASSPORT = "passport", _("Passport")
    BIRTH_DEED = "birth_deed", _("Birth certificate")
    COURT_DECISION = "court", _("Court decision")
    WILL = "will", _("Will or deed of a notary")


class CrossDeviceKind(TextChoices):
    """What a screen asks of a phone."""

    IDENTIFY = "identify", _("Sign in on another device")
    SHARE = "share", _("Share data with a counter")
    VERIFY = "verify", _("Show a counter who you are")
    ASSIST = "assist", _("Be helped by an officer")


class CrossDeviceState(TextChoices):
    """Where a request between two devices stands; one that is not answered in time has expired."""

    WAITING = "waiting", _("Waiting for the phone")
    APPROVED = "approved", _("Agreed")
    REFUSED = "refused", _("Refused")
    USED = "used", _("Done")


class MandateKind(TextChoices):
    """Why somebody may act for another."""

    PARENT = "parent", _("Parent")
    GUARDIAN = "guardian", _("Guardian")
    GIVEN = "given", _("Mandate")
    ASSISTED = "assisted", _("Help at a counter")


class MandateState(TextChoices):
    """Where a mandate stands."""

    OFFERED = "offered", _("Waits to be accepted")
    REQUESTED = "requested", _("Waits for an officer")
    ACTIVE = "active", _("In force")
    ENDED = "ended", _("Ended")


class MandateEnd(TextChoices):
    """Why a mandate ended."""

    WITHDRAWN = "withdrawn", _("Withdrawn by the represented person")
    RENOUNCED = "renounced", _("Given up by the one who acted")
    EXPIRED = "expired", _("Its time was over")
    OF_AGE = "of_age", _("The child has turned 17")
    MARRIED = "married", _("The child has married")
    REGISTRY = "registry", _("The family registry no longer says so")
    REFUSED = "refused", _("Refused by an officer")


class RecoveryState(TextChoices):
    """Where a recovery stands."""

    OPENED = "opened", _("Waits for a second officer")
    APPROVED = "approved", _("Approved by two officers")
    CANCELLED = "cancelled", _("Cancelled")
    USED = "used", _("Done")
    EXPIRED = "expired", _("Not used in time")


class DataRight(TextChoices):
    """Rights of a person over their data (UU 27/2022)."""

    ACCESS = "access", _("A copy of my data")
    CORRECTION = "correction", _("Correct my data")
    RESTRICTION = "restriction", _("Limit the use of my data")
    WITHDRAWAL = "withdrawal", _("Withdraw my consent")
    DELETION = "deletion", _("Delete my account")
    EXPLANATION = "explanation", _("Why my data were read")


class DataRequestState(TextChoices):
    """Where a request about one's data stands."""

    OPEN = "open", _("Being handled")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Withdrawn by you")


class LockState(TextChoices):
    """Where the lock of an account stands; each half of it is another operator's."""

    LOCK_ASKED = "lock_asked", _("Lock asked for, waits for a second operator")
    LOCKED = "locked", _("Locked")
    UNLOCK_ASKED = "unlock_asked", _("Locked; unlocking waits for a second operator")
    UNLOCKED = "unlocked", _("Unlocked")
    REFUSED = "refused", _("Not locked: the second operator refused")


class SignalKind(TextChoices):
    """What in the sign-in history looks like abuse."""

    TRAVEL = "travel", _("Two places too far apart")
    SHARING = "sharing", _("Many accounts on one device")
    STUFFING = "stuffing", _("Passwords tried at many accounts")


class LoginProtocol(TextChoices):
    """How an agency's own login speaks to us."""

    OIDC = "oidc", _("OpenID Connect")
    SAML = "saml", _("SAML 2.0")


class LoginStage(TextChoices):
    """How far an agency's login has come; officers use it after an operator's approval."""

    DRAFT = "draft", _("Being set up")
    REQUESTED = "requested", _("Waiting for approval")
    ACTIVE = "active", _("In use")
    ENDED = "ended", _("Ended")


class LoginPurpose(TextChoices):
    """Why a browser was sent to an agency's login."""

    ENTER = "enter", _("Sign in")
    LINK = "link", _("Link with the own account")
