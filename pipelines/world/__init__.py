"""A small generated world with planted truth: the embedded demo, and the oracle of the tests.

people ─▶ posts ─▶ conversations ─┬▶ orders, refunds ─▶ clicks ─┬▶ export: feeds, seeds, files
                                  └▶ audience, deals, costs ────┴▶ truth: what must come out
One seed and one set of parameters always give the same world: see `pipelines.world.dice`.
"""
