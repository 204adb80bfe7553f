import re

from odoo.tests import HttpCase, tagged

URL = "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&filter=@customer_quality"


@tagged("post_install", "-at_install")
class TestUnitTestsInTheBrowser(HttpCase):
    def test_desktop(self):
        """Our hoot tests pass, and there is at least one: a filter that finds none passes too."""
        with self.assertLogs(self._logger.getChild("browser"), "INFO") as logs:
            self.browser_js(
                URL,
                code="",
                ready="",
                login="admin",
                timeout=120,
                success_signal="[HOOT] Test suite succeeded",
                error_checker=lambda message: "[HOOT]" not in message,
            )
        passed = re.search(r"\[HOOT\] Passed (\d+) tests", "\n".join(logs.output))
        self.assertTrue(passed, "The browser did not say how many tests passed.")
        self.assertGreater(int(passed[1]), 0)
