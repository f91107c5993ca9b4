"""Benchmarks: ratios against a floor measured in the same run, on data drawn from a seed."""
