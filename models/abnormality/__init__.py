from . import abnormality
from . import abnormality_step
from . import abnormality_work
from . import production_notice
