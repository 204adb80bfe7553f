import base64

from odoo import api, models
from odoo.exceptions import UserError

#: What makes up a file, where it belongs, and who may see it besides.
CONTENT_FIELDS = frozenset(
    {"datas", "raw", "db_datas", "res_model", "res_id", "res_field", "type", "url", "public"}
)

#: What puts a file behind a field of a document.
PLACE_FIELDS = frozenset({"res_model", "res_id", "res_field"})


class IrAttachment(models.Model):
    """Files of quality records are kept as long as the records are (K1)."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse to slip a file behind a field of a document, which would not know of it.

        :raise UserError: naming the file
        """
        files = super().create(vals_list)
        files._ensure_not_slipped_in()
        return files

    def write(self, vals):
        """Refuse to replace or refile the files of kept records.

        :raise UserError: naming the first file
        """
        if not CONTENT_FIELDS.isdisjoint(vals):
            self.check_access("write")  # who may not write it is not told whose it is
            self.filtered(lambda file: file._is_other_content(vals))._ensure_quality_free()
        result = super().write(vals)
        if not PLACE_FIELDS.isdisjoint(vals):
            self._ensure_not_slipped_in()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_quality_kept(self):
        self._ensure_quality_free()

    def _is_other_content(self, vals):
        """Tell whether ``vals`` would change the file; core rewrites it when it moves its store."""
        content = vals.get("raw")
        if content is None and vals.get("datas"):
            content = base64.b64decode(vals["datas"])
        if isinstance(content, str):
            content = content.encode()
        changed = [
            name
            for name in (CONTENT_FIELDS & vals.keys()) - {"raw", "datas"}
            if (vals[name] or False) != (self[name] or False)
        ]
        has_content = not vals.keys().isdisjoint(("raw", "datas"))
        return bool(
            changed or (has_content and self.checksum != self._compute_checksum(content or b""))
        )

    def _ensure_quality_free(self):
        """Refuse what would take a file away from a record that is kept (K1).

        :raise UserError: naming the file and its document
        """
        kinds = set(self.env["quality.retention.rule"]._get_kinds())
        for model, files in self.sudo().grouped("res_model").items():
            if model in kinds:
                if not self.env.su:
                    files._ensure_behind_no_field()
                files._ensure_no_kept_document()
            elif model == "quality.signature" and any(files.mapped("res_id")):
                raise UserError(
                    self.env._(
                        "%(file)s proves a signature, so it is kept as it is.", file=files[0].name
                    )
                )

    def _ensure_behind_no_field(self):
        """A file behind a field is changed through its document, which checks and notes it."""
        for file in self.filtered("res_field"):
            raise UserError(
                self.env._(
                    "%(file)s is part of a quality document. Change it there: the document keeps "
                    "its fingerprint and says whether it may still change.",
                    file=file.name,
                )
            )

    def _ensure_not_slipped_in(self):
        """Fields of documents are filled by the documents themselves, as superuser."""
        if self.env.su or not any(file.res_field for file in self):
            return
        kinds = set(self.env["quality.retention.rule"]._get_kinds())
        self.filtered(lambda file: file.res_model in kinds)._ensure_behind_no_field()

    def _ensure_no_kept_document(self):
        filed = self.filtered("res_id")
        documents = self.env[self[:1].res_model].sudo().browse(set(filed.mapped("res_id"))).exists()
        kept = documents._filter_files_kept()
        closed = documents.filtered(lambda document: document.phase != "open")
        for file in filed:
            # a file behind a field is the field's to guard while its document is open
            if file.res_id in (closed & kept if file.res_field else kept).ids:
                raise UserError(
                    self.env._(
                        "%(file)s belongs to %(number)s, which is kept as it is. Add another file "
                        "instead of replacing or deleting this one.",
                        file=file.name,
                        number=documents.browse(file.res_id).name,
                    )
                )
