"""The pages that people see, drawn on the server."""

from api.pages import account, entrance, record, site
from api.pages.errors import error_page

routers = (site.router, entrance.router, account.router, record.router)

__all__ = ["error_page", "routers"]
