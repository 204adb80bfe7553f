# The floors, from the bottom up: blocks know no document, documents know their blocks.
from . import blocks
from . import requirement
from . import contract
from . import review
from . import notice
from . import progress
from . import change
from . import abnormality
from . import complaint
from . import handover
from . import timeline
from . import extensions
from . import figures
