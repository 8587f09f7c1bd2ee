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
withholds = ["support"]
[features]
sso = "Single sign-on"
support = "Support"
[limits]
seats = "Members"
projects = "Projects"
calls = { name = "Calls a month", meter = "calls", soft = true }
[rates.read]
name = "Reads"
key_share = 0.5
[rates.write]
name = "Writes"
key_share = 1
[rates.ingest]
name = "Usage"
key_share = 1
[rates.directory]
name = "Directory"
key_share = 1
[meters.calls]
name = "Calls"
aggregation = "sum"
unit = "call"
[plans.free]
name = "Free"
description = "To try it"
limits = { seats = 3, projects = 3, calls = 1000 }
rates = { read = "60/minute", write = "10/second", ingest = "60/minute", directory = "7/hour" }
[plans.pro]
name = "Pro"
description = "To work with"
features = ["sso"]
limits = { seats = "unlimited", projects = 100, calls = "unlimited" }
rates = { read = "600/minute", write = "100/second", ingest = "unlimited", directory = "70/hour" }
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
[[grandfathered]]
id = "pro-2026"
plan = "pro"
before = 2026-10-01T08:00:00Z
until = 2028-01-01T08:00:00Z
features = ["support"]
limits = { projects = 200 }
rates = { read = "50/second" }
[[overrides]]
tenant = "01997f5a-0000-7000-8000-000000000001"
features = ["support"]
limits = { projects = 500 }
rates = { read = "unlimited" }
until = 2027-01-01T00:00:00Z
"""
TENANT = UUID("01997f5a-0000-7000-8000-000000000001")
OLD_DUNNING = GOOD[GOOD.index("[[dunning]]") : GOOD.index("[features]")]
YEAR = GOOD[GOOD.index("[plans.pro.prices.year]") : GOOD.index("[add_ons.room]")]
MONTH = GOOD[GOOD.index("[plans.pro.prices.month]") : GOOD.index("[plans.pro.prices.year]")]
OVERRIDE = GOOD[GOOD.index("[[overrides]]") :]
RATES = GOOD[GOOD.index("[rates.read]") : GOOD.index("[meters.calls]")]
DIRECTORY = GOOD[GOOD.index("[rates.directory]") : GOOD.index("[meters.calls]")]
ENTRY = GOOD[GOOD.index("[[grandfathered]]") : GOOD.index("[[overrides]]")]
NOTHING = ENTRY[: ENTRY.index("features")]

BAD = [
    (
        "a key of the file that nobody knows",
        ('currency = "usd"', 'currency = "usd"\ncolour = 1'),
        "line 3: colour is not",
    ),
    ("a key of a plan that nobody knows", ("trial = true", "tril = true"), "line 53: plans.pro.tril is not a key"),
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
    (
        "a limit by a meter that there is not",
        ('meter = "calls"', 'meter = "cals"'),
        'limits.calls.meter is "cals", and there is no such meter under [meters]: "calls"',
    ),
    ("a limit without a name", ('name = "Calls a month", ', ""), "limits.calls.name is missing"),
    ("a limit that is a number", ('projects = "Projects"', "projects = 1"), "limits.projects is 1, and must be words"),
    ("a limit of a kind that there is not", ("soft = true", "hard = true"), "limits.calls.hard is not a key"),
    ("a limit that may be soft", ("soft = true", 'soft = "maybe"'), 'limits.calls.soft is "maybe", and must be true'),
    (
        "a limit named as a meter that does not count it",
        ('calls = { name = "Calls a month", meter = "calls", soft = true }', 'calls = "Calls"'),
        'line 25: limits.calls is the name of a meter, and does not say that it counts by it: write { name = "Calls',
    ),
    (
        "two limits by one meter",
        ('projects = "Projects"', 'projects = { name = "Projects", meter = "calls" }'),
        'limits.calls counts by "calls", as "projects" does: a meter has one limit.',
    ),
    (
        "a soft limit of nobody",
        ("calls = 1000 }", 'calls = "unlimited" }'),
        'limits.calls is soft, and "unlimited" in every plan',
    ),
    (
        "a limit with the key of a feature",
        ('sso = "Single sign-on"', 'sso = "Single sign-on"\nprojects = "Projects"'),
        "limits.projects is the key of a feature as well",
    ),
    ("no rates", (RATES, ""), "rates is missing: it must be a table"),
    ("a class of requests that is not said", (DIRECTORY, ""), "rates.directory is missing: it must be a table"),
    (
        "a class of requests that is not the platform's",
        ("[rates.read]", '[rates.reads]\nname = "R"\nkey_share = 1\n[rates.read]'),
        'line 26: rates.reads is not a key that is known here; what may stand here: "directory", "ingest", "read"',
    ),
    ("no share", ("key_share = 0.5\n", ""), "rates.read.key_share is missing: it must be a number above 0, and 1 at"),
    ("a share of nothing", ("0.5", "0"), "rates.read.key_share is 0, and must be a number above 0, and 1 at most"),
    ("a share beyond all", ("0.5", "1.5"), "rates.read.key_share is 1.5, and must be a number above 0, and 1 at most"),
    ("a share that is no number", ("0.5", "nan"), "rates.read.key_share is nan, and must be a number above 0"),
    ("a share that is true", ("0.5", "true"), "rates.read.key_share is true, and must be a number above 0"),
    (
        "a share of less than one request",
        ("0.5", "0.01"),
        'rates.read.key_share is 0.01, and leaves a single key less than one of the 60 requests that "free" allows',
    ),
    ("a rate that is not said", ('ingest = "60/minute", ', ""), "plans.free.rates.ingest is missing"),
    (
        "a rate that there is not",
        ('ingest = "60/minute", ', 'ingest = "60/minute", inges = "60/minute", '),
        "plans.free.rates.inges is not a key that is known here",
    ),
    (
        "a rate without a time",
        ('"7/hour"', '"7"'),
        'free.rates.directory is "7", and must be a number of requests in a time, like "600/minute" ("/s',
    ),
    ("a rate of a day", ('"7/hour"', '"7/day"'), 'free.rates.directory is "7/day", and must be a number of requests'),
    ("a rate of none", ('"7/hour"', '"0/hour"'), 'free.rates.directory is "0/hour", and must be a number of requests'),
    ("a rate that is a number", ('"7/hour"', "7"), "free.rates.directory is 7, and must be words between quotation"),
    (
        "a feature withheld that there is not",
        ('withholds = ["support"]', 'withholds = ["suport"]'),
        'dunning #2.withholds names "suport", and there is no such feature under [features], or the word "all"',
    ),
    (
        "a feature withheld that nobody has",
        (
            'withholds = ["support"]\n[features]',
            'withholds = ["support", "beta"]\n[features]\nbeta = "Beta"',
        ),
        'dunning #2.withholds names "beta", which no plan and no add-on gives',
    ),
    (
        "a feature withheld twice",
        ('mail = "payment_failed"', 'mail = "payment_failed"\nwithholds = ["support"]'),
        'dunning #2.withholds names "support", which is withheld from day 0 on, and stays so',
    ),
    (
        "a feature withheld after all of them",
        ('mail = "payment_failed"', 'mail = "payment_failed"\nwithholds = "all"'),
        'dunning #2.withholds names "support", which is withheld from day 0 on, and stays so',
    ),
    ("withheld in another word", ('withholds = ["support"]', 'withholds = "some"'), 'withholds is "some", and must be'),
    ("an entry without an id", ('id = "pro-2026"\n', ""), "grandfathered #1.id is missing"),
    ("an entry in capitals", ('"pro-2026"', '"Pro"'), 'grandfathered #1.id is "Pro", and must be small letters'),
    ("two entries of one id", (ENTRY, ENTRY * 2), 'grandfathered #2.id is "pro-2026", as that of an entry above is'),
    (
        "an entry for a plan that there is not",
        (ENTRY, ENTRY.replace('"pro"', '"x"')),
        'grandfathered #1.plan is "x", and there is no such plan',
    ),
    (
        "an entry for a plan that nobody subscribes to",
        (ENTRY, ENTRY.replace('"pro"', '"free"')),
        'grandfathered #1.plan is "free", which nobody subscribes to',
    ),
    ("an entry without a moment", ("before = 2026-10-01T08:00:00Z\n", ""), "grandfathered #1.before is missing"),
    (
        "an entry before a day",
        ("2026-10-01T08:00:00Z", "2026-10-01"),
        "grandfathered #1.before is 2026-10-01, and must be a moment",
    ),
    (
        "an entry before the flood",
        ("2026-10-01T08:00:00Z", "0001-01-01T00:00:00Z"),
        "grandfathered #1.before is 0001-01-01 00:00:00+00:00, and must lie in the years 2000 to 2199",
    ),
    (
        "an entry that ends before it begins",
        ("2028-01-01T08:00:00Z", "2026-10-01T08:00:00Z"),
        "grandfathered #1.until is not after `before`",
    ),
    ("an entry that gives nothing", (ENTRY, NOTHING), "grandfathered #1 gives nothing: name features, limits or rates"),
    (
        "an entry that gives less than today",
        ("limits = { projects = 200 }", "limits = { projects = 99 }"),
        'grandfathered #1.limits.projects is 99, and "pro" gives 100 today: nobody would have more by it.',
    ),
    (
        "an entry that gives as much as today",
        ("limits = { projects = 200 }", "limits = { projects = 100 }"),
        'grandfathered #1.limits.projects is 100, and "pro" gives 100 today',
    ),
    (
        "an entry that gives more than there is",
        ("limits = { projects = 200 }", 'limits = { seats = "unlimited" }'),
        'grandfathered #1.limits.seats is unlimited, and "pro" gives unlimited today',
    ),
    (
        "an entry with a feature of today",
        (ENTRY, ENTRY.replace('"support"', '"sso"')),
        'grandfathered #1.features names "sso", which "pro" gives today to everybody',
    ),
    (
        "an entry that is as fast as today",
        ('"50/second"', '"36000/hour"'),
        'grandfathered #1.rates.read allows no more than the 600 requests in 60 s that "pro" gives today',
    ),
    (
        "an override of nothing",
        (OVERRIDE, f'[[overrides]]\ntenant = "{TENANT}"\n'),
        "overrides #1 agrees on nothing: name a plan, features, limits or rates",
    ),
    (
        "an override with a rate that there is not",
        ('rates = { read = "unlimited" }', 'rates = { reed = "unlimited" }'),
        "overrides #1.rates.reed is not a key that is known here",
    ),
]

FOLLOWED = {"a meter that there is not", "a plan that nobody could come to", "a table that is none"}
"""Mistakes that lead to others, which are said as well."""
