"""Files as they were sent → checked tables that lose nothing, and every problem with its file and line."""

from workbench.intake.booking import book
from workbench.intake.pages import statements_of
from workbench.intake.profiles import Profile, load_profiles, profile_for
from workbench.intake.reading import Reading, read_file

__all__ = ["Profile", "Reading", "book", "load_profiles", "profile_for", "read_file", "statements_of"]
