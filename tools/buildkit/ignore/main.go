// Ignore answers which files of a build context BuildKit's client sends, by the libraries that it uses itself:
// moby/patternmatcher and fsutil. It reads one JSON object a line, `{"text": "...", "tree": ["path", ...]}`, and
// writes one a line: `{"sent": [...]}`, or `{"error": "..."}` where a pattern is invalid. Invalid are also patterns that
// the library takes although they do not follow the syntax of path.Match: its own check ends at the first mismatch.
//
// tests/buildcontext/oracle.py runs it.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	gofs "io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
)

type question struct {
	Text string   `json:"text"`
	Tree []string `json:"tree"`
}

type answer struct {
	Sent  []string `json:"sent"`
	Error string   `json:"error,omitempty"`
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
		given := answer{Sent: []string{}}
		if sent, err := send(asked); err != nil {
			given.Error = err.Error()
		} else {
			given.Sent = append(given.Sent, sent...)
		}
		if err := encoder.Encode(given); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func send(asked question) ([]string, error) {
	patterns, err := ignorefile.ReadAll(strings.NewReader(asked.Text))
	if err != nil {
		return nil, err
	}
	if err := valid(patterns); err != nil {
		return nil, err
	}
	filtered, err := fsutil.NewFilterFS(tree(asked.Tree), &fsutil.FilterOpt{ExcludePatterns: patterns})
	if err != nil {
		return nil, err
	}
	var sent []string
	err = filtered.Walk(context.Background(), "/", func(name string, _ gofs.DirEntry, err error) error {
		sent = append(sent, name)
		return err
	})
	return sent, err
}

// valid compiles every pattern, which the library itself does only when a pattern is first needed.
func valid(patterns []string) error {
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return err
	}
	for _, pattern := range matcher.Patterns() {
		if _, err := path.Match(pattern.String(), ""); err != nil {
			return fmt.Errorf("%q: %w", pattern.String(), err)
		}
		one, err := patternmatcher.New([]string{"x/" + pattern.String()})
		if err == nil {
			_, err = one.MatchesOrParentMatches("x")
		}
		if err != nil {
			return fmt.Errorf("%q: %w", pattern.String(), err)
		}
	}
	return nil
}

// tree is a file system in memory: the paths of its files; folders are implied, or end with a slash.
type tree []string

func (t tree) Open(string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("")), nil
}

func (t tree) Walk(_ context.Context, _ string, visit gofs.WalkDirFunc) error {
	folders := map[string]bool{}
	for _, name := range t {
		clean := strings.TrimSuffix(name, "/")
		folders[clean] = folders[clean] || strings.HasSuffix(name, "/")
		for parent := path.Dir(clean); parent != "."; parent = path.Dir(parent) {
			folders[parent] = true
		}
	}
	names := make([]string, 0, len(folders))
	for name := range folders {
		names = append(names, name)
	}
	// The order of a walk: what is in a folder follows it at once.
	sort.Slice(names, func(i, j int) bool {
		return strings.ReplaceAll(names[i], "/", "\x00") < strings.ReplaceAll(names[j], "/", "\x00")
	})
	skipped := ""
	for _, name := range names {
		if skipped != "" && strings.HasPrefix(name, skipped) {
			continue
		}
		mode := uint32(0o644)
		if folders[name] {
			mode = uint32(os.ModeDir | 0o755)
		}
		stat := &types.Stat{Path: name, Mode: mode}
		err := visit(name, &fsutil.DirEntryInfo{Stat: stat}, nil)
		if err == filepath.SkipDir {
			skipped = name + "/"
		} else if err != nil {
			return err
		}
	}
	return nil
}
