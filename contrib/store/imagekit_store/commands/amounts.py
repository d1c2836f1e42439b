"""Money as it is typed."""

from __future__ import annotations

from typing import Any

import click

from imagekit import Budget, Cost

__all__ = ["InAll", "Money"]


class Money(click.ParamType[Cost]):
    """``0.04 USD``."""

    name = "AMOUNT CURRENCY"

    def convert(self, value: Any, param: Any, ctx: Any) -> Cost:
        if isinstance(value, Cost):
            return value
        text = str(value).strip()
        amount, _, currency = text.partition(" ")
        try:
            cost = Cost(amount, currency.strip())
        except (TypeError, ValueError):
            self.fail(f"{value!r:.40} is no cost; say '0.04 USD'", param, ctx)
        try:
            Budget.parse(text)  # which knows what is no currency
        except ValueError as error:
            self.fail(f"{value!r:.40} is no cost: {error}", param, ctx)
        return cost


class InAll(click.ParamType[Budget]):
    """``20 USD``."""

    name = "AMOUNT CURRENCY"

    def convert(self, value: Any, param: Any, ctx: Any) -> Budget:
        if isinstance(value, Budget):
            return value
        try:
            budget = Budget.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if budget.period != "total":
            self.fail(f"a batch has one for all of it: say '{budget.amount} {budget.currency}'")
        return budget
