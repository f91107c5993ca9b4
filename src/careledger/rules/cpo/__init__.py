"""Care plan oversight: G0181, G0182, the certifications G0179 and G0180, and the CPT codes other payers know."""
