from .models.blocks.signature import drop_signature_guards


def post_init_hook(env):
    """Give every company that exists already its mapping of roles."""
    env["res.company"].search([])._create_quality_roles()


def uninstall_hook(env):
    """Take away what the ORM does not know of: the triggers that guard signatures."""
    drop_signature_guards(env)
