"""How much is measured: small by default, to the full sizes by environment variables."""

from config.environment import env

# Members whose points a night expires, each with five lots, and whose tiers it reviews, each with
# five purchases. Full size: 1,000,000.
MEMBERS = env.int("BENCH_MEMBERS", 50_000)
# What the time per member is compared with.
FEW_MEMBERS = 10_000
# Members that online clients choose among.
ONLINE_MEMBERS = env.int("BENCH_ONLINE_MEMBERS", 20_000)
CLIENTS = 8
# How long each contender of an online round runs.
SECONDS = env.int("BENCH_SECONDS", 4)
# Rounds of floor and product in turn; the medians of the rounds are compared.
ROUNDS = 3
