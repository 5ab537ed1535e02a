"""Which segment of a page is which segment of a translation without records."""

from hypothesis import given
from hypothesis import strategies as st

from edgedocs.translation.interop.pairing import correspondences, forced
from edgedocs.translation.segments import split


def paired(source: str, target: str) -> list[tuple[str, str, bool]]:
    found = correspondences(split(source, ""), split(target, ""))
    return [(pair.source.text.strip(), pair.target.text.strip(), pair.certain) for pair in found]


def test_pages_of_one_shape_correspond_by_place() -> None:
    assert paired("# A\n\nb\n\n- c\n- d\n", "# X\n\ny\n\n- z\n- w\n") == [
        ("# A", "# X", True),
        ("b", "y", True),
        ("- c", "- z", True),
        ("- d", "- w", True),
    ]


def test_a_missing_paragraph_makes_its_neighbours_uncertain_and_nothing_else() -> None:
    source = "# A\n\none\n\ntwo\n\nthree\n\n## B\n\nfour\n"
    certain = {(s, t): sure for s, t, sure in paired(source, "# X\n\nα\n\nγ\n\n## Y\n\nδ\n")}
    assert certain["# A", "# X"]
    assert certain["## B", "## Y"]
    assert certain["four", "δ"]
    assert [sure for (source, _), sure in certain.items() if source in {"one", "two", "three"}] == [False, False]


def test_code_spans_and_addresses_tell_neighbours_apart() -> None:
    source = "# A\n\nrun `x`\n\ntwo\n\nsee [it](https://a.example/p)\n"
    assert paired(source, "# X\n\nspusť `x`\n\nviz [to](https://a.example/p)\n")[1:] == [
        ("run `x`", "spusť `x`", True),
        ("see [it](https://a.example/p)", "viz [to](https://a.example/p)", True),
    ]


def test_a_page_that_was_cut_off_keeps_what_it_has() -> None:
    sections = [f"## {'abc'[i]}\n\n" + "p\n\n" * (i + 1) for i in range(3)]
    source, target = "# A\n\n" + "".join(sections), "# X\n\n" + "".join(sections[:2])
    assert all(sure for _, _, sure in paired(source, target))
    assert len(paired(source, target)) == 1 + 2 + 3


def test_sections_alike_are_not_guessed() -> None:
    section = "## h\n\np\n\n"
    sure = [certain for _, _, certain in paired(f"# A\n\n{section * 3}", f"# A\n\n{section * 2}")]
    assert sure == [True, False, False, False, False]


def test_translated_comments_in_code_do_not_matter() -> None:
    source = "a\n\n```py\nx  # one\n```\n\nb\n"
    assert paired(source, source.replace("# one", "# ena")) == [("a", "a", True), ("b", "b", True)]


def test_rules_do_not_matter() -> None:
    assert paired("# A\n\nb\n\n---\n\nc\n", "# X\n\ny\n\nz\n\n---\n") == [
        ("# A", "# X", True),
        ("b", "y", True),
        ("c", "z", True),
    ]


def test_forced_pairs() -> None:
    assert forced("abcd", "abd") == [(0, 0), (1, 1), (3, 2)]
    assert forced("aab", "ab") == [(2, 1)]
    assert forced("abab", "ab") == []
    assert forced("ab", "ba") == []
    assert forced("", "a") == []
    assert forced("a" * 2000, "a" * 2000) == []


def subsequences(old: str, new: str) -> list[frozenset[tuple[int, int]]]:
    """All common subsequences, as sets of pairs: the definition, by brute force."""
    if not old or not new:
        return [frozenset()]
    found = {*subsequences(old[:-1], new), *subsequences(old, new[:-1])}
    if old[-1] == new[-1]:
        found |= {pairs | {(len(old) - 1, len(new) - 1)} for pairs in subsequences(old[:-1], new[:-1])}
    return list(found)


@given(st.text("abc", max_size=5), st.text("abc", max_size=5))
def test_forced_is_what_every_longest_common_subsequence_has(old: str, new: str) -> None:
    every = subsequences(old, new)
    longest = [pairs for pairs in every if len(pairs) == max(map(len, every))]
    assert set(forced(old, new)) == frozenset.intersection(*longest)


blocks = st.lists(st.sampled_from(["# h", "## h", "p", "- i", "run `x`", "```\nc\n```", "---", "> q"]), max_size=12)


@given(blocks, blocks)
def test_each_segment_is_in_one_pair_at_most(source: list[str], target: list[str]) -> None:
    pairs = correspondences(split("\n\n".join(source), ""), split("\n\n".join(target), ""))
    assert len({pair.source.line for pair in pairs}) == len(pairs)
    assert len({pair.target.line for pair in pairs}) == len(pairs)
    assert all(pair.source.signature == pair.target.signature for pair in pairs)
    if source == target:
        assert all(pair.certain for pair in pairs)
        assert len(pairs) == len(split("\n\n".join(source), "").segments)
