"""One world: everything that happened, before anybody exported a row of it."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.world.advocates import Referral, refer
from pipelines.world.agents import staff
from pipelines.world.audience import observe_posts, react
from pipelines.world.clicks import Web
from pipelines.world.conversations import Talk, Transcript
from pipelines.world.costs import make_costs
from pipelines.world.crossposts import CrossPost, repeat_posts
from pipelines.world.deals import make_deals
from pipelines.world.exhibitions import BadgeScan, Exhibition, exhibit
from pipelines.world.followers import FollowerDay, count_followers
from pipelines.world.orders import place_orders
from pipelines.world.parameters import WorldParameters
from pipelines.world.people import Population, populate
from pipelines.world.polls import PollAnswer, poll
from pipelines.world.posts import publish_posts
from pipelines.world.records import (
    Agent,
    Click,
    Cost,
    Deal,
    Order,
    Post,
    PostObservation,
    Reaction,
    Refund,
)
from pipelines.world.subscriptions import SubscriptionEvent, subscribe


@dataclass(frozen=True)
class World:
    """A generated world; all times before `parameters.as_of`."""

    parameters: WorldParameters
    population: Population
    agents: tuple[Agent, ...]
    posts: tuple[Post, ...]
    said: Transcript
    reactions: tuple[Reaction, ...]
    observations: tuple[PostObservation, ...]
    orders: tuple[Order, ...]
    refunds: tuple[Refund, ...]
    clicks: tuple[Click, ...]
    deals: tuple[Deal, ...]
    costs: tuple[Cost, ...]
    repeated: tuple[CrossPost, ...]
    follower_days: tuple[FollowerDay, ...]
    referrals: tuple[Referral, ...]
    exhibitions: tuple[Exhibition, ...]
    scans: tuple[BadgeScan, ...]
    poll_answers: tuple[PollAnswer, ...]
    subscription_events: tuple[SubscriptionEvent, ...]


def build_world(parameters: WorldParameters) -> World:
    """Generate the world of these parameters; the same parameters always give the same world."""
    population = populate(parameters)
    people = population.people
    posts = publish_posts(parameters, people)
    said = Talk(parameters, people, posts).run()
    orders, refunds = place_orders(parameters, people, said.first_answers())
    return World(
        parameters, population, staff(parameters), posts, said,
        react(parameters, people, posts, said), observe_posts(parameters, posts), orders, refunds,
        Web(parameters, people, posts, orders).run(), make_deals(parameters, population),
        make_costs(parameters, said), repeat_posts(parameters, posts), count_followers(parameters),
        refer(parameters, people, orders), *exhibit(parameters, population),
        poll(parameters, people), subscribe(parameters, people, orders),
    )  # fmt: skip
