from . import test_contract_review
from . import test_gate
from . import test_signature
from . import test_signer
