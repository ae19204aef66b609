# what: hands in a link to a file of the system
# ends: invalid submission
# stopped by: links are not followed
import os
os.symlink("/etc/passwd", "final/submission.csv")
