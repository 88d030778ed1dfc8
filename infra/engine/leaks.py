"""Resources that a destroy left behind, as reported by the AWS account and the API server."""

from dataclasses import dataclass

from infra.engine.loopback import ask
from infra.engine.session import Session
from infra.errors import OperationError


@dataclass(frozen=True, kw_only=True)
class LeakReport:
    """Resources that still exist after a destroy."""

    left: list[str]
    """Leaks: resources that should be deleted."""
    kept: list[str]
    """Kept on purpose, such as the final snapshot of a database."""

    def summary(self) -> str:
        """Return the report as one line."""
        kept = f"; kept on purpose: {', '.join(self.kept)}" if self.kept else ""
        found = f"LEFT BEHIND: {', '.join(self.left)}" if self.left else "0 left in the AWS account and the API server"
        return found + kept

    def require_clean(self) -> None:
        """Raise OperationError if there are leaks."""
        if self.left:
            raise OperationError(f"destroy left {len(self.left)} resource(s) behind: {', '.join(self.left)}")


def inspect(session: Session) -> LeakReport:
    """Find resources of the stack in the account and the API server of a running local cloud."""
    if session.cloud is None:
        raise OperationError("only a local cloud can be searched for leftovers")
    from localcloud.kubernetes.leftovers import leftovers  # noqa: PLC0415 - a Kubernetes client that few commands need

    found = in_account(session.cloud.aws_endpoint)
    return LeakReport(left=found.left + leftovers(session.cloud), kept=found.kept)


def in_account(endpoint: str) -> LeakReport:
    """Find resources in an emulated account."""
    inventory: list[dict[str, object]] = ask(f"{endpoint}/drydock/inventory")
    left = [_label(item) for item in inventory if not item.get("kept")]
    kept = [_label(item) for item in inventory if item.get("kept")]
    return LeakReport(left=left, kept=kept)


def _label(item: dict[str, object]) -> str:
    return f"{item['service']} {item['kind']} {item['id']}"
