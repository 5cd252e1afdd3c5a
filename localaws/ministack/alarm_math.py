"""The subset of CloudWatch's metric math that alarms use: arithmetic, comparisons, AND, OR, IF and FILL.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import operator
import re
from collections.abc import Callable, Mapping

# Values by the start of their period. A number is the same value in every period.
Series = dict[int, float]
Operand = Series | float

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d*)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|(&&|\|\||[<>=!]=|[-+*/()<>,]))")
_COMPARISONS: dict[str, Callable[[float, float], float]] = {
    ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_SUMS: dict[str, Callable[[float, float], float]] = {"+": operator.add, "-": operator.sub}
_PRODUCTS: dict[str, Callable[[float, float], float | None]] = {
    "*": operator.mul,
    "/": lambda a, b: a / b if b else None,  # No value, as on AWS.
}
_AND: dict[str, Callable[[float, float], float]] = {
    name: lambda a, b: float(bool(a) and bool(b)) for name in ("AND", "&&")
}
_OR: dict[str, Callable[[float, float], float]] = {
    name: lambda a, b: float(bool(a) or bool(b)) for name in ("OR", "||")
}


class UnsupportedError(ValueError):
    """An expression is not supported. AWS may support it."""


def evaluate(expression: str, metrics: dict[str, Series], periods: list[int]) -> Series:
    """Evaluate an expression in the given periods. `metrics` are by ID."""
    reader = _Reader(expression, metrics, periods)
    found = reader.either()
    if reader.word is not None:
        raise UnsupportedError(f"unexpected {reader.word!r} in {expression!r}")
    return _series(found, periods)


def check(expression: str, ids: set[str]) -> None:
    """Raise UnsupportedError for an expression that is not supported."""
    evaluate(expression, {name: {} for name in ids}, [])


def _series(value: Operand, periods: list[int]) -> Series:
    return value if isinstance(value, dict) else dict.fromkeys(periods, value)


class _Reader:
    """Parses an expression from left to right, and evaluates it at the same time."""

    def __init__(self, expression: str, metrics: dict[str, Series], periods: list[int]) -> None:
        self.tokens = _tokens(expression)
        self.metrics, self.periods = metrics, periods

    @property
    def word(self) -> str | None:
        return self.tokens[0] if self.tokens else None

    def take(self, *wanted: str) -> str:
        if self.word is None or (wanted and self.word not in wanted):
            raise UnsupportedError(f"{' or '.join(wanted) or 'a value'} expected, not {self.word or 'the end'}")
        return self.tokens.pop(0)

    def either(self) -> Operand:
        return self.chain(_OR, self.both)

    def both(self) -> Operand:
        return self.chain(_AND, self.comparison)

    def comparison(self) -> Operand:
        return self.chain(_COMPARISONS, self.total)

    def total(self) -> Operand:
        return self.chain(_SUMS, self.product)

    def product(self) -> Operand:
        return self.chain(_PRODUCTS, self.value)

    def chain(self, operators: Mapping[str, Callable[..., float | None]], part: Callable[[], Operand]) -> Operand:
        found = part()
        while self.word in operators:
            apply = operators[self.take()]
            found = self.combine(apply, found, part())
        return found

    def combine(self, apply: Callable[..., float | None], left: Operand, right: Operand) -> Operand:
        """Apply an operator in each period in which both operands have a value."""
        if not isinstance(left, dict) and not isinstance(right, dict):
            both = apply(left, right)
            return {} if both is None else float(both)
        one, other = _series(left, self.periods), _series(right, self.periods)
        values = ((at, apply(one[at], other[at])) for at in self.periods if at in one and at in other)
        return {at: float(value) for at, value in values if value is not None}

    def value(self) -> Operand:
        word = self.take()
        if word == "-":
            return self.combine(operator.sub, 0.0, self.value())
        if word == "(":
            found = self.either()
            self.take(")")
            return found
        if word[0].isdigit() or word[0] == ".":
            return float(word)
        if word in ("IF", "FILL") and self.word == "(":
            return self.function(word)
        if word in self.metrics:
            return self.metrics[word]
        raise UnsupportedError(f"{word!r} is neither a metric of the alarm nor a supported function")

    def function(self, name: str) -> Operand:
        self.take("(")
        arguments = [self.either()]
        while self.take(",", ")") == ",":
            arguments.append(self.either())
        if len(arguments) != {"IF": 3, "FILL": 2}[name]:
            raise UnsupportedError(f"{name} with {len(arguments)} arguments")
        series = [_series(one, self.periods) for one in arguments]
        if name == "FILL":
            return {at: series[0].get(at, value) for at, value in series[1].items()}
        chosen = {at: series[1 if condition else 2].get(at) for at, condition in series[0].items()}
        return {at: value for at, value in chosen.items() if value is not None}


def _tokens(expression: str) -> list[str]:
    found, at = list[str](), 0
    while expression[at:].strip():
        match = _TOKEN.match(expression, at)
        if match is None:
            raise UnsupportedError(f"unexpected {expression[at:].strip()!r}")
        found.append(next(group for group in match.groups() if group))
        at = match.end()
    return found
