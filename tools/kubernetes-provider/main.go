// Command kubernetes-provider is Pulumi's Kubernetes provider. The module's own main package does not build, because its
// release makes the files that it embeds. They are copies of two files of the module: `go build -overlay` puts these
// beside this one.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var mapping []byte

func main() {
	provider.Serve("kubernetes", version.Version, schema, mapping)
}
