# The image in its three colours, each also under the number of the book's first edition, for every architecture:
#   docker buildx bake                                            builds it
#   REGISTRY=registry.example.com/me/ docker buildx bake --push   and pushes it

variable "REGISTRY" {
  default = ""
}

variable "REVISION" {
  default = ""
}

variable "PLATFORMS" {
  default = "linux/amd64,linux/arm64"
}

target "default" {
  name   = version.colour
  matrix = {
    version = [
      { colour = "blue", number = "1" },
      { colour = "green", number = "2" },
      { colour = "purple", number = "3" },
    ]
  }
  target    = version.colour
  platforms = split(",", PLATFORMS)
  tags      = ["${REGISTRY}kuard:${version.colour}", "${REGISTRY}kuard:${version.number}"]
  labels = {
    "org.opencontainers.image.revision" = REVISION
    "org.opencontainers.image.created"  = timestamp()
  }
  annotations = ["index:org.opencontainers.image.title=kuard-ts"]
  attest      = ["type=sbom", "type=provenance,mode=max"]
  output      = ["type=image,oci-mediatypes=true,compression=zstd,compression-level=22,force-compression=true"]
}
