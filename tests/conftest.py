import signal

from hypothesis import settings

# A shell lets its background jobs ignore Ctrl-C, and so would the processes that the tests send it to.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A machine under load is slow now and then; a test that hangs is caught by its own limit, not by Hypothesis'.
settings.register_profile("edgedocs", deadline=None)
settings.load_profile("edgedocs")


def pytest_addoption(pluginmanager):
    pluginmanager.import_plugin("_hypothesis_pytestplugin")  # off for `pytest docs/`, see pyproject.toml
