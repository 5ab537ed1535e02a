import pytest

pytest.register_assert_rewrite("tests.contract.quantizers", "tests.contract.scaled_quantizers")
