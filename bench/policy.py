"""How often the rules of the policy pack are wrong about labelled resources."""

from collections.abc import Iterator

from tests.infra.policy.corpus import secrets
from tests.infra.policy.corpus.resources import Rates, rates


def lines() -> Iterator[str]:
    """Yield the rates of each rule, of all rules together, and of the recognition of secrets."""
    found = {name: each for name, each in rates().items() if each.good or each.bad}
    for name, each in found.items():
        yield f"  {name:40} {_told(each)}"
    total = Rates(**{field: sum(vars(each)[field] for each in found.values()) for field in Rates.__annotations__})
    yield f"policy rules on labelled resources: {_told(total)}   (aim: 2 %)"
    false_alarms, missed = secrets.mistakes()
    labels = [secret for _, _, secret in secrets.labelled()]
    counted = Rates(
        good=labels.count(False), bad=labels.count(True), false_alarms=len(false_alarms), missed=len(missed)
    )
    yield f"secrets in labelled settings: {_told(counted)}   (aim: 2 %)"


def _told(given: Rates) -> str:
    return f"{_rate(given.false_alarms, given.good)} false alarms, {_rate(given.missed, given.bad)} missed"


def _rate(wrong: int, of: int) -> str:
    return f"{wrong / of if of else 0:.1%} of {of}"
