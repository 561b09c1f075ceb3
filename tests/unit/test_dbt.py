import pytest
import yaml

from pipelines.dbt import check_own_seeds, dbt_environment, models_at_once
from pipelines.errors import ExitCode, RorError
from pipelines.settings import DBT_PROJECT, load_settings


def test_seeds_when_user_has_one_of_the_same_name_then_it_replaces_ours(tmp_path):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "brands.csv").write_text("brand_id,name\nbean,Bean\n")
    (tmp_path / "seeds" / "unknown.csv").write_text("a\n1\n")
    dbt_environment(tmp_path)
    laid = tmp_path / "dbt" / "seeds"
    assert (laid / "brands.csv").read_text() == "brand_id,name\nbean,Bean\n"
    shipped = (DBT_PROJECT / "seeds" / "touch_types.csv").read_text()
    assert (laid / "touch_types.csv").read_text() == shipped
    assert not (laid / "unknown.csv").exists()


def test_seeds_when_user_removes_a_replacement_then_ours_is_back(tmp_path):
    own = tmp_path / "seeds" / "brands.csv"
    own.parent.mkdir()
    own.write_text("brand_id,name\nbean,Bean\n")
    dbt_environment(tmp_path)
    own.unlink()
    dbt_environment(tmp_path)
    laid = (tmp_path / "dbt" / "seeds" / "brands.csv").read_text()
    assert laid == (DBT_PROJECT / "seeds" / "brands.csv").read_text()


def test_profile_when_memory_runs_out_then_no_setting_is_changed_after_the_first_spill():
    # DuckDB refuses another temp_directory once it has spilled; dbt repeats `settings` per cursor.
    profile = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text())["ror"]["outputs"]["build"]
    assert "temp_directory" in profile["config_options"]
    assert set(profile["settings"]) == {"TimeZone"}


def test_models_when_the_build_file_is_large_then_one_at_a_time(tmp_path, monkeypatch):
    settings = load_settings(home=tmp_path)
    assert models_at_once(settings) == 2
    settings.build_file.parent.mkdir(parents=True, exist_ok=True)
    settings.build_file.write_bytes(b"12345")
    assert models_at_once(settings) == 2
    monkeypatch.setattr("pipelines.dbt.LARGE_BUILD_BYTES", 4)
    assert models_at_once(settings) == 1


def test_own_seed_when_it_lacks_a_column_of_ours_then_one_line_names_it(tmp_path):
    own = tmp_path / "seeds" / "brands.csv"
    own.parent.mkdir()
    shipped = (DBT_PROJECT / "seeds" / "brands.csv").read_text(encoding="utf-8")
    own.write_text(shipped, encoding="utf-8-sig")
    (tmp_path / "seeds" / "notes.csv").write_text("of the user's\n")
    check_own_seeds(load_settings(home=tmp_path))
    own.write_text("brand_id,name\nbean,Bean\n")
    with pytest.raises(RorError, match=r"brands\.csv: column .*time_zone.* is missing") as raised:
        check_own_seeds(load_settings(home=tmp_path))
    assert raised.value.code is ExitCode.CONFIGURATION
