"""Rules: one topic a file, one rule a small pure function over a patient's month and the policy in force."""
