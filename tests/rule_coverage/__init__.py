"""What no vignette exercises: ``python -m tests.rule_coverage.report`` prints it, ``test_report`` holds it empty.

A value counts as exercised when a rule, a fact, a claim check or a price reads it by name while a vignette is answered.
What changes no answer is listed in ``told.yaml`` with its reason and proven to be shown by ``policy show``; what another
part of the program reads is listed in ``elsewhere.yaml`` with the module. A branch that only another policy would take is
reached by a vignette that supposes a value (``suppose:``) or names a proposal (``overlay:``).
"""
