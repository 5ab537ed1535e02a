"""Translating: a Snowball stemmer as a browser runs it, from the Python that Snowball's compiler wrote.

The compiler writes a small part of Python; this module puts exactly that into JavaScript, statement by statement, and
refuses anything else. So the browser has the stemmer that made the keys, in the version that made them.
"""

from __future__ import annotations

import ast
import inspect
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import CannotRun
from edgedocs.publishing.search.stemming import implementation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "===",
    ast.NotEq: "!==",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "===",
}
_OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.RShift: ">>"}
_CLASS_ONLY = frozenset({"__init__", "copy_from", "get_current", "set_current", "stemWord", "stemWords"})
"""Methods of the base class for callers in Python; ``_PRELUDE`` has what a browser calls."""

_PRELUDE = """const has = (set, letter) => (typeof set === "string" ? set.includes(letter) : set.has(letter));
const among = (s, substring_i, result, method = null) => ({ s, substring_i, result, method });
class Base {
  stem(word) {
    this.current = word;
    this.cursor = this.limit_backward = this.bra = 0;
    this.limit = this.ket = word.length;
    this._stem();
    return this.current;
  }
"""


@cache
def javascript(name: str) -> str:
    """An expression of JavaScript: a function that gives the stem of a word in small letters.

    Args:
        name: of a stemmer, as :func:`edgedocs.publishing.search.stemming.algorithm` gives it.

    Raises:
        CannotRun: if the installed stemmer is written in Python of which this module knows nothing.
    """
    own = implementation(name)
    base = own.__mro__[1]
    try:
        stemmer = _Class(_definition(own))
        lines = [
            "(() => {",
            _PRELUDE + "\n".join(_Class(_definition(base)).methods()) + "\n}",
            *(f"const {label} = {{}};" for label in stemmer.labels()),
            "class Stemmer extends Base {\n" + "\n".join(stemmer.methods()) + "\n}",
            *stemmer.constants(),
            "const stemmer = new Stemmer();",
            "return (word) => stemmer.stem(word);",
            "})()",
        ]
    except _UnknownError as unknown:
        raise CannotRun(
            f"the stemmer {name!r} cannot be translated for browsers: {unknown}",
            expected="snowballstemmer 3.1, or a later version whose code is written as its code is",
            remedy="python -m pip install 'snowballstemmer>=3.1,<4'",
        ) from unknown
    return "\n".join(lines)


def _definition(of: type) -> ast.ClassDef:
    module = ast.parse(inspect.getsource(inspect.getmodule(of)))  # type: ignore[arg-type]
    return next(node for node in module.body if isinstance(node, ast.ClassDef) and node.name == of.__name__)


class _UnknownError(Exception):
    def __init__(self, node: ast.AST) -> None:
        super().__init__(f"line {getattr(node, 'lineno', '?')}: {ast.unparse(node)[:60]}")


class _Class:
    """A class: its methods, and the tables that it keeps as attributes."""

    def __init__(self, definition: ast.ClassDef) -> None:
        self.definition = definition
        self.tables = {
            target.id: node.value
            for node in definition.body
            if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name)
        }

    def methods(self) -> Iterable[str]:
        for node in self.definition.body:
            if isinstance(node, ast.FunctionDef) and node.name not in _CLASS_ONLY:
                yield _Method(node, self.definition.name).text()

    def constants(self) -> Iterable[str]:
        """Assignments of the tables: sets of letters, lists of endings, and the values that variables begin with."""
        expression = _Expressions(self.definition.name)
        for name, value in self.tables.items():
            yield f"Stemmer.{name} = {expression.text(value)};"
            if isinstance(value, ast.Constant):
                yield f"Stemmer.prototype.{name} = {expression.text(value)};"

    def labels(self) -> list[str]:
        """The exceptions by which the code leaves blocks."""
        raised = [node.exc for node in ast.walk(self.definition) if isinstance(node, ast.Raise)]
        return sorted(
            {call.func.id for call in raised if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)}
        )


