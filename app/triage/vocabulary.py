"""The closed lists that packs draw from: facts, destinations, speakers. A name outside them does not load.

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
        "grown": "it affects more than at the last look; found by comparing, not by phrases",
        "works_elsewhere": "it works in another browser or on another device",
        "spam": "fraud bait that poses as support",
        "advertising": "words of advertising",
        "auto_reply": "an automatic reply or a bounce",
    }
)

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

SPEAKERS = ("customer", "agent", "worker")
