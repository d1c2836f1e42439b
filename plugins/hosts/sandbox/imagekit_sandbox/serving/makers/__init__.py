"""The APIs of models' makers, which several upstreams pass on."""
