from . import work
