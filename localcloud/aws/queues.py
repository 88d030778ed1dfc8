"""What is in the queues: kept over the moment in which the account is made again, for no journal has it."""

from typing import Any

_HELD = ("_messages", "_pending_messages", "deleted_messages")


def messages(account_id: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what is in the queues of an account, by region and name: no journal has it."""
    return {where: {name: vars(queue)[name] for name in _HELD} for where, queue in _queues(account_id).items()}


def put_back(account_id: str, held: dict[tuple[str, str], dict[str, Any]]) -> None:
    """Fill the queues that exist again with what was in them."""
    for where, queue in _queues(account_id).items():
        vars(queue).update(held.get(where, {}))


def _queues(account_id: str) -> dict[tuple[str, str], Any]:
    from moto.sqs.models import sqs_backends  # noqa: PLC0415

    return {
        (region, name): queue
        for region, backend in sqs_backends[account_id].items()
        for name, queue in backend.queues.items()
    }
