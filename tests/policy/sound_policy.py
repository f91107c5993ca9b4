"""A small sound folder of policy files, to be broken one mistake at a time."""

SOUND = {
    "sources.yaml": """\
sources:
  rule-1: {title: A rule, kind: regulation, issuer: CMS, locator: 1 CFR 1}
""",
    "codes.yaml": """\
codes:
  "99490":
    says: staff time
    family: ccm
    role: base
    who: staff
    status:
      - {from: 2018-01-01, value: A, cite: [rule-1]}
  "99491": {says: own time, family: ccm, role: base, who: own}
""",
    "activities.yaml": """\
activities:
  call: {says: a call, also: [phone call]}
  travel: {says: travel}
values:
  ccm_counts:
    - {from: 2018-01-01, value: [call], cite: [rule-1]}
  ccm_never:
    - {from: 2018-01-01, value: [travel], cite: [rule-1]}
""",
    "conflicts/groups.yaml": """\
groups:
  own: ["99491"]
""",
    "conflicts/ccm.yaml": """\
conflicts: ccm
says: pairs
pairs:
  staff_own:
    says: both ways
    a: ["99490"]
    b: ["@own"]
    per: month
    answers:
      self:
        - {from: 2018-01-01, value: "no", cite: [rule-1]}
""",
    "payers/medicare_ffs.yaml": """\
payer: medicare_ffs
kind: medicare_ffs
says: the base
values: {}
""",
    "ccm/time.yaml": """\
policy: ccm.time
says: minutes
governs: ["99490"]
checked: 2026-11-20
values:
  minutes:
    - {from: 2018-01-01, to: 2019-12-31, value: 20, cite: [rule-1]}
    - {from: 2020-01-01, value: 25, cite: [rule-1]}
""",
}
