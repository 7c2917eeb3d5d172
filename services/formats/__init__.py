"""Documents of annotations in the formats of other tools, and data sets of photographs."""
