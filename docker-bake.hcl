# The image in its three colours, each also under the number of the book's first edition, for every architecture:
#   docker buildx bake -f docker-bake.hcl                                            builds it
#   REGISTRY=registry.example.com/me/ docker buildx bake -f docker-bake.hcl --push   and pushes it
# Where no file is named, bake takes compose.yaml as well, and then builds its two colours alone.

variable "REGISTRY" {
  default = ""
}

# The commit that it is built of.
variable "REVISION" {
  default = "unknown"
}

# A release's, as 1.2.3: then each has a tag that stays, too, as 1.2.3-blue.
variable "VERSION" {
  default = ""
}

# Pushes without a tag, so that nobody gets what is still to be looked at.
variable "BY_DIGEST" {
  default = false
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
  args      = { REVISION = REVISION }
  tags = BY_DIGEST ? ["${REGISTRY}kuard"] : [
    "${REGISTRY}kuard:${version.colour}",
    "${REGISTRY}kuard:${version.number}",
    VERSION == "" ? "" : "${REGISTRY}kuard:${VERSION}-${version.colour}",
  ]
  labels = {
    "org.opencontainers.image.revision" = REVISION
    "org.opencontainers.image.created"  = timestamp()
  }
  annotations = ["index:org.opencontainers.image.title=kuard-ts"]
  attest      = ["type=sbom", "type=provenance,mode=max"]
  output      = ["type=image,oci-mediatypes=true,compression=zstd,compression-level=22,force-compression=true${BY_DIGEST ? ",push-by-digest=true,name-canonical=true" : ""}"]
}
