"""The harness itself: processes are real, and a killed one leaves nothing half done."""

import urllib.request

COUNT = "SELECT count(*) FROM res_partner WHERE name LIKE 'Race %'"


def test_a_killed_process_leaves_nothing(arena):
    actor = arena.start("""
        env["res.partner"].create({"name": "Race killed"})
        env.flush_all()
        reach("created")
        wait("never")
    """)
    arena.wait_for("created")
    actor.kill()
    assert arena.sql(COUNT) == "0"


def test_two_processes_meet_on_one_server(arena):
    server = arena.serve()
    first = arena.start("""
        wait("second is there")
        env["res.partner"].create({"name": "Race first"})
        env.cr.commit()
        reach("first is done")
        report("first")
    """)
    second = arena.start("""
        reach("second is there")
        wait("first is done")
        report(env["res.partner"].search_count([("name", "=", "Race first")]))
    """)
    assert (first.result(), second.result()) == ("first", 1)
    with urllib.request.urlopen(f"{server.url}/web/login") as page:
        assert page.status == 200
