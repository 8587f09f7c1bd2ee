"""The reports that can be asked for: the platform's, and the product's."""

from dataclasses import replace

from freehold.reports.activity import ACTIVITY
from freehold.reports.models import Reports
from product.projects.reports import PROJECTS

REPORTS: Reports = {report.name: report for report in (replace(ACTIVITY, feature="audit_export"), PROJECTS)}
