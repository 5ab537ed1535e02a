"""Repair gives the text before the damage, or says that it cannot; it never gives another text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedocs.cli.translate.repair import repair as command
from edgedocs.tiny import held_out
from edgedocs.translation import record
from edgedocs.translation.repair import diagnose, diagnosis, repair
from edgedocs.translation.repair.codecs import MultiByte, SingleByte, codecs
from edgedocs.translation.repair.repairing import examine
from edgedocs.translation.repair.torn import candidates
from tests import pace
from tests.translation.trees import CZECH, make_tree

CORPUS = Path(__file__).parents[1] / "corpus" / "translations"
PAGES = sorted(CORPUS.glob("*/*.md"))
PYTHON = {"iso-8859-2": "iso8859-2"}

PANGRAMS = {
    "ar": "نص حكيم له سر قاطع وذو شأن عظيم",
    "cs": "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "da": "Quizdeltagerne spiste jordbær med fløde.",
    "de": "Falsches Üben von Xylophonmusik quält jeden größeren Zwerg.",
    "el": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.",
    "es": "El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia; ¿añoraba a su querido cachorro?",
    "et": "Põdur Zagrebi tšellomängija-följetonist Ciqo külmetas kehvas garaažis.",
    "fi": "Törkylempijävongahdus. HYVÄ–PAHA. MIKÄ…",
    "fr": "Portez ce vieux whisky au juge blond qui fume. CAFÉ\u00a0: «\u00a0été\u00a0». À CÔTÉ",
    "he": "דג סקרן שט בים מאוכזב ולפתע מצא חברה",
    "hi": "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण",
    "hr": "Gojazni đačić s biciklom drži hmelj i finu vatu u džepu nošnje.",
    "hu": "Árvíztűrő tükörfúrógép.",
    "is": "Kæmi ný öxi hér ykist þjófum nú bæði víl og ádrepa.",
    "ja": "いろはにほへと ちりぬるを。GGUFファイルを使う。",
    "ka": "ბულბულმა ვეფხვი ვარდით მოხიბლა",
    "ko": "키스의 고유조건은 입술끼리 만나야 하고",
    "lt": "Įlinkdama fechtuotojo špaga sublykčiojusi pragręžė apvalų arbūzą.",
    "lv": "Glāžšķūņa rūķīši dzērumā čiepj Baha koncertflīģeļu vākus.",
    "nl": "Zij zei: ‘één idee’.",
    "pl": "Pchnąć w tę łódź jeża lub ośm skrzyń fig. ŻÓŁTY KRZYŻ",
    "pt": "À noite, vovô Kowalsky vê o ímã cair no pé do pinguim queixoso. NÃO! IRMÃ – “MAÇÔ…",
    "ro": "Muzicologă în bej vând whisky și tequila, preț fix. GĂŞI ORĂŞEL",
    "ru": "Съешь же ещё этих мягких французских булок. Её моё ёж.",
    "sk": "Kŕdeľ šťastných ďatľov učí pri ústí Váhu mĺkveho koňa obhrýzať kôru.",
    "sl": "V kožuščku hudobnega fanta stopiclja mizar.",
    "sr": "Љубазни фењерџија чађавог лица хоће да ми покаже штос.",
    "sv": "Yxskaftbud, ge vår WC-zonmö IQ-hjälp. Längd 5 Å². SMÅ…",
    "th": "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า",
    "tr": "Pijamalı hasta yağız şoföre çabucak güvendi.",
    "uk": "Чуєш їх, доцю, га? Кумедна ж ти. Дії, мої, Від, Ті.",
    "vi": "Do bạch kim rất quý nên sẽ dùng để lắp vô xương.",
    "zh": "视野无限广，窗外有蓝天。联通 使用GGUF格式 A和B",
    "ca": "Jove xef, porti whisky amb quinze glaçons d’hidrogen, coi!",
    "cy": "Parciais fy jac codi baw hud llawn dŵr ger tŷ Mabon.",
    "eo": "Eĥoŝanĝo ĉiuĵaŭde.",
    "bg": "Жълтата дюля беше щастлива.",
    "mk": "Ѕидарски пејзаж: шугав билмез со чудење џвака ќофте.",
    "hy": "Բել դղյակի ձախ ժամն օֆ ազգությանը",
    "ga": "D’ḟuascail Íosa Úrṁac na hÓiġe Beannaiṫe.",
    "examples": 'In code `Ã©` and `â€™`; quoted “CafÃ©” or "Å¡"; Café that became CafÃ©; the sign � (U+FFFD).',
}


def damage(text: str, codec: str, errors: str = "strict") -> str:
    return text.encode().decode(PYTHON.get(codec, codec), errors)


@pytest.mark.parametrize("name", sorted(PANGRAMS))
def test_clean_text_is_not_damaged(name: str) -> None:
    assert not diagnose(PANGRAMS[name]).damaged
    for word in PANGRAMS[name].split() if name != "examples" else []:
        assert not diagnose(word).damaged
        assert not diagnose(word.upper()).damaged
    assert not diagnose(f"# {PANGRAMS[name].upper()}\n\n{PANGRAMS[name]}\n").damaged


@given(st.lists(st.sampled_from(" ".join(PANGRAMS[key] for key in PANGRAMS if key != "examples").split()), min_size=1))
def test_clean_words_of_forty_languages_are_not_damaged(words: list[str]) -> None:
    assert not diagnose(" ".join(words)).damaged


@pytest.mark.parametrize("language", ["en", "cs", "sl", "et", "pl"])
def test_held_out_text_is_not_damaged(language: str) -> None:
    assert [line for line in held_out(language).split("\n") if diagnose(line).damaged] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.parametrize("codec", ["cp1250", "cp1252", "cp1254", "latin-1", "koi8-r", "iso-8859-2", "cp437", "gbk"])
def test_pages_are_restored_byte_by_byte(page: Path, codec: str) -> None:
    clean = page.read_bytes().decode()
    assert not diagnose(clean).damaged
    try:
        damaged = damage(clean, codec)
    except UnicodeDecodeError:
        pytest.skip("not without loss")
    found = diagnose(damaged)
    assert found.damaged
    assert (found.text, found.repairable) == (clean, True)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.parametrize("codec", ["cp1250", "cp1252", "cp1254"])
def test_what_is_lost_is_told_and_no_line_is_guessed(page: Path, codec: str) -> None:
    clean = page.read_bytes().decode()
    damaged = damage(clean, codec, "ignore")
    found = diagnose(damaged)
    lost = {loss.line for loss in found.losses}
    lines = zip(clean.split("\n"), damaged.split("\n"), found.text.split("\n"), strict=True)
    for number, (before, broken, after) in enumerate(lines, start=1):
        assert after == (broken if number in lost else before)
    for loss in found.losses:
        assert len(loss.candidates) > 1


def test_a_dropped_byte_that_the_encoding_forces_is_restored() -> None:
    clean = "Иван и Илья читают книгу о языке. Игорь пишет."
    damaged = damage(clean, "cp1251", "ignore")
    assert damaged != clean
    assert (diagnose(damaged).text, diagnose(damaged).repairable) == (clean, True)
    cp1251 = next(c for c in codecs() if c.name == "cp1251")
    assert isinstance(cp1251, SingleByte)
    assert candidates(cp1251, "Р") == ("И",)  # D0 without 98, the only byte that means nothing


@pytest.mark.parametrize("first", ["latin-1", "cp1252", "koi8-r"])
@pytest.mark.parametrize("second", ["latin-1", "koi8-r"])
def test_damage_on_damage(first: str, second: str) -> None:
    clean = "Mudeli kaalud võtavad mälu. Täpsus väheneb, kui bitte on vähem.\n"
    found = diagnose(damage(damage(clean, first), second))
    assert (found.text, found.repairable) == (clean, True)


def test_one_word_in_a_clean_paragraph() -> None:
    found = diagnose("Příliš žluťoučký pĂ­smo na řádku.")
    assert found.text == "Příliš žluťoučký písmo na řádku."


LETTERS = st.sampled_from("abcdefghij řžšáíéčďňťůúýěöüõäąęłńóśźżđ–„“”…×°абвгдежзийклмнопрстуфхцчшщыьэюя")


CHAINS = st.lists(st.sampled_from([c.name for c in codecs() if c.name[:4] != "wind"]), min_size=1, max_size=2)
SENTENCES = st.lists(st.sampled_from(" ".join(PANGRAMS[key] for key in PANGRAMS if key != "examples").split()))
TEXTS = st.one_of(st.text(LETTERS, min_size=1, max_size=60), st.text(max_size=40), SENTENCES.map(" ".join))


@settings(max_examples=600, derandomize=True)
@given(TEXTS, CHAINS, st.sampled_from(["strict", "ignore", "replace"]))
def test_repair_never_gives_another_text(text: str, chain: list[str], errors: str) -> None:
    if len(chain) > 1:
        errors = "strict"  # what one codec dropped and another made of the rest can be ordinary text
    damaged = text
    for codec in chain:
        try:
            damaged = damage(damaged, codec, errors)
        except UnicodeDecodeError:
            return
    found = diagnose(damaged)
    if diagnose(text).damaged or not found.damaged:
        return  # text that shows damage, and damage that leaves no evidence
    repaired = examine(damaged, Path("page.md"))
    assert repaired.repairable == found.repairable
    assert repaired.exit_code(check=False) == (0 if found.repairable else 1)
    if found.repairable:
        assert repaired.text == text
    elif found.unproven or found.ambiguous:
        assert repaired.text == damaged
    else:
        assert repaired.lost


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_any_text_is_diagnosed(text: str) -> None:
    found = diagnose(text)
    assert found.text.count("\n") == text.count("\n")
    if not found.damaged:
        assert found.text == text


@pytest.mark.parametrize("codec", [c for c in codecs() if isinstance(c, MultiByte)], ids=lambda c: c.name)
def test_no_two_byte_strings_read_alike(codec: MultiByte) -> None:
    known: dict[str, bytes] = {}
    for first in range(0x100):
        for data in [bytes([first]), *(bytes([first, second]) for second in range(0x100))]:
            try:
                text = data.decode(codec.name)
            except UnicodeDecodeError:
                continue
            if len(text) == 1:
                assert known.setdefault(text, data) == data


def test_ten_megabytes_on_one_line() -> None:
    clean = ("Příliš žluťoučký kůň úpěl. " * 300_000)[: 7 * 2**20]
    for text in (clean, damage(clean[: 2**20], "koi8-r"), "Ã" * 10**6, "â€" * 10**6, "\ufffd" * 10**6, "`" * 10**6):
        with pace.at_most(60):
            diagnose(text)


def test_a_page_keeps_its_header_and_records_prove_the_repair(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, None, {"sizes.md": CZECH.replace("Konec", "Konečně článek končí")})
    record(tree, "cs", "sizes.md")
    path = tree.translation_path("cs", "sizes.md")
    clean = path.read_bytes()
    path.write_bytes(damage(clean.decode(), "cp1252", "ignore").encode())
    done = repair(path)
    assert (done.repairable, done.written, path.read_bytes()) == (True, True, clean)
    assert done.recorded == len(done.diagnosis.losses) > 0


def test_damage_that_was_recorded_is_no_edit_after_the_repair(tmp_path: Path) -> None:
    tree = make_tree(tmp_path)
    path = tree.translation_path("cs", "sizes.md")
    clean = path.read_bytes()
    path.write_bytes(damage(clean.decode(), "koi8-r").encode())
    record(tree, "cs", "sizes.md")
    assert repair(path).repairable
    from edgedocs.translation.status import page_state

    assert page_state(tree.source_path("sizes.md"), path).counts.keys() == {"fresh"}


def test_command(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(damage("Příliš žluťoučký kůň.\n", "latin-1"), encoding="utf-8")
    before = path.read_bytes()
    run = CliRunner().invoke(command, [str(path), "--check", "--json"])
    document = json.loads(run.output)
    keys = ("damaged", "codec", "repairable", "lost_characters", "written")
    assert (run.exit_code, *(document[key] for key in keys)) == (1, True, "latin-1", True, 0, False)
    assert path.read_bytes() == before
    run = CliRunner().invoke(command, [str(path)])
    assert (run.exit_code, path.read_text(encoding="utf-8")) == (0, "Příliš žluťoučký kůň.\n")
    assert CliRunner().invoke(command, [str(path), "--check"]).exit_code == 0


def test_command_says_what_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    text = damage("Příliš dlouhý článek čeká.\n\nŽluťoučký kůň.\n", "cp1252", "ignore")
    path.write_text(text, encoding="utf-8")
    run = CliRunner().invoke(command, [str(path), "--json"])
    document = json.loads(run.output)
    assert (run.exit_code, document["repairable"], document["lost_characters"]) == (1, False, 3)
    assert all("č" in loss["candidates"] for loss in document["losses"][:2])


def test_a_codec_that_drops_whole_characters_proves_nothing_without_records(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    damaged = damage(f"{PANGRAMS['ru']}\n", "gb2312", "ignore")
    path.write_text(damaged, encoding="utf-8")
    done = repair(path)
    assert (done.diagnosis.damaged, done.diagnosis.unproven) == (True, ("gb2312",))
    assert (done.repairable, done.written, done.exit_code(check=False)) == (False, False, 1)
    assert path.read_text(encoding="utf-8") == damaged


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([*PANGRAMS.values(), "`kůň`", "```\nkůň\n```", "\n\n", " ", "ab", "`", "?"]), max_size=4),
    st.sampled_from(codecs()),
    st.integers(0, 40),
)
def test_what_is_screened_out_is_not_damaged(pieces: list[str], codec: SingleByte | MultiByte, cut: int) -> None:
    text = "".join(pieces)[cut:]
    try:
        damaged = codec.damage(text)
    except UnicodeDecodeError:
        damaged = text
    for one in (text, damaged, text + damaged):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(diagnosis, "may_be_damaged", lambda _: True)
            without = diagnose(one)
        assert diagnose(one) == without


@pytest.mark.parametrize("named", [True, False])
def test_a_page_that_another_process_writes_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    from edgedocs.core.errors import CannotRun
    from edgedocs.translation import locks

    monkeypatch.setattr(locks, "_SECONDS", 0.2)
    tree = make_tree(tmp_path)
    path = tree.translation_path("cs", "sizes.md")
    if named:
        record(tree, "cs", "sizes.md")
    damaged = damage(path.read_text(encoding="utf-8"), "cp1252", "ignore").encode()
    path.write_bytes(damaged)
    with locks.page_lock(tree, "cs", "sizes.md"), pytest.raises(CannotRun, match="another process"):
        repair(path)
    assert path.read_bytes() == damaged


def test_what_is_saved_meanwhile_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgedocs.translation.repair import repairing
    from edgedocs.translation.saving import ChangedMeanwhile

    path = tmp_path / "page.md"
    path.write_text(damage("Příliš žluťoučký kůň.\n", "latin-1"), encoding="utf-8")
    inner = repairing.examine

    def slowly(text: str, where: Path) -> object:
        found = inner(text, where)
        path.write_text("A person's text.\n", encoding="utf-8")
        return found

    monkeypatch.setattr(repairing, "examine", slowly)
    with pytest.raises(ChangedMeanwhile):
        repair(path)
    assert path.read_text(encoding="utf-8") == "A person's text.\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["page.md"]
