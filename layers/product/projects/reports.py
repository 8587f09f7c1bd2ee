"""The report of projects: all of them, archived ones too."""

from freehold.reports.models import Report
from product.projects import queries
from product.projects.models import ProjectRow
from product.projects.permissions import PROJECTS_READ

PROJECTS = Report(name="projects", permission=PROJECTS_READ, row=ProjectRow, page=queries.projects_between)
