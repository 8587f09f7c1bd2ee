"""What the rules read in the source is what the code runs with."""

import pytest

from freehold.database.login import CONNECT_TIMEOUT
from freehold.database.migrations.bootstrap import REQUEST_SETTINGS
from freehold.database.unit import LONGEST
from freehold.identity.jwks import TIMEOUT
from freehold.settings import PREFIX, Settings
from freehold.sso.registry import LONGEST_LOOKUP
from infra.rules.code import READ, _literal, _seconds, read_limits, read_settings


def test_limits_are_those_of_the_code():
    limits = read_limits()
    assert f"{limits.statement:g}s" == REQUEST_SETTINGS["statement_timeout"]
    assert f"{limits.transaction:g}s" == REQUEST_SETTINGS["transaction_timeout"]
    assert (limits.client, limits.connect) == (LONGEST, float(CONNECT_TIMEOUT))
    assert limits.lookup == LONGEST_LOOKUP + 2 * TIMEOUT


def test_settings_are_those_of_the_code():
    assert read_settings() == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize(("setting", "seconds"), [("9s", 9), ("1500ms", 1.5), ("2min", 120), ("250", 0.25)], ids=str)
def test_durations_are_read_as_postgresql_does(setting, seconds):
    assert _seconds(setting) == seconds


def test_a_name_that_moved_is_said():
    with pytest.raises(LookupError, match=r"gives no name NOWHERE a literal value: say in infra/rules/code\.py"):
        _literal(READ[0], "NOWHERE")
