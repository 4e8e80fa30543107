"""The demonstration: five weeks of an invented municipality's cases, made through the running stack."""
