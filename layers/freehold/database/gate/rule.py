"""The rules, each a file `rules/<name>.sql`: a heading in words, then a query that returns offenders.

    -- says: {object} has no primary key.
    -- fix: Run: alter table {object} add primary key ({key}, id);

The query's columns are `object`, a name that a review can quote, and whatever else the words put between braces. It
reads what `vocabulary.sql` names. A line `-- settled:` says why the rule waits until every migration ran.
"""

from dataclasses import dataclass
from importlib.resources import files

FILES = files("freehold.database.gate")
VOCABULARY = (FILES / "vocabulary.sql").read_text()
NAMES = (
    "says_whose_rows",
    "children",
    "global_without_tenant",
    "global_read_only",
    "global_refers_to_no_tenant",
    "global_tells_of_nobody",
    "tenant_is_uuid",
    "tenant_is_required",
    "tenant_default",
    "sequences",
    "audit_id",
    "row_security",
    "tenant_policy",
    "identity_policy",
    "tenant_exists",
    "audited",
    "secrets_are_masked",
    "personal_is_masked",
    "column_comments",
    "primary_key",
    "keys_begin_with_the_tenant",
    "identity_keys",
    "foreign_keys_carry_the_tenant",
    "foreign_keys_to_identities",
    "nulled_tenant",
    "foreign_keys_are_indexed",
    "indexes_begin_with_the_tenant",
    "crossings_are_reviewed",
    "crossings_fire_no_triggers",
    "policies_are_bound",
    "policies_name_roles",
    "policies_restrict",
    "policies_come_after",
    "policies_are_stable",
    "policies_without_cast",
    "policies_without_subselect",
    "policies_without_functions",
    "policies_know_no_roles",
    "triggers_are_enabled",
    "triggers_copy_nothing",
    "triggers_before_cascades",
    "constraints_are_enforced",
    "constraints_are_validated",
    "indexes_are_valid",
    "views_are_the_callers",
    "no_readable_copies",
    "no_foreign_tables",
    "no_rules",
    "no_publications",
    "no_large_objects",
    "no_oids",
    "no_event_triggers",
    "owner",
    "definers_are_reviewed",
    "definers_call_reviewed",
    "definers_search_path",
    "definers_owner",
    "relay_owns_definers",
    "relay_is_granted_little",
    "relay_is_called_by_the_clock",
    "relay_enters_no_tenant",
    "clock_has_nothing_else",
    "functions_are_closed",
    "entrances_set_the_tenant",
    "nothing_outlives_the_transaction",
    "immutable_functions",
    "no_leakproof_functions",
    "table_privileges",
    "privileges_show_rows",
    "rows_stay",
    "nothing_for_everybody",
    "no_passing_on",
    "no_creating",
    "nothing_in_the_catalog",
    "catalog_is_closed",
    "no_parameters",
    "default_privileges",
    "roles_have_no_powers",
    "logins_own_nothing",
    "owners_do_not_log_in",
    "no_way_to_an_owner",
    "roles_stay_apart",
    "owners_members",
    "settings",
    "server_version",
)
"""In the order in which one would mend a table."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`says` and `fix` are sentences with the query's columns between braces."""

    name: str
    says: str
    fix: str
    sql: str
    settled: bool
    """Holds only once every migration ran: a constraint is added first and validated by a later one."""


WORDS = ("says", "fix", "settled")
"""How a heading's lines begin; one that is indented continues the line before, any other is a comment."""


def _rule(name: str) -> Rule:
    sql = (FILES / "rules" / f"{name}.sql").read_text()
    words: dict[str, str] = {}
    word = ""
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        text = line.removeprefix("-- ")
        key, _, rest = text.partition(": ")
        if text.startswith(" "):
            words[word] += f" {text.strip()}"
        elif key in WORDS:
            word, words[key] = key, rest
    return Rule(name, words["says"], words["fix"], sql, "settled" in words)


RULES: tuple[Rule, ...] = tuple(map(_rule, NAMES))
