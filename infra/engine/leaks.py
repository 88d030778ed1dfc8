"""What a destroy left behind, as the AWS account and the API server themselves tell it."""

from dataclasses import dataclass

from infra.engine.loopback import ask
from infra.engine.session import Session
from infra.errors import OperationError


@dataclass(frozen=True, kw_only=True)
class LeakReport:
    """Things that still exist after everything was deleted."""

    left: list[str]
    """Leaks: nobody asked for them to stay."""
    kept: list[str]
    """Kept on purpose, such as the final snapshot of a database."""

    def summary(self) -> str:
        """One line for a person."""
        kept = f"; kept on purpose: {', '.join(self.kept)}" if self.kept else ""
        found = f"LEFT BEHIND: {', '.join(self.left)}" if self.left else "0 left in the AWS account and the API server"
        return found + kept

    def require_clean(self) -> None:
        """Raise OperationError where anything leaked."""
        if self.left:
            raise OperationError(f"destroy left {len(self.left)} resource(s) behind: {', '.join(self.left)}")


def inspect(session: Session) -> LeakReport:
    """Ask the moto account and the API server of a running local cloud what of the stack is still there."""
    if session.cloud is None:
        raise OperationError("only a local cloud can be searched for leftovers")
    from localcloud.kubernetes.leftovers import leftovers  # noqa: PLC0415 - a Kubernetes client that few commands need

    found = in_account(session.cloud.aws_endpoint)
    return LeakReport(left=found.left + leftovers(session.cloud), kept=found.kept)


def in_account(endpoint: str) -> LeakReport:
    """Ask an emulated account what is still there."""
    inventory: list[dict[str, object]] = ask(f"{endpoint}/drydock/inventory")
    left = [_label(item) for item in inventory if not item.get("kept")]
    kept = [_label(item) for item in inventory if item.get("kept")]
    return LeakReport(left=left, kept=kept)


def _label(item: dict[str, object]) -> str:
    return f"{item['service']} {item['kind']} {item['id']}"
