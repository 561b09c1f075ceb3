"""One module per system. A source knows no other source and no orchestrator."""

from pipelines.sources.bluesky import BLUESKY
from pipelines.sources.facebook import FACEBOOK
from pipelines.sources.hubspot import HUBSPOT
from pipelines.sources.instagram import INSTAGRAM
from pipelines.sources.linkedin import LINKEDIN
from pipelines.sources.mastodon import MASTODON
from pipelines.sources.salesforce import SALESFORCE
from pipelines.sources.spec import Source
from pipelines.sources.sprout import SPROUT
from pipelines.sources.stripe import STRIPE
from pipelines.sources.typeform import TYPEFORM
from pipelines.sources.x import X

APIS: tuple[Source, ...] = (
    HUBSPOT,
    BLUESKY,
    FACEBOOK,
    INSTAGRAM,
    MASTODON,
    STRIPE,
    TYPEFORM,
    X,
    LINKEDIN,
    SALESFORCE,
    SPROUT,
)  # every API there is; `ror settings` says which are in use
