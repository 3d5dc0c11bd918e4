"""What is remembered, table by table.

Instants are aware and stored in UTC. The rows are not validated when they are built (SQLModel
does not): the file readers and the constraints of the tables are what keeps nonsense out.
"""

from store.tables.access import Account as Account
from store.tables.access import AccountIdentifier as AccountIdentifier
from store.tables.access import ApiKey as ApiKey
from store.tables.access import Delegation as Delegation
from store.tables.access import LoginSession as LoginSession
from store.tables.access import Role as Role
from store.tables.access import SignedLink as SignedLink
from store.tables.bookings import BookableSlot as BookableSlot
from store.tables.bookings import BookableSlotTerritory as BookableSlotTerritory
from store.tables.bookings import Booking as Booking
from store.tables.bookings import Hold as Hold
from store.tables.bookings import Unavailability as Unavailability
from store.tables.directories import DirectoryState as DirectoryState
from store.tables.directories import TravelTime as TravelTime
from store.tables.doctors import Authorisation as Authorisation
from store.tables.doctors import Capacity as Capacity
from store.tables.doctors import Doctor as Doctor
from store.tables.doctors import Licence as Licence
from store.tables.doctors import Practice as Practice
from store.tables.doctors import Replacement as Replacement
from store.tables.duties import Availability as Availability
from store.tables.duties import Duty as Duty
from store.tables.duties import RosterVersion as RosterVersion
from store.tables.duties import Slot as Slot
from store.tables.journal import JournalHead as JournalHead
from store.tables.journal import JournalLine as JournalLine
from store.tables.people import Consent as Consent
from store.tables.people import Household as Household
from store.tables.people import Patient as Patient
from store.tables.places import Commune as Commune
from store.tables.places import Site as Site
from store.tables.places import Structure as Structure
from store.tables.places import Territory as Territory
from store.tables.places import TerritoryCommune as TerritoryCommune
from store.tables.requests import Exclusion as Exclusion
from store.tables.requests import Request as Request
from store.tables.requests import RequestEvent as RequestEvent
from store.tables.row import Row as Row
from store.tables.runs import CommuneFigure as CommuneFigure
from store.tables.runs import Run as Run
from store.tables.service import DatedParameter as DatedParameter
from store.tables.service import IdempotentAnswer as IdempotentAnswer
from store.tables.service import ImportBatch as ImportBatch
from store.tables.service import JobRun as JobRun
from store.tables.service import Lease as Lease
from store.tables.service import OutboxMessage as OutboxMessage
