"""A plan catalog that is good, and one mistake at a time with the sentence that it leads to."""

from uuid import UUID

GOOD = """
currency = "usd"
fallback = "free"
[trial]
days = 14
reminder_days = 3
card = "required"
[after_cancel]
plan = "free"
[[dunning]]
after_days = 0
access = "full"
mail = "payment_failed"
[[dunning]]
after_days = 7
access = "restricted"
mail = "access_restricted"
[features]
sso = "Single sign-on"
support = "Support"
[limits]
seats = "Members"
projects = "Projects"
[meters.calls]
name = "Calls"
aggregation = "sum"
unit = "call"
[plans.free]
name = "Free"
description = "To try it"
limits = { seats = 3, projects = 3 }
[plans.pro]
name = "Pro"
description = "To work with"
features = ["sso"]
limits = { seats = "unlimited", projects = 100 }
trial = true
[plans.pro.prices.month]
base = { amount = 49_00 }
seat = { amount = 15_00, included = 3 }
usage.calls = { amount_decimal = "0.1", included = 1000 }
[plans.pro.prices.year]
base = { amount = 490_00 }
seat = { amount = 150_00, included = 3 }
usage.calls.tiers = [{ up_to = 12_000, amount_decimal = "0" }, { amount_decimal = "0.1" }]
[add_ons.room]
name = "More room"
description = "For more projects"
plans = ["pro"]
features = ["support"]
limits = { projects = 50 }
prices.month = { amount = 9_00 }
prices.year = { amount = 90_00 }
[[overrides]]
tenant = "01997f5a-0000-7000-8000-000000000001"
features = ["support"]
limits = { projects = 500 }
until = 2027-01-01T00:00:00Z
"""
TENANT = UUID("01997f5a-0000-7000-8000-000000000001")
OLD_DUNNING = GOOD[GOOD.index("[[dunning]]") : GOOD.index("[features]")]
YEAR = GOOD[GOOD.index("[plans.pro.prices.year]") : GOOD.index("[add_ons.room]")]
MONTH = GOOD[GOOD.index("[plans.pro.prices.month]") : GOOD.index("[plans.pro.prices.year]")]
OVERRIDE = GOOD[GOOD.index("[[overrides]]") :]

