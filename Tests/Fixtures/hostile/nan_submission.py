# what: hands in NaN
# ends: succeeded
# stopped by: the coordinator's check of submissions
# submission: refused
open("final/submission.csv", "w").write("id,p\n1,nan\n")
