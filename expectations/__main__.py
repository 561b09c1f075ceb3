"""`python -m expectations` is `python -m expectations.runner`."""

from expectations.runner import main

main()
