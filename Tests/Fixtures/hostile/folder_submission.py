# what: hands in a folder
# ends: invalid submission
# stopped by: only plain files are taken
import os
os.mkdir("final/submission.csv")
