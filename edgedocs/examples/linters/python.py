"""Python that is shown and not run: compiled by itself, as this interpreter would."""

from __future__ import annotations

import warnings

from edgedocs.examples.linters.base import Finding, Linter


class PythonLinter(Linter):
    """Compiles; what Python warns of while compiling (an unknown escape, say) is wrong in a page, too."""

    languages = ("python", "py")

    def parse(self, text: str) -> list[Finding]:
        """See the base class."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                compile(text, "<block>", "exec", dont_inherit=True)
            except SyntaxError as error:
                return [Finding(error.lineno or 1, error.msg)]
            except ValueError as error:
                return [Finding(1, str(error))]
        return []


LINTER = PythonLinter()
