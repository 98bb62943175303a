"""The steps of the churn project."""

from typing import Annotated

import customers
from customers import Customer, Plan
from scoring import BY_NAME, DEFAULT, CostScore, strict

from whence import step


@step
def read_customers(text: str) -> list[str]:
    return Customer.parse(text)


@step
def describe(name: str) -> str:
    return CostScore().describe() + name


@step
def score_all(rows: list[dict]) -> list[float]:
    everyone = [Customer.from_row(row) for row in rows]
    return [DEFAULT(each) for each in everyone if each.plan is not Plan.FREE]


@step
def count_visits(name: str, kind: str = "visits") -> int:
    return BY_NAME[kind]().of(Customer(name, visits=[customers.first_visit()]))


@step
def judge(value: float) -> Annotated[str, "level"]:
    return customers.level_of(value).name


@step
def pick(each: Customer) -> bool:
    return strict(each)
