package sandbox

// ReservedEnvNames are all reserved names, and prefixes with a `*`, as the API's documentation lists them.
func ReservedEnvNames() (all []string) {
	for _, g := range reservedEnvNames {
		all = append(all, g.names...)
		for _, p := range g.prefixes {
			all = append(all, "`"+p+"*`")
		}
	}
	return all
}
