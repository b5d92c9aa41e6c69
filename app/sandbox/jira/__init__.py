"""The Jira of the sandbox: a Cloud site with a service project and a software project. Shapes after Atlassian's
published REST description; behaviour after its reference pages."""
