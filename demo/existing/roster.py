"""The configuration file of a Flask-AppBuilder program, as its manual describes it: an OAuth provider and how to read a user.

Started by waitress in the programs' own environment. ROSTER_CLIENT: file with issuer, client_id and secret. ROSTER_DATA: a directory.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_appbuilder.models.sqla.base import SQLA

PROVIDER = "terpadu"
AUTH_OAUTH = 4

client = json.loads(Path(os.environ["ROSTER_CLIENT"]).read_text())
data = Path(os.environ["ROSTER_DATA"])
app = Flask("roster")
app.config.update(
    APP_NAME="Direktori Pengguna",
    SECRET_KEY=client["cookie_key"],
    SESSION_COOKIE_NAME="roster",
    SQLALCHEMY_DATABASE_URI=f"sqlite:///{data / 'roster.sqlite'}",
    BABEL_DEFAULT_LOCALE="en",
    AUTH_TYPE=AUTH_OAUTH,
    AUTH_USER_REGISTRATION=True,
    AUTH_USER_REGISTRATION_ROLE="Pemakai",
    FAB_ROLES={"Pemakai": [["UserOAuthModelView", "can_userinfo"]]},
    # Signing out here ends the session at the provider too, which tells every other program.
    LOGOUT_REDIRECT_URL=f"{client['issuer']}/oidc/logout?client_id={client['client_id']}",
    OAUTH_PROVIDERS=[
        {
            "name": PROVIDER,
            "icon": "fa-key",
            "token_key": "access_token",
            "remote_app": {
                "client_id": client["client_id"],
                "client_secret": client["secret"],
                "server_metadata_url": f"{client['issuer']}/.well-known/openid-configuration",
                "client_kwargs": {"scope": "openid profile", "code_challenge_method": "S256"},
            },
        }
    ],
)
db = SQLA(app)
with app.app_context():
    builder = AppBuilder(app, db.session)


@builder.sm.oauth_user_info_getter  # type: ignore[untyped-decorator]  # Flask-AppBuilder is not installed beside the platform
def user_info(manager: Any, provider: str, response: Any) -> dict[str, str]:
    """Return the user that a sign-in names: `sub` is who it is, the name only what it is called."""
    told = manager.oauth_remotes[provider].userinfo(token=response)
    return {"username": told["sub"], "first_name": told["name"], "last_name": ""}