class _Expressions:
    """Expressions, in the methods or the tables of a class."""

    def __init__(self, owner: str) -> None:
        self.owner = owner

    def text(self, node: ast.expr) -> str:
        """The expression in JavaScript."""
        translate = getattr(self, f"_{type(node).__name__.lower()}", None)
        if translate is None:
            raise _UnknownError(node)
        return str(translate(node))

    def _all(self, nodes: Sequence[ast.expr]) -> str:
        return ", ".join(self.text(node) for node in nodes)

    def _constant(self, node: ast.Constant) -> str:
        if node.value is not None and not isinstance(node.value, (str, int)):
            raise _UnknownError(node)
        return json.dumps(node.value, ensure_ascii=False)

    def _name(self, node: ast.Name) -> str:
        if node.id.startswith("__r_"):  # a method among the tables
            return f"Stemmer.prototype.{node.id}"
        return {"self": "this", self.owner: "Stemmer"}.get(node.id, node.id)

    def _attribute(self, node: ast.Attribute) -> str:
        return f"{self.text(node.value)}.{node.attr}"

    def _list(self, node: ast.List) -> str:
        return f"[{self._all(node.elts)}]"

    _tuple = _list

    def _set(self, node: ast.Set) -> str:
        return f"new Set([{self._all(node.elts)}])"

    def _unaryop(self, node: ast.UnaryOp) -> str:
        signs: dict[type[ast.unaryop], str] = {ast.USub: "-", ast.Not: "!"}
        if type(node.op) not in signs:
            raise _UnknownError(node)
        return f"{signs[type(node.op)]}({self.text(node.operand)})"

    def _binop(self, node: ast.BinOp) -> str:
        if type(node.op) not in _OPERATORS:
            raise _UnknownError(node)
        return f"({self.text(node.left)} {_OPERATORS[type(node.op)]} {self.text(node.right)})"

    def _boolop(self, node: ast.BoolOp) -> str:
        sign = " || " if isinstance(node.op, ast.Or) else " && "
        return "(" + sign.join(self.text(value) for value in node.values) + ")"

    def _compare(self, node: ast.Compare) -> str:
        if len(node.ops) != 1:
            raise _UnknownError(node)
        left, operator, right = self.text(node.left), node.ops[0], self.text(node.comparators[0])
        if isinstance(operator, (ast.In, ast.NotIn)):
            return f"{'!' if isinstance(operator, ast.NotIn) else ''}has({right}, {left})"
        if type(operator) not in _COMPARISONS:
            raise _UnknownError(node)
        return f"({left} {_COMPARISONS[type(operator)]} {right})"

    def _subscript(self, node: ast.Subscript) -> str:
        if isinstance(node.slice, ast.Slice):
            ends = [self.text(end) if end else "undefined" for end in (node.slice.lower, node.slice.upper)]
            return f"{self.text(node.value)}.slice({', '.join(ends)})"
        return f"{self.text(node.value)}[{self.text(node.slice)}]"

    def _call(self, node: ast.Call) -> str:
        if node.keywords:
            raise _UnknownError(node)
        function = node.func
        if isinstance(function, ast.Name):
            return self._call_of_name(node, function.id)
        if not isinstance(function, ast.Attribute):
            raise _UnknownError(node)
        given, arguments = self.text(function.value), [self.text(argument) for argument in node.args]
        if function.attr == "startswith":
            return f"{given}.slice({arguments[1]}, {arguments[2]}).startsWith({arguments[0]})"
        if function.attr == "endswith":
            return f"{given}.slice({arguments[1]}, {arguments[2]}).endsWith({arguments[0]})"
        if function.attr == "method":  # a method kept in a table, called with the stemmer
            return f"{given}.method.call({arguments[0]})"
        if given not in ("this", "super()"):
            raise _UnknownError(node)
        return f"{given}.{function.attr}({', '.join(arguments)})"

    def _call_of_name(self, node: ast.Call, name: str) -> str:
        arguments = self._all(node.args)
        if name == "len":
            return f"{arguments}.length"
        if name == "ord":
            return f"{arguments}.charCodeAt(0)"
        known = {"min": "Math.min", "Among": "among"}
        if name not in known:
            raise _UnknownError(node)
        return f"{known[name]}({arguments})"