BAD = [
    (
        "a key of the file that nobody knows",
        ('currency = "usd"', 'currency = "usd"\ncolour = 1'),
        "line 3: colour is not",
    ),
    ("a key of a plan that nobody knows", ("trial = true", "tril = true"), "line 37: plans.pro.tril is not a key"),
    ("no currency", ('currency = "usd"', ""), "currency is missing"),
    ("a currency that there is not", ('"usd"', '"usx"'), 'line 2: currency is "usx", and must be a currency'),
    ("a currency in capitals", ('"usd"', '"USD"'), 'currency is "USD"'),
    ("no amount", ("base = { amount = 49_00 }", "base = {}"), "plans.pro.prices.month.base.amount is missing"),
    ("an interval without any amount", (MONTH, "[plans.pro.prices.month]\n"), "plans.pro.prices.month names no amount"),
    (
        "a negative amount",
        ("49_00", "-49_00"),
        "plans.pro.prices.month.base.amount is -4900, and must be a whole number",
    ),
    ("an amount in fractions", ("49_00", "49.00"), "amount is 49.0, and must be a whole number of minor units"),
    ("an amount between quotation marks", ("49_00", '"4900"'), 'amount is "4900", and must be a whole number'),
    ("an amount that is true", ("49_00", "true"), "amount is true, and must be a whole number"),
    ("too much money", ("49_00", "100_000_000"), "from 0 to 99999999"),
    ("money without end", ("49_00", "9" * 3000), "amount is a number without end"),
    ("money without end in hexadecimals", ("49_00", "0x" + "f" * 5000), "amount is a number without end"),
    (
        "a price of usage that is a float",
        ('"0.1"', "0.1"),
        "usage.calls.amount_decimal is 0.1, and must be a number betw",
    ),
    (
        "a price of usage that is no number",
        ('"0.1"', '"ten"'),
        'amount_decimal is "ten", and must be a number like "0.1"',
    ),
    ("a negative price of usage", ('"0.1"', '"-1"'), 'amount_decimal is "-1"'),
    ("a price of usage with 13 decimals", ('"0.1"', '"0.0000000000001"'), "has more than 12 decimals"),
    (
        "a meter that there is not",
        ("usage.calls =", "usage.cals ="),
        "usage.cals is no meter that stands under [meters]",
    ),
    ("a feature that there is not", ('["sso"]', '["ssso"]'), 'plans.pro.features names "ssso", and there is no such'),
    ("a feature twice", ('["sso"]', '["sso", "sso"]'), 'plans.pro.features names "sso" more than once'),
    ("a feature that is a number", ('["sso"]', "[1]"), "plans.pro.features names 1, and there is no such"),
    ("a limit that there is not", ("seats = 3,", "seats = 3, seets = 3,"), "plans.free.limits.seets is not a key"),
    ("a limit that is not said", ("seats = 3, ", ""), "plans.free.limits.seats is missing"),
    (
        "a limit that is another word",
        ('"unlimited"', '"many"'),
        'limits.seats is "many", and must be a whole number of',
    ),
    (
        "dunning that does not rise",
        ("after_days = 7", "after_days = 0"),
        "dunning #2.after_days is 0, and must be more",
    ),
    (
        "dunning that loosens",
        (OLD_DUNNING, OLD_DUNNING.replace('"full"', '"suspended"')),
        'dunning #2.access is "restricted"',
    ),
    ("dunning with a mail that nobody wrote", ('"payment_failed"', '"hello"'), 'line 13: dunning #1.mail is "hello"'),
    ("no dunning", (OLD_DUNNING, ""), "dunning is missing"),
    ("a trial without a rule for cards", ('card = "required"', ""), "trial.card is missing"),
    ("a trial that may end without a card and no rule", ('"required"', '"optional"'), "trial.without_card is missing"),
    ("a trial without end", ("\ndays = 14", "\ndays = 1400"), "trial.days is 1400, and must be"),
    ("dunning that begins too late", ("after_days = 0", "after_days = 4000"), "dunning #1.after_days is 4000"),
    ("dunning that begins with no access", ('access = "full"', 'access = "none"'), 'dunning #1.access is "none"'),
    ("a reminder before the trial", ("reminder_days = 3", "reminder_days = 14"), "must be less than the 14 days"),
    (
        "a trial without a table",
        ('[trial]\ndays = 14\nreminder_days = 3\ncard = "required"', ""),
        "needs a table [trial]",
    ),
    ("a trial of what costs nothing", ('"To try it"', '"x"\ntrial = true'), "plans.free.trial is of no use"),
    ("a plan that nobody could come to", (MONTH + YEAR, ""), "plans.pro has no price, and is neither the fallback"),
    (
        "a fallback that costs",
        ('fallback = "free"', 'fallback = "pro"'),
        "plans.pro.prices costs something, and it is the",
    ),
    (
        "a fallback that there is not",
        ('fallback = "free"', 'fallback = "fre"'),
        'line 3: fallback is "fre", and there is no',
    ),
    (
        "a plan after cancellation that there is not",
        ('plan = "free"', 'plan = "x"'),
        'line 9: after_cancel.plan is "x"',
    ),
    ("years without months", (MONTH, ""), "plans.pro.prices.year has no monthly price beside it"),
    (
        "seats by the month only",
        ("seat = { amount = 150_00, included = 3 }", ""),
        "prices.year has no seat, which the month",
    ),
    ("an add-on for a plan that there is not", ('plans = ["pro"]', 'plans = ["x"]'), 'add_ons.room.plans names "x"'),
    ("an add-on for a plan that costs nothing", ('plans = ["pro"]', 'plans = ["free"]'), "which nobody subscribes to"),
    (
        "an add-on without a year",
        ("prices.year = { amount = 90_00 }", ""),
        "add_ons.room.prices has no price for the year",
    ),
    (
        "an add-on without a price",
        ("prices.month = { amount = 9_00 }\nprices.year = { amount = 90_00 }", ""),
        "room.prices is",
    ),
    (
        "an override of a plan that there is not",
        ("[[overrides]]", '[[overrides]]\nplan = "x"'),
        'overrides #1.plan is "x"',
    ),
    (
        "an override of nobody",
        (f'"{TENANT}"', '"acme"'),
        'overrides #1.tenant is "acme", and must be the id of a tenant',
    ),
    ("two overrides of one tenant", (OVERRIDE, OVERRIDE * 2), "overrides #2.tenant is the tenant of an override above"),
    (
        "an override until a day",
        ("2027-01-01T00:00:00Z", "2027-01-01"),
        "overrides #1.until is 2027-01-01, and must be a mom",
    ),
    ("an override until a moment somewhere", ("T00:00:00Z", "T00:00:00"), "overrides #1.until says no offset"),
    (
        "tiers that do not rise",
        ("{ up_to = 12_000,", '{ up_to = 12_000, amount_decimal = "0" }, { up_to = 12_000,'),
        "must rise",
    ),
    (
        "a last tier with an end",
        ('{ amount_decimal = "0.1" }]', '{ up_to = 13_000, amount_decimal = "0.1" }]'),
        "up_to is not",
    ),
    (
        "no tiers",
        ('[{ up_to = 12_000, amount_decimal = "0" }, { amount_decimal = "0.1" }]', "[]"),
        "tiers holds no tier",
    ),
    (
        "tiers that are no tables",
        ('[{ up_to = 12_000, amount_decimal = "0" }, { amount_decimal = "0.1" }]', "[1]"),
        "tables",
    ),
    ("a name in capitals", ("[plans.free]", "[plans.Free]\n[plans.free]"), "plans.Free cannot be its name"),
    ("words that are a number", ('name = "Pro"', "name = 1"), "plans.pro.name is 1, and must be words"),
    ("words of two lines", ('name = "Pro"', 'name = "P\\nro"'), "plans.pro.name must be one line"),
    ("a table that is none", ("[features]", "[[features]]"), "features is a list, and must be a table"),
    ("a plan that is none", ("[plans.free]", "[plans]\nbad = 1\n[plans.free]"), "plans.bad is 1, and must be a table"),
    ("no TOML", ("[features]", "[features"), "This is not TOML"),
]

FOLLOWED = {"a meter that there is not", "a plan that nobody could come to", "a table that is none"}
"""Mistakes that lead to others, which are said as well."""
