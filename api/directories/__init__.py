"""What is asked of directories elsewhere: addresses, communes, doctors, ways by road.

Each is off unless its address is in the settings. Nothing of what is asked stands in a log or in
an error: an address names a place where somebody lives.
"""
