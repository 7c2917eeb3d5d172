"""Documents of annotations in the formats of other tools, cut-outs, and data sets of photographs."""
