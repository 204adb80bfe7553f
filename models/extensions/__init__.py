from . import hr_department
from . import hr_employee
from . import mrp_production
from . import payment_transaction
from . import res_company
from . import res_config_settings
from . import res_users
from . import sale_order
