def get_person_keys(users, employees):
    """Return what tells the persons behind logins and employees apart (G2).

    Two logins are one person where they share an employee, a contact, or an employee's contact.

    :param users: res.users records
    :param employees: hr.employee records, in any company
    :return: set of (model, id); two sets that meet belong to one person
    """
    # who somebody is counts in every company, also for those who have left
    users_sudo = users.sudo().with_context(active_test=False)
    employees_sudo = employees.sudo().with_context(active_test=False)
    employees_sudo |= employees_sudo.search([("user_id", "in", users_sudo.ids)])
    users_sudo |= employees_sudo.user_id
    partners = users_sudo.partner_id | employees_sudo.work_contact_id
    return {
        (records._name, record_id)
        for records in (users_sudo, employees_sudo, partners)
        for record_id in records.ids
    }
