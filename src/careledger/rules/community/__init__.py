"""Community health integration and illness navigation."""
