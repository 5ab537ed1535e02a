# Each target is a command of tools/dev.py, which also works where there is no make.
# Options: make site ARGS="--port 8001"
PYTHON ?= python3
COMMANDS := help site test test-vllm lint format setup lock clean

.DEFAULT_GOAL := help
.PHONY: $(COMMANDS)
$(COMMANDS):
	@$(PYTHON) tools/dev.py $@ $(ARGS)
