from . import authority
from . import depth
from . import contract_review_rule
from . import contract_review
from . import contract_review_decision
from . import contract_review_depth
from . import contract_review_line
from . import contract_review_line_depth
