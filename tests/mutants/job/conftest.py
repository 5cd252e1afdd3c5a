"""Settings of the tests that check mutants: any example that fails kills one, and no smaller one is looked for."""

from hypothesis import Phase, settings

settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate), database=None, derandomize=True)
settings.load_profile("mutants")
