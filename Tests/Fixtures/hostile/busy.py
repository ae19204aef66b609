# what: computes without end
# ends: time limit
# stopped by: limit on time
# limits: wall=1
while True:
    pass