class _Method(_Expressions):
    """A method."""

    def __init__(self, definition: ast.FunctionDef, owner: str) -> None:
        super().__init__(owner)
        self.definition = definition

    def text_of_body(self, nodes: Sequence[ast.stmt]) -> str:
        return "{ " + " ".join(self._statement(node) for node in nodes) + " }"

    def text(self, node: ast.expr | None = None) -> str:
        """The method in JavaScript, or one of its expressions."""
        if node is not None:
            return super().text(node)
        arguments = [argument.arg for argument in self.definition.args.args]
        stored = {
            name.id
            for name in ast.walk(self.definition)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store) and name.id not in arguments
        }
        variables = f"let {', '.join(sorted(stored))}; " if stored else ""
        body = " ".join(self._statement(node) for node in self.definition.body)
        return f"  {self.definition.name}({', '.join(arguments[1:])}) {{ {variables}{body} }}"

    def _statement(self, node: ast.stmt) -> str:
        translate = getattr(self, f"_do_{type(node).__name__.lower()}", None)
        if translate is None:
            raise _UnknownError(node)
        return str(translate(node))

    def _do_pass(self, node: ast.Pass) -> str:
        return ""

    _do_assert = _do_pass

    def _do_break(self, node: ast.Break) -> str:
        return "break;"

    def _do_continue(self, node: ast.Continue) -> str:
        return "continue;"

    def _do_expr(self, node: ast.Expr) -> str:
        return "" if isinstance(node.value, ast.Constant) else f"{self.text(node.value)};"

    def _do_return(self, node: ast.Return) -> str:
        return f"return {self.text(node.value)};" if node.value else "return;"

    def _do_assign(self, node: ast.Assign) -> str:
        if len(node.targets) != 1:
            raise _UnknownError(node)
        return f"{self.text(node.targets[0])} = {self.text(node.value)};"

    def _do_augassign(self, node: ast.AugAssign) -> str:
        if type(node.op) not in _OPERATORS:
            raise _UnknownError(node)
        return f"{self.text(node.target)} {_OPERATORS[type(node.op)]}= {self.text(node.value)};"

    def _do_if(self, node: ast.If) -> str:
        otherwise = f" else {self.text_of_body(node.orelse)}" if node.orelse else ""
        return f"if ({self.text(node.test)}) {self.text_of_body(node.body)}{otherwise}"

    def _do_while(self, node: ast.While) -> str:
        if node.orelse:
            raise _UnknownError(node)
        return f"while ({self.text(node.test)}) {self.text_of_body(node.body)}"

    def _do_for(self, node: ast.For) -> str:
        call: Any = node.iter
        if isinstance(call, ast.Tuple) and not node.orelse:
            return f"for ({self.text(node.target)} of {self.text(call)}) {self.text_of_body(node.body)}"
        if node.orelse or not (isinstance(call, ast.Call) and ast.unparse(call.func) == "range" and len(call.args) > 1):
            raise _UnknownError(node)
        start, end = self.text(call.args[0]), self.text(call.args[1])
        name = self.text(node.target)
        if len(call.args) == 2:
            head = f"{name} = {start}; {name} < {end}; {name}++"
        elif ast.unparse(call.args[2]) == "-1":
            head = f"{name} = {start}; {name} > {end}; {name}--"
        else:
            raise _UnknownError(node)
        return f"for ({head}) {self.text_of_body(node.body)}"

    def _do_raise(self, node: ast.Raise) -> str:
        if not (isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name)):
            raise _UnknownError(node)
        return f"throw {node.exc.func.id};"

    def _do_try(self, node: ast.Try) -> str:
        handlers = node.handlers
        if len(handlers) != 1 or node.orelse or node.finalbody or not isinstance(handlers[0].type, ast.Name):
            raise _UnknownError(node)
        otherwise = " ".join(self._statement(statement) for statement in handlers[0].body)
        label = handlers[0].type.id
        return f"try {self.text_of_body(node.body)} catch (left) {{ if (left !== {label}) throw left; {otherwise} }}"
