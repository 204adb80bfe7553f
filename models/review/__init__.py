from . import authority
from . import contract_review
from . import contract_review_decision
from . import contract_review_line
