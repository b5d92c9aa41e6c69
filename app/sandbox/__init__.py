"""A Zendesk and a Jira to try the product on: stateful, strict, on one port of this machine, nothing of ours inside.

    server     one port: /zendesk (paths below it as at Zendesk), /jira (as at Jira), /control, and a page at /
    zendesk/   tickets, users, groups: records, changes (what an update may do), events (its webhooks), rest
    jira/      issues, comments, links: the same files
    webhooks   signs and delivers, tries again as the vendor does, and can be told to misbehave
    faults     connections that break, hang, or bring something else than the answer
    journal    what was written, by whom
    control    the other side of the desk: customers who write, agents who edit, faults to arm
    seeds/     some sixty tickets, and what a careful reader would make of each

Where a vendor's behaviour could not be verified, the sandbox takes the stricter reading: what passes here passes there.
"""
