"""The table of controllers, by itself and beside the one that users read."""

from pathlib import Path

from xr_app.input.bindings import BUTTONS, EXTENSIONS, PROFILES, VALUES, Action

DOCS = Path(__file__).parents[3] / "docs" / "headsets.md"


def test_every_controller_points_and_selects_with_both_hands() -> None:
    for profile in PROFILES:
        bound = {(action, path.split("/")[3]) for action, path in profile.suggested()}
        for side in ("left", "right"):
            assert {(Action.AIM, side), (Action.GRIP, side), (Action.SELECT, side)} <= bound, profile.name
            assert ((Action.BUZZ, side) in bound) is not profile.bare_hands


def test_no_button_does_two_things() -> None:
    for profile in PROFILES:
        paths = [path for action, path in profile.suggested() if action in (*VALUES, *BUTTONS)]
        assert len(paths) == len(set(paths)), profile.name


def test_all_of_them_but_bare_hands_have_a_menu_button() -> None:
    for profile in PROFILES:
        assert any(action is Action.MENU for action, _ in profile.suggested()) is not profile.bare_hands


def test_those_without_extension_are_openxrs_own() -> None:
    own = {profile.path.split("/")[0] for profile in PROFILES if profile.extension is None}
    assert own == {"oculus", "valve", "microsoft", "htc", "khr"}
    assert all(name.startswith("XR_") for name in EXTENSIONS)


def test_users_read_of_every_controller() -> None:
    rows = [line.split("|")[1] for line in DOCS.read_text().splitlines() if line.startswith("| ")]
    listed = {name.strip() for row in rows for name in row.split(",")}
    brands = {"Quest Touch Plus": "Touch Plus", "Quest Touch Pro": "Touch Pro", "Bare hands (HoloLens)": "Bare hands"}
    assert {brands.get(profile.name, profile.name) for profile in PROFILES} <= listed
