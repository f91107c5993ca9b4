"""The five components of program oversight, and what each logged act is for billing."""
