"""The job ledger's engine: steps, dates, runs, claims, ranges and nights.

The database decides what is due. A night is one business date; its steps run in the order of
`settings.NIGHTLY_STEPS`, each finished before the next begins. A step's members are cut into
ranges; any number of processes claim ranges by conditional update and do each in one transaction.
"""
