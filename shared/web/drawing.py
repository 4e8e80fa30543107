"""pygal, without the import hook it leaves behind."""

import sys

from pygal import XY, HorizontalBar, Line
from pygal.graph.graph import Graph
from pygal.style import Style

# The hook finds pygal's plugins, which we have none of, in a way that Python has given up: every import
# after it that fails, as optional ones do, would warn.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]

__all__ = ["XY", "Graph", "HorizontalBar", "Line", "Style"]
