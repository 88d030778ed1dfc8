// Copy answers what a COPY instruction makes of a folder, by fsutil's package copy, which BuildKit uses for it. It reads
// one JSON object a line, `{"context": {...}, "stage": {...}, "sources": ["..."], "dest": "/...", "mode": 420 or null}`,
// and writes one a line: `{"stage": {...}}`, or `{"error": "..."}`. A tree maps a path to `d`, to `f` and the content,
// or to `l` and where the link points; in answers the permission bits stand behind `d` and `f`: `f644:content`.
//
// tests/localcloud/images/oracle.py runs it.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"

	fscopy "github.com/tonistiigi/fsutil/copy"
)

type question struct {
	Context map[string]string `json:"context"`
	Stage   map[string]string `json:"stage"`
	Sources []string          `json:"sources"`
	Dest    string            `json:"dest"`
	Mode    *int              `json:"mode"`
}

type answer struct {
	Stage map[string]string `json:"stage"`
	Error string            `json:"error,omitempty"`
}

func main() {
	syscall.Umask(0o022)
	input := bufio.NewReader(os.Stdin)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	decoder, encoder := json.NewDecoder(input), json.NewEncoder(output)
	for {
		var asked question
		err := decoder.Decode(&asked)
		if err == io.EOF {
			return
		}
		given := answer{}
		if err == nil {
			given.Stage, err = run(asked)
		}
		if err != nil {
			given = answer{Error: err.Error()}
		}
		if err := encoder.Encode(given); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func run(asked question) (map[string]string, error) {
	root, err := os.MkdirTemp("", "copy")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(root)
	from, to := filepath.Join(root, "context"), filepath.Join(root, "stage")
	if err := errors.Join(write(from, asked.Context), write(to, asked.Stage)); err != nil {
		return nil, err
	}
	for _, source := range asked.Sources {
		found, err := fscopy.ResolveWildcards(from, filepath.Join("/", source), true)
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			if err := fscopy.Copy(context.Background(), from, one, to, clean(asked.Dest), func(info *fscopy.CopyInfo) {
				info.Mode = asked.Mode
				info.CopyDirContents = true
				info.FollowLinks = true
			}); err != nil {
				return nil, err
			}
		}
	}
	return read(to)
}

// clean keeps the end of a path that makes it a folder, as BuildKit's file backend does.
func clean(path string) string {
	result := filepath.Join("/", path)
	switch {
	case result == "/":
	case strings.HasSuffix(path, "/."):
		result += "/."
	case strings.HasSuffix(path, "/"):
		result += "/"
	}
	return result
}

func write(root string, tree map[string]string) error {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	paths := make([]string, 0, len(tree))
	for path := range tree {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		full, entry := filepath.Join(root, path), tree[path]
		var err error
		switch entry[0] {
		case 'd':
			err = os.MkdirAll(full, 0o755)
		case 'l':
			err = os.Symlink(entry[1:], full)
		default:
			err = os.WriteFile(full, []byte(entry[1:]), 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func read(root string) (map[string]string, error) {
	result := map[string]string{}
	return result, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name := path[len(root)+1:]
		switch {
		case info.IsDir():
			result[name] = fmt.Sprintf("d%o:", info.Mode().Perm())
		case info.Mode().Type() == fs.ModeSymlink:
			link, err := os.Readlink(path)
			result[name] = "l" + link
			return err
		default:
			content, err := os.ReadFile(path)
			result[name] = fmt.Sprintf("f%o:%s", info.Mode().Perm(), content)
			return err
		}
		return nil
	})
}
