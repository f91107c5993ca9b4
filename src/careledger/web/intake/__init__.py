"""Bringing records in: FHIR files and servers, CSV with column mapping, time logs. Every fault is shown before a row is written.

An import is uploaded, (mapped,) read, looked at, and only then written; reading and writing are background work. What is read
goes through the importers of the command line into a folder of tables, and from there through the one strict reader of such
folders. The look-ahead is the writing itself, taken back at its end, so both count alike.
"""
