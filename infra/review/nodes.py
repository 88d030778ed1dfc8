"""All resources of a preview as nodes of a graph, whether they change or not."""

from collections.abc import Callable, Iterable, Mapping

from pulumi.automation.events import StepEventMetadata

from infra.review.judged import clean_of
from infra.review.options import Options, label
from infra.review.plan import Node
from infra.review.values import shown


def nodes(
    steps: Iterable[StepEventMetadata], component: Callable[[StepEventMetadata], str], options: Options | None
) -> tuple[Node, ...]:
    """Return the resources of steps, each once, in the order of the engine.

    Args:
        steps: the steps of the engine.
        component: returns the outermost component that a resource is in.
        options: options that the program registered by URN, with the dependencies; None if they are not known.
    """
    found = {step.urn: step for step in steps}
    labels = {label(urn): urn for urn in found}  # as the options name what a resource depends on
    return tuple(
        Node(
            urn=urn,
            type=step.type,
            name=urn.rpartition("::")[2],
            component=component(step),
            dependencies=tuple(
                labels[each] for each in (options or {}).get(urn, {}).get("dependsOn", ()) if each in labels
            ),
            properties=_properties(step),
        )
        for urn, step in found.items()
    )


def _properties(step: StepEventMetadata) -> Mapping[str, str]:
    inputs = clean_of(step.new) or clean_of(step.old) or {}
    texts = {key: shown(value) for key, value in sorted(inputs.items()) if not key.startswith("__")}
    return {key: text for key, text in texts.items() if text is not None}
