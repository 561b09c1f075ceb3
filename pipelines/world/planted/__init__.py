"""People by weeks with a planted answer: does relationship work cause margin, and by how much?

The grain is what the estimators need: person, week, replies, orders, margin. Replies and orders are
counts of events, so that the demo world can write the same people as messages and orders.
"""
