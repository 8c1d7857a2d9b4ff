package grpcurl

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// example is one block of shell commands of the page, and the answer that the page shows for it.
type example struct {
	line    int // of the first command
	command string
	// kind is json or text: what the answer is. Empty: the page shows none.
	kind   string
	answer string
	// first and last are the answer's place among the page's lines: from the first to before the last.
	first, last int
}

// fails says whether the page shows an error, and its status code's name.
func (e example) fails() (code string, fails bool) {
	m := regexp.MustCompile(`(?m)\AERROR:\n +Code: (\w+)$`).FindStringSubmatch(e.answer)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// readPage returns a page's lines, and the examples among them.
func readPage(path string) (lines []string, examples []example, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	lines = strings.Split(string(raw), "\n")
	for i := 0; i < len(lines); i++ {
		kind, ok := strings.CutPrefix(lines[i], "```")
		if !ok {
			continue
		}
		end := slices.Index(lines[i+1:], "```") + i + 1
		if end <= i {
			return nil, nil, fmt.Errorf("%s:%d: the block has no end", path, i+1)
		}
		text := strings.Join(lines[i+1:end], "\n")
		switch n := len(examples) - 1; {
		case kind == "sh":
			examples = append(examples, example{line: i + 2, command: text})
		case n >= 0 && (kind == "json" || kind == "text") && examples[n].kind == "":
			examples[n].kind, examples[n].answer, examples[n].first, examples[n].last = kind, text, i+1, end
		default:
			return nil, nil, fmt.Errorf("%s:%d: a block of %q belongs to no command", path, i+1, kind)
		}
		i = end
	}
	return lines, examples, nil
}

// shape returns the paths of the fields in a stream of JSON documents, each with its value's type, sorted. The elements of
// an array are taken together, and so are the documents.
func shape(text string) ([]string, error) {
	paths := map[string]bool{}
	dec := json.NewDecoder(strings.NewReader(text))
	for {
		var document any
		if err := dec.Decode(&document); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		addPaths(paths, "", document)
	}
	var sorted []string
	for p := range paths {
		sorted = append(sorted, p)
	}
	slices.Sort(sorted)
	return sorted, nil
}

func addPaths(paths map[string]bool, at string, value any) {
	switch v := value.(type) {
	case map[string]any:
		paths[at+"{}"] = true
		for name, field := range v {
			addPaths(paths, at+"."+name, field)
		}
	case []any:
		for _, element := range v {
			addPaths(paths, at+"[]", element)
		}
	default:
		paths[fmt.Sprintf("%s %T", at, v)] = true
	}
}
