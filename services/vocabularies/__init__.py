"""Vocabularies: lists of labels, from files, requests and teaching, in several languages."""
