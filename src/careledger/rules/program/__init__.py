"""Requirements that several programs share; each program's policy says what they ask."""
