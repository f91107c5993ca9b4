"""``policy show``, ``policy diff`` and ``policy lint`` as people meet them."""

from __future__ import annotations

from datetime import date

import pytest
from click.testing import CliRunner

from careledger.cli.policy import policy as command
from careledger.core.errors import PolicyError
from careledger.policy import Policy
from careledger.policy.diff import diff, diff_text
from careledger.policy.render import shown_text
from careledger.policy.show import show

DAY = date(2026, 3, 31)


def test_every_value_of_a_codes_topics_is_shown_with_its_source(policy: Policy) -> None:
    shown = show(policy, "99490", DAY)
    assert {"codes.99490", "ccm.clinical_staff_time", "ccm.consent", "activities"} <= {
        topic.id for topic in shown.topics
    }
    text = shown_text(shown, 400)
    for topic in shown.topics:
        for value in topic.values:
            assert value.id.rpartition(".")[2] in text
            assert all(source in text for source in value.cite)
    cited = {source for topic in shown.topics for value in topic.values for source in value.cite}
    assert cited <= {source.id for source in shown.sources}


def test_doubt_is_shown_to_every_reader(policy: Policy) -> None:
    text = shown_text(show(policy, "99490", DAY), 400)
    assert "DISPUTED: CMS and Noridian: once is enough." in text
    assert "UNCONFIRMED: the plan states when it is reviewed" in text


def test_no_line_is_wider_than_the_terminal_but_addresses(policy: Policy) -> None:
    for code in ("99490", "G0181", "99374", "G0506"):
        for line in shown_text(show(policy, code, DAY), 100).splitlines():
            assert len(line) <= 125 or "http" in line


def test_a_code_out_of_force_says_so_and_why(policy: Policy) -> None:
    text = shown_text(show(policy, "99439", date(2020, 6, 1)))
    assert "not in force on 2020-06-01" in text
    assert "the code starts in 2021; G2058 stood in its place in 2020" in text


def test_an_overlays_values_are_marked(policy: Policy) -> None:
    text = shown_text(show(policy, "99375", DAY, "uhc_community_plan"), 200)
    assert "overlay uhc_community_plan" in text
    assert "99375, 99378, 99380" in text


def test_neighbours_are_shown_with_what_is_held(policy: Policy) -> None:
    text = shown_text(show(policy, "98960", DAY))
    assert "its dates and status are not held" in text
    assert "not payable together" in text


def test_an_unknown_code_is_refused(policy: Policy) -> None:
    with pytest.raises(PolicyError, match="99999: no policy file knows this code"):
        show(policy, "99999", DAY)


def test_diff_names_what_changed(policy: Policy) -> None:
    changes = {change.id: change for change in diff(policy, date(2020, 12, 31), date(2021, 1, 1))}
    add_on = changes["ccm.clinical_staff_time.add_on_code"]
    assert add_on.before is not None
    assert add_on.after is not None
    assert (add_on.before.value, add_on.after.value) == ("G2058", "99439")
    assert "ccm.clinical_staff_time.first_unit_minutes" not in changes
    text = diff_text(policy, date(2020, 12, 31), date(2021, 1, 1))
    assert "  - G2058 (cy2020-pfs" in text
    assert "  + 99439 (cy2021-pfs" in text
    assert text.endswith(f"{len(changes)} changed")


def test_nothing_changes_within_a_quiet_year(policy: Policy) -> None:
    assert diff(policy, date(2022, 2, 1), date(2022, 11, 1)) == ()
    assert diff_text(policy, date(2022, 2, 1), date(2022, 11, 1)).endswith("nothing changed")


def test_the_commands_answer() -> None:
    run = CliRunner()
    shown = run.invoke(command, ["show", "g0181", "--on", "2026-03-31"])
    assert shown.exit_code == 0
    assert shown.output.startswith("G0181  oversight of a home health patient's care")
    index = run.invoke(command, ["show", "--on", "2026-03-31"])
    assert "ccm.clinical_staff_time" in index.output
    changed = run.invoke(command, ["diff", "2019-12-31", "2020-01-01"])
    assert "ccm.clinical_staff_time.add_on_code" in changed.output
    linted = run.invoke(command, ["lint"])
    assert linted.exit_code == 0
    assert linted.output.startswith("policy is sound")


def test_lint_of_a_broken_folder_fails_with_status_1(folder) -> None:  # type: ignore[no-untyped-def]
    broken = folder({"ccm/time.yaml": "policy: a\n"})
    result = CliRunner().invoke(command, ["lint", str(broken)])
    assert result.exit_code == 1
    assert "ccm/time.yaml:1: the key says is missing; add 'says:'" in result.output
