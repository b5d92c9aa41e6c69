"""The closed lists that packs draw from: facts, destinations, roles, speakers. A name outside them does not load.

Packs choose the phrases, thresholds and rules; they cannot add a fact that no code knows.
"""

from __future__ import annotations

from types import MappingProxyType

FACTS = MappingProxyType(
    {
        "outage": "a whole system or service is down",
        "unusable": "the product cannot be used at all",
        "core_capability_down": "a key capability does not function",
        "broken": "something does not work as it should",
        "error_shown": "it crashes or shows an error",
        "degraded": "slow or impaired, yet usable",
        "intermittent": "it comes and goes",
        "worsening": "it is getting worse or spreading",
        "worked_before": "it worked until a change",
        "revenue_path": "money cannot be taken, paid or earned",
        "deadline": "time-sensitive work is stalled",
        "scope_all": "everybody is affected",
        "scope_many": "many users are affected",
        "scope_few": "a few users are affected",
        "scope_one": "one user is affected",
        "part_spared": "others are expressly not affected",
        "no_workaround": "there is no practical alternative",
        "workaround": "an alternative path works",
        "workaround_broken": "the alternative path stopped working",
        "data_loss": "data is being lost or corrupted",
        "data_missing": "some data is missing, doubled or wrong",
        "data_at_risk": "data may be lost",
        "security_active": "a breach or an exposure is underway",
        "vulnerability": "a weakness that could be exploited is reported",
        "compliance_question": "a question about compliance or data protection",
        "fraud": "somebody else uses a payment means or an account",
        "lockout": "a user cannot get in",
        "cosmetic": "only the looks are concerned",
        "new_capability": "something that does not exist yet is asked for",
        "how_to": "instructions or an explanation are asked for",
        "refund": "money is asked back",
        "dispute": "a charge or a contract is contested",
        "contract": "pricing or terms outside the standard are discussed",
        "churn": "the customer threatens to leave",
        "executive": "the customer invokes executives",
        "legal": "the customer invokes the law",
        "urgency": "the customer claims urgency or a rank; it ranks nothing by itself",
        "verified": "a person on our side reproduced or confirmed the fault",
        "code_fix_needed": "a person on our side names a code fix or a database change",
        "resolved": "it works again",
        "grown": "it affects more than at the last look",
        "works_elsewhere": "it works in another browser or on another device",
        "spam": "fraud bait that poses as support",
        "advertising": "words of advertising",
        "auto_reply": "an automatic reply or a bounce",
        "irreversible": "it cannot be undone",
        "brand_risk": "press, regulators or the public are about to hear of it",
        "contract_critical": "something that the contract promises does not function",
        "promised": "a feature was promised in a contract or negotiation",
        "competitor": "a competitor is named as having it",
        "sales": "the customer wants to buy, or to buy more",
        "partner": "somebody wants to be a partner, or a partner is the trouble",
        "merchandise": "T-shirts and other merchandise are asked for",
        "confused": "the customer did not understand the answers",
        "frustrated": "the customer is angry or frustrated; it ranks nothing by itself",
        "feedback": "general feedback on the product, nothing asked",
        "two_factor": "a second factor of the login is lost or does not work",
        "works_as_designed": "a person on our side found that it works as it should",
        "asks_next_level": "a person on our side asks for the next level",
        "escalated_bare": "a person escalated without a note of what was tried",
        "solved_bare": "an escalated ticket was solved without a note on how",
        "escalated_again": "it was escalated, came back, and was escalated again",
        "undocumented": "people gave the same answer in several tickets and no page says it",
    }
)

IMPACT = frozenset(
    {
        *("outage", "unusable", "core_capability_down", "broken", "degraded", "worsening"),
        *("revenue_path", "deadline", "scope_all", "scope_many", "no_workaround", "workaround_broken", "irreversible"),
        *("data_loss", "data_missing", "data_at_risk", "security_active", "vulnerability", "contract_critical"),
    }
)
"""Facts about what is impaired, for whom, how badly: one more of them never makes a ticket less severe (S1-02)."""

SAID_BY_US = frozenset({"verified", "code_fix_needed", "asks_next_level", "works_as_designed"})
"""Facts that a person on our side tells: what follows from them is that person's wish."""

KNOWN_LATE = frozenset({"escalated_again", "undocumented"})
"""Facts that are known when the level is: rules for what comes before never see them."""

LOOKED_UP = frozenset({"grown", "escalated_bare", "solved_bare"}) | KNOWN_LATE
"""Facts that are found by looking at the ticket and the last decision: no pack holds phrases for them."""

DESTINATIONS = MappingProxyType(
    {
        "frontline": "S0-53",
        "technical": "S0-54",
        "engineering": "S0-55",
        "product": "S0-56",
        "security": "S0-57",
        "finance": "S0-58",
    }
)

ROLES = MappingProxyType(
    {
        "assignee": "the agent who holds the ticket",
        "l2_assignee": "the L2 specialist who holds or held the ticket (S1-32)",
        "l2_on_call": "the L2 technical specialist on call (S1-18)",
        "l3_on_call": "the engineer on call (S1-21)",
        "head_of_support": "the head of customer support (S1-33)",
        "csm": "the customer success manager of the account (S1-33)",
        "cs_leadership": "the leadership of customer support (S4-10)",
        "engineering_lead": "the engineering lead (S2-20)",
        "product_manager": "the product manager (S2-20)",
        "product": "the product team (S4-87)",
        "engagement": "the engagement team (S4-78..86)",
        "marketing": "the marketing team (S4-91)",
        "sales": "the sales team (S4-81)",
        "security_team": "the security team (S0-57)",
        "leadership": "the executives of L4 (S2-27)",
    }
)

CAUSES = MappingProxyType(
    {
        "uncertainty": "the facts leave it open, so it is rounded up (S0-78)",
        "sla": "a promised time has passed (S0-47)",
        "storm": "several customers report the same symptom (S0-48)",
        "churn": "the customer threatens to leave (S0-49)",
        "executive": "the customer invokes executives (S0-49)",
        "workaround": "the alternative path stopped working (S0-50)",
        "blast_radius": "more users, systems or data are affected (S0-51)",
    }
)

SPEAKERS = ("customer", "agent", "worker")
