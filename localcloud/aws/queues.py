"""Preserves the messages of queues while the account is rebuilt, because the journal does not contain them."""

from typing import Any

_HELD = ("_messages", "_pending_messages", "deleted_messages")


def messages(account_id: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the messages of all queues of an account, by region and name."""
    return {where: {name: vars(queue)[name] for name in _HELD} for where, queue in _queues(account_id).items()}


def put_back(account_id: str, held: dict[tuple[str, str], dict[str, Any]]) -> None:
    """Restore the messages of the queues that still exist."""
    for where, queue in _queues(account_id).items():
        vars(queue).update(held.get(where, {}))


def _queues(account_id: str) -> dict[tuple[str, str], Any]:
    from moto.sqs.models import sqs_backends  # noqa: PLC0415

    return {
        (region, name): queue
        for region, backend in sqs_backends[account_id].items()
        for name, queue in backend.queues.items()
    }
