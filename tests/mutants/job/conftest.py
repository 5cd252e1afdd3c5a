"""Hypothesis settings for mutation testing: without shrinking, because any failing example kills a mutant."""

from hypothesis import Phase, settings

settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate), database=None, derandomize=True)
settings.load_profile("mutants")
