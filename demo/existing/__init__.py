"""Two agencies' web programs that nobody here wrote, signing in through the platform, each with its own configuration.

wiki: An Otter Wiki, which knows nothing of OpenID Connect, behind Apache with mod_auth_openidc.
roster: Flask-AppBuilder (what Apache Superset and Airflow stand on), which signs in by its own library, Authlib.

Which of them are installed is what `terpadu.config.existing` finds out.
"""
