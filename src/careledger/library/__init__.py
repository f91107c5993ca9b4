"""The cited library: articles whose every claim names a policy value or a source, found by search, kept by editors."""
