// Dockerfile answers what image configuration BuildKit's Dockerfile frontend makes of a Dockerfile. It reads one JSON
// object a line, `{"text": "...", "args": {"NAME": "value"}}`, and writes one a line: `{"config": {...}}`, or
// `{"error": "..."}` where BuildKit refuses it. Nothing is built and no image is fetched, so bases must be scratch.
//
// tests/localcloud/images/oracle.py runs it.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

type question struct {
	Text string            `json:"text"`
	Args map[string]string `json:"args"`
}

type answer struct {
	Config any    `json:"config"`
	Author string `json:"author,omitempty"`
	Error  string `json:"error,omitempty"`
}

func main() {
	input := bufio.NewReader(os.Stdin)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	decoder, encoder := json.NewDecoder(input), json.NewEncoder(output)
	for {
		var asked question
		if err := decoder.Decode(&asked); err == io.EOF {
			return
		} else if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := encoder.Encode(convert(asked)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func convert(asked question) answer {
	local := llb.Local("context")
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	result, err := dockerfile2llb.Dockerfile2LLB(context.Background(), []byte(asked.Text), dockerfile2llb.ConvertOpt{
		Config:         dockerui.Config{BuildArgs: asked.Args, BuildPlatforms: []ocispecs.Platform{platform}},
		TargetPlatform: &platform,
		MainContext:    &local,
	})
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Config: result.Image.Config, Author: result.Image.Author}
}
