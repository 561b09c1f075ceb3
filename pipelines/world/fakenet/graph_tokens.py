"""The tokens that the Graph façades know from the start, and what they may do."""

from __future__ import annotations

USER_ID = "10150000000000001"
USER_TOKEN = "EAABfakeUser0001"  # noqa: S105  opens nothing
PAGE_TOKEN = "EAABfakePage0001"  # noqa: S105
INSTAGRAM_TOKEN = "IGAAfakeUser0001"  # noqa: S105
READ, CONTENT, INSIGHTS = "pages_read_engagement", "pages_read_user_content", "read_insights"
LISTS, MESSAGING = "pages_show_list", "pages_messaging"
BASIC, MANAGE = "instagram_basic", "instagram_manage_insights"
BUSINESS_BASIC = "instagram_business_basic"
BUSINESS_MANAGE = "instagram_business_manage_insights"
FACEBOOK_SCOPES = (READ, CONTENT, INSIGHTS, LISTS, MESSAGING, BASIC, MANAGE)
INSTAGRAM_SCOPES = (BUSINESS_BASIC, BUSINESS_MANAGE)
