# what: hands in an id twice
# ends: succeeded
# stopped by: the coordinator's check of submissions
# submission: refused
open("final/submission.csv", "w").write("id,p\n1,0.5\n1,0.5\n")
