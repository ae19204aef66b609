# what: makes the results folder a link
# ends: invalid submission
# stopped by: links are not followed
import os
os.rmdir("final")
os.symlink("/etc", "final")
