"""Months and days as options say them."""

from __future__ import annotations

import click

from careledger.core.month import Month


def month_of(text: str, option: str) -> Month:
    """A month written as YYYY-MM; click's own error otherwise, naming the option."""
    try:
        return Month.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from None
