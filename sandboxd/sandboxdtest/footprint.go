package sandboxdtest

import "github.com/casemate/casemate/sandboxd/sandboxdtest/footprint"

// Footprint lists what there is of sandboxes on the host and in the records, running ones included.
func (s *Server) Footprint() footprint.Footprint {
	s.t.Helper()
	return footprint.Take(s.t, s.cfg)
}
