"""The web application that Granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from terpadu.config.orphans import end_with_parent

end_with_parent()  # a web server killed outright would leave its workers behind
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "terpadu.config.settings")
application = get_wsgi_application()

from terpadu.portfolio.public import overlap_desk  # noqa: E402 - needs the application to be set up

overlap_desk().warm()
