"""The Zendesk of the sandbox. Shapes after Zendesk's Support API description; behaviour after its reference pages."""
