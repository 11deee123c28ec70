"""What happens next with what a customer has asked for, in words. Pure."""

from collections.abc import Mapping

from subscriptions.models import CustomerRequest

State = CustomerRequest.State

CANNOT: Mapping[CustomerRequest.Kind, str] = {
    CustomerRequest.Kind.NAMES: "No name can be asked for now",
    CustomerRequest.Kind.EXTENSION: "No extension can be asked for now",
    CustomerRequest.Kind.REMOVAL: "No removal can be asked for now",
}
NEXT_FOR_CUSTOMER: Mapping[State, str] = {
    State.OPEN: "Your provider sees it and answers it here. Nothing was ordered yet, and no name is reserved.",
    State.QUOTED: "Your provider is asking the certificate authority (CA). Nothing was ordered yet.",
    State.ORDERED: "Your provider has ordered it. It is being done at the CA.",
    State.DONE: "It was done.",
    State.DECLINED: "Your provider declined it. Ask again, or write to your provider, where something has changed.",
    State.WITHDRAWN: "It was withdrawn. Nothing was ordered for it.",
}
NEXT_FOR_STAFF: Mapping[State, str] = {
    State.OPEN: "It waits for an answer: turn it into a quote, or decline it with a reason that the customer reads.",
    State.QUOTED: "The CA was asked. Once the quote is confirmed, it is ordered; where that runs out, open again.",
    State.ORDERED: "It follows the order by itself: done once all of it succeeded, else open again.",
    State.DONE: "The customer was told by mail.",
    State.DECLINED: "The customer was told by mail, with the reason.",
    State.WITHDRAWN: "The customer does not want it any more. There is nothing to do.",
}


def next_for_customer(asked: CustomerRequest) -> str:
    """Say to the customer what happens with it next."""
    return NEXT_FOR_CUSTOMER[State(asked.state)]


def next_for_staff(asked: CustomerRequest) -> str:
    """Say to staff what happens with it next."""
    return NEXT_FOR_STAFF[State(asked.state)]
