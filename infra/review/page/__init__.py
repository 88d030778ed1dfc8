"""The plans of all stacks as one HTML file."""

from infra.review.page.document import to_html

__all__ = ["to_html"]
