#!/bin/sh
# Holds what there is to hold, and looks after nobody.
exec sleep 1000
