"""The pages that people see, drawn on the server."""

from api.pages.errors import error_page
from api.pages.site import router

__all__ = ["error_page", "router"]
