from . import customer_document
from . import customer_document_revision
from . import delivery_schedule
