"""The register of weights: a file each, `<name>.yaml`, read by `rojsat.learn.models.weights_register`."""
