"""The previews of several stacks in the one comment that a pull request gets."""

from collections.abc import Sequence

from infra.review.markdown import ALL_CHANGES, MAX_CHARACTERS, cut

NO_LIST = "The full list of changes is too long for a comment; it is in the summary of the job.\n"


def one_comment(previews: Sequence[str]) -> str:
    """Join previews; while they are too long together, the longest loses its list of changes, never its risks."""
    parts = list(previews)
    while _length(parts) > MAX_CHARACTERS:
        longest = max(range(len(parts)), key=lambda index: len(parts[index]))
        head, mark, _ = parts[longest].partition(ALL_CHANGES)
        if mark:
            parts[longest] = head + NO_LIST
        else:
            parts = [cut(part, MAX_CHARACTERS // len(parts) - 1) for part in parts]
    return "\n".join(parts)


def _length(parts: Sequence[str]) -> int:
    return sum(len(part) + 1 for part in parts)
