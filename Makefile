# The two commands of the README are `make demo` and `make test`; each sets up what it needs.
.PHONY: demo test lint docs lock bench fuzz audit mutants test-editors clean setup

BIN = .venv/bin

setup:
	@scripts/venv.sh

demo: setup
	@$(BIN)/koze-lsp --check examples/broken --output-format full; status=$$?; \
	if [ $$status -ne 1 ]; then echo "expected findings (exit status 1), got $$status" >&2; exit 1; fi

test: setup
	$(BIN)/ruff check koze_lsp tests scripts benchmarks fuzz
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -n auto --dist loadgroup

lint: setup
	$(BIN)/ruff check koze_lsp tests scripts benchmarks fuzz
	$(BIN)/ruff format --check koze_lsp tests scripts benchmarks fuzz
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: setup
	$(BIN)/python scripts/generate_docs.py

lock: setup
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.10 --no-header --no-annotate pyproject.toml requirements-dev.in -o requirements-dev.txt

bench: setup
	$(BIN)/python -m benchmarks

fuzz: setup
	$(BIN)/python -m pip install -q atheris
	@for target in template wrangler rpc; do $(BIN)/python -m fuzz.run $$target $${FUZZ_SECONDS:-300} || exit 1; done

# Asks the registries' databases of advisories; --strict, or a package that they do not answer for would pass as clean.
audit: setup
	$(BIN)/pip-audit --strict --progress-spinner off --no-deps --disable-pip -r requirements-dev.txt
	cd vscode-extension && npm audit --package-lock-only

# Faults built into the server on purpose: the stateful machine of the tests must find each of them.
mutants: setup
	$(BIN)/python -m tests.hardening.mutants

# A real VS Code in headless Chromium, with the server frozen into the extension.
test-editors: setup
	scripts/setup_vscode_e2e.sh
	cd vscode-extension && npm ci --no-audit --no-fund && npm test
	$(BIN)/python scripts/build_server.py --vscode --npm
	cd vscode-extension && npm run package
	node --test npm/tests/
	node tests/editors/vscode/run.mjs

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
