# what: recurses without end
# ends: exception RecursionError
# stopped by: Python
def deeper():
    deeper()
deeper()
