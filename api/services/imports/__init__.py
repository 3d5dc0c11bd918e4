"""Files that are imported into the store: looked at first, applied whole or not at all, undone.

The same number again is the same patient or doctor, brought up to date; the same file again changes
nothing. Nobody is removed because a file does not name them.
"""

from api.services.imports.batches import Desk as Desk
from api.services.imports.batches import Preview as Preview
from api.services.imports.batches import apply as apply
from api.services.imports.batches import conflicts as conflicts
from api.services.imports.batches import preview as preview
from api.services.imports.batches import same_as as same_as
from api.services.imports.batches import touching as touching
from api.services.imports.batches import undo as undo
from api.services.imports.plan import Conflict as Conflict
from api.services.imports.plan import Fault as Fault
from api.services.imports.plan import File as File
from api.services.imports.plan import Kind as Kind
from api.services.imports.plan import Tally as Tally
