"""The judge: finds the figures of an article and holds each against the data of the day it appeared.

It shares facts with the author (`report`), and no formula: every number that it compares with is a fact.
"""
