"""The moment balance: do the good moments make up for the bad ones, and for whom do they not?

The documents say that twelve good moments offset one bad. That twelve is a convention and no measurement. The documents
credit it to Richard Normann, who coined the moment of truth, but no text of his that says twelve was found. Others
credit Ruby Newell-Legner, *Understanding Customers*: "It takes 12 positive experiences to make up for one unresolved
negative experience". Nobody names data, a sample or a method. Twelve is therefore the default of a parameter, because
the documents say so; five (Gottman's, of couples who quarrel) is another number one hears, and no advice either.
"""

from crmcore.balance._counting import Balance, Deficits

__all__ = ["Balance", "Deficits"]
