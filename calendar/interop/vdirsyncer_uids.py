"""vdirsyncer, but keeping UIDs: as it is, it trusts no feed's and names events after their content."""
import sys

from vdirsyncer.cli import main
from vdirsyncer.storage.http import HttpStorage

HttpStorage._ignore_uids = False
sys.argv[0] = "vdirsyncer"
sys.exit(main())
